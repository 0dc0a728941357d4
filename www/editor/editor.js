// @ts-check
/** @import {Store} from '../store.js' */
/** @import {Link} from '../link.js' */
/** @import {Group} from './draft.js' */
/** The bench: the circuit as it is to be, until it is applied or discarded. */
import { clone, find, make, useStyle } from '../dom.js';
import { t, titleOf } from '../i18n/text.js';
import { copy, openSheet } from '../views/sheet.js';
import { Bar } from './bar.js';
import { checkConfig, configSchema, readConfig, readPins } from './config_api.js';
import { Draft } from './draft.js';
import { button } from './form.js';
import { interlockWords, openInterlock, openScene, sceneWords } from './group_form.js';
import { openLine } from './line_form.js';
import { PARTS } from './parts.js';
import { explain, under } from './problems.js';
import { openRule } from './rule_form.js';
import { ruleWords } from './sentence_words.js';
import { reorder } from './reorder.js';
import { openText } from './text_sheet.js';

/** The trigger that each member of a rule's `when` stands for. */
const TRIGGERS = { line: 'line', time: 'time', sun: 'sun', every_ms: 'every', start: 'start' };

/** @param {any} whole what the composition root hands to every view */
export async function open(whole) {
  await useStyle('edit.css');
  const editor = new Editor(whole);
  return {
    show: () => editor.show(),
    hide: () => editor.hide(),
    rerender: () => editor.render(),
  };
}

/** @param {Editor} editor @param {any} rule */
const ruleText = (editor, rule) =>
  ruleWords(editor.subject, rule) ?? `${rule.name ?? t('edit.rule')}: ${t('edit.as.text')}`;

export class Editor {
  /** @param {{root: HTMLElement, store: Store, link: Link, notify: any, notices: Set<any>}} whole */
  constructor({ root, store, link, notify, notices }) {
    this.root = root;
    this.store = store;
    this.link = link;
    this.notify = notify;
    this.notices = notices;
    /** @type {Draft} */
    this.draft = new Draft('{}', '*');
    /** @type {any[]} */
    this.pins = [];
    /** @type {any} */
    this.schema = {};
    this.isShown = false;
    this.wantedPin = '';
    this.hasAsked = false;
    this.state = 'loading';
    this.bar = new Bar(this);
    this.said = make('p.unseen', { 'role': 'status', 'aria-live': 'polite' });
    store.viewers.add(({ rebuilt }) => {
      if (rebuilt && this.isShown) this.#circuitChanged();
    });
    addEventListener('beforeunload', (event) => {
      if (this.draft.isChanged) event.preventDefault();
    });
  }

  get language() {
    return document.documentElement.lang || 'en';
  }

  // What the gateway's own description of its file allows.
  get #ruleKeys() {
    return this.schema.properties?.circuit?.properties?.rules?.items?.properties ?? {};
  }

  /** @returns {string[]} */
  get triggers() {
    const when = this.#ruleKeys.when?.properties ?? { line: {} };
    return Object.entries(TRIGGERS).flatMap(([key, name]) => (key in when ? [name] : []));
  }

  /** @returns {string[]} */
  get edges() {
    return this.#ruleKeys.when?.properties?.edge?.enum ?? ['rising', 'falling'];
  }

  get hasDelay() {
    return 'after_ms' in this.#ruleKeys;
  }

  get hasCondition() {
    return 'if' in this.#ruleKeys;
  }

  /** What rules may be about. @returns {import('./sentence_words.js').Subject} */
  get subject() {
    const { edges, triggers, hasDelay, hasCondition } = this;
    const { lines } = this.draft;
    const scenes = this.draft.group('scenes');
    return { lines, scenes, edges, triggers, hasDelay, hasCondition };
  }

  get knowsWas() {
    return 'was' in (this.schema.properties?.circuit?.properties?.lines?.items?.properties ?? {});
  }

  /** @param {any} one a line or scene of the config */
  titleOf(one) {
    return titleOf(one.title, one.name);
  }

  /** @param {string} base @param {'lines'|Group} [group] a title that no other has */
  freeTitle(base, group = 'lines') {
    const taken = new Set(
      (this.draft.circuit[group] ?? []).map((/** @type {any} */ one) => this.titleOf(one)),
    );
    let title = base;
    for (let n = 2; taken.has(title); n += 1) title = `${base} ${n}`;
    return title;
  }

  async show() {
    // A person who asked a pin wants the next part there.
    const [, pin] = location.hash.split('/');
    if (pin) this.wantedPin = decodeURIComponent(pin);
    if (this.isShown) return;
    this.isShown = true;
    if (this.store.circuit && this.store.circuit.role !== 'admin') this.state = 'viewer';
    else if (!this.draft.isChanged) await this.load();
    this.render();
    if (pin) this.root.querySelector('.part-card')?.focus();
  }

  /** Leaving with changes asks once; the changes are still there on return. */
  hide() {
    if (!this.isShown) return;
    this.isShown = false;
    this.wantedPin = '';
    if (!this.draft.isChanged || this.hasAsked) return;
    this.hasAsked = true;
    const sheet = openSheet(
      t('edit.leave'),
      make('p', {}, t('edit.leave.why')),
      make(
        'div.act',
        {},
        button(
          t('edit.back'),
          () => {
            sheet.close();
            // The sheet's own step back in the history comes first.
            setTimeout(() => location.assign('#edit'), 50);
          },
          '.button-strong',
        ),
        button(t('edit.discard'), () => {
          this.draft.discard();
          sheet.close();
        }),
      ),
    );
  }

  /** Reads everything anew. */
  async load() {
    try {
      const [{ text, etag }, { pins }, schema] = await Promise.all([
        readConfig(),
        readPins(),
        configSchema(),
      ]);
      this.draft = new Draft(text, etag);
      this.pins = pins;
      this.schema = schema;
      this.state = 'ready';
      this.hasAsked = false;
      await this.bar.loaded();
    } catch (/** @type {any} */ error) {
      this.state = error.status === 403 ? 'viewer' : 'failed';
      this.fault = explain(error);
    }
  }

  /** Somebody else changed the circuit, or we did: what nobody edits here is read anew. */
  async #circuitChanged() {
    if (!this.store.live) return;
    if (await this.bar.settle()) return;
    if (this.draft.isChanged || this.bar.isBusy || document.querySelector('dialog[open]')) return;
    await this.load();
    this.render();
  }

  /** Changes the draft, without asking the gateway first. @param {() => void} work */
  change(work) {
    work();
    this.render();
    this.bar.check();
  }

  /**
   * Changes the draft where the gateway has nothing against what stands at `path` then.
   * @param {string} path @param {() => void} work
   * @returns {Promise<{path: string, message: string}[]>} what it has, paths from `path` on
   */
  async tryChange(path, work) {
    const before = this.draft.text;
    work();
    let errors = [];
    try {
      errors = (await checkConfig(this.draft.text)).errors ?? [];
    } catch {
      // Not now: the bar checks it again before anything is applied.
    }
    const own = errors.flatMap(({ path: at, message }) => {
      const rest = under(at, path);
      return rest === null ? [] : [{ path: rest, message }];
    });
    if (own.length) this.draft.replaceText(before);
    else this.change(() => {});
    return own;
  }

  /** The text, at one place of it. @param {string} [path] */
  openText(path) {
    openText(this, path);
  }

  // ---- what is shown

  render() {
    if (!this.isShown) return;
    const { activeElement } = document;
    const held = activeElement instanceof HTMLElement ? activeElement.dataset.keep : undefined;
    this.root.replaceChildren(...this.#content(), this.said);
    if (held) this.root.querySelector(`[data-keep="${CSS.escape(held)}"]`)?.focus();
  }

  /** @returns {Node[]} */
  #content() {
    const back = make('a.button', { href: '#circuit' }, t('edit.done'));
    const head = make('div.edit-head', {}, make('h2', {}, t('edit.heading')), back);
    if (this.state === 'viewer') return [head, make('p', {}, t('edit.admin'))];
    if (this.state === 'failed')
      return [
        head,
        make('p.fault', { role: 'alert' }, this.fault),
        button(t('link.retry'), async () => {
          await this.load();
          this.render();
        }),
      ];
    if (this.state !== 'ready') return [head, make('p', {}, t('loading'))];
    const { draft } = this;
    const isNew = draft.lines.length === 0;
    return [
      head,
      draft.isExample && !draft.isChanged ? this.#example() : null,
      isNew ? make('p.greeting', {}, t('edit.greeting.empty')) : this.#lines(),
      make(
        'h3',
        { id: 'edit-parts' },
        this.wantedPin
          ? t('edit.part.at', { pin: this.wantedPin })
          : t(isNew ? 'edit.greeting' : 'edit.part.add'),
      ),
      this.#parts(),
      isNew ? null : this.#group('rules', openRule, ruleText),
      isNew ? null : this.#group('scenes', openScene, sceneWords),
      isNew ? null : this.#group('interlocks', openInterlock, interlockWords),
      make(
        'div.act',
        {},
        button(t('edit.text'), () => this.openText()),
        button(t('edit.copy'), () => copy(draft.text, this.notify)),
      ),
      this.bar.element,
    ].filter((node) => node !== null);
  }

  #example() {
    return make(
      'div.greeting',
      {},
      make('p', {}, t('edit.example')),
      button(t('edit.example.clear'), () => this.change(() => this.draft.removeAllLines())),
    );
  }

  #parts() {
    return make(
      'div.part-grid',
      { 'role': 'group', 'aria-labelledby': 'edit-parts' },
      ...PARTS.map((part) =>
        make(
          'button.part-card',
          {
            'type': 'button',
            'data-part': part,
            'onclick': () => openLine(this, this.draft.lines.length, part),
          },
          make('span.part', { 'aria-hidden': 'true' }, clone(`part-${part}`)),
          make('span', {}, t(`part.${part}`)),
        ),
      ),
    );
  }

  #lines() {
    const list = make('ul.edit-lines', { 'role': 'list', 'aria-label': t('lines') });
    this.draft.lines.forEach((line, place) => {
      const title = this.titleOf(line);
      const faults = this.bar.faultsUnder(`circuit.lines[${place}]`);
      const handle = make(
        'button.edit-handle',
        {
          'type': 'button',
          'aria-label': t('edit.move', { line: title }),
          'data-keep': `move-${line.name}`,
        },
        '⠿',
      );
      const open = make(
        'button.edit-open',
        { 'type': 'button', 'data-keep': `line-${line.name}` },
        make('span.part', { 'aria-hidden': 'true' }, clone(`part-${line.part ?? 'generic'}`)),
        make('span.edit-title', {}, title),
        make('span.hint', {}, line.gpio ?? line.pwm ?? `${line.chip ?? ''} ${line.offset ?? ''}`),
        faults && make('span.fault', {}, faults),
      );
      open.addEventListener('click', () => openLine(this, place));
      list.append(make('li.edit-line', { 'data-line': line.name }, handle, open));
    });
    reorder(list, (from, to) => {
      const title = this.titleOf(this.draft.lines[from]);
      this.change(() => this.draft.moveLine(from, to));
      this.said.textContent = t('edit.moved', { line: title, n: to + 1 });
    });
    return list;
  }

  /**
   * @param {Group} group @param {(editor: Editor, place: number) => void} openOne
   * @param {(editor: Editor, one: any) => string} words
   */
  #group(group, openOne, words) {
    const all = this.draft.group(group);
    return make(
      'section.edit-group',
      { 'aria-labelledby': `edit-${group}` },
      make('h3', { id: `edit-${group}` }, t(`edit.${group}`)),
      ...all.map((one, place) => {
        const faults = this.bar.faultsUnder(`circuit.${group}[${place}]`);
        const row = button(words(this, one), () => openOne(this, place), '.edit-sentence');
        if (faults) row.append(make('span.fault', {}, faults));
        return row;
      }),
      button(t(`edit.${group}.add`), () => openOne(this, all.length), '.button-quiet'),
    );
  }

  /** @param {string} selector */
  find(selector) {
    return find(this.root, selector);
  }
}
