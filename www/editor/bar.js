// @ts-check
/** @import {Editor} from './editor.js' */
/** What the edit would change, and the buttons that do it, drop it, or take it back. */
import { make, write } from '../dom.js';
import { t } from '../i18n/text.js';
import { checkConfig, readConfig, undoConfig, versions, writeConfig } from './config_api.js';
import { same } from './json_tree.js';
import { button } from './form.js';
import { explain, under } from './problems.js';

const CHECK_AFTER_MS = 250;

export class Bar {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** @type {{path: string, message: string}[]} */
    this.errors = [];
    /** @type {any} */
    this.found = null;
    this.hasVersions = false;
    this.isBusy = false;
    this.message = '';
    /** What was sent when the connection broke. @type {string|null} */
    this.uncertain = null;
    /** Another version is in the file: whose counts? */
    this.isBehind = false;
    this.timer = 0;
    this.asked = 0;
    this.text = make('div.bar-text', { 'role': 'status', 'aria-live': 'polite' });
    this.tools = make('div.act');
    // They stay the same buttons: none is exchanged under a finger.
    this.buttons = {
      apply: button('', () => this.apply(), '.button-strong'),
      discard: button('', () => this.#discard()),
      undo: button('', () => this.undo()),
      theirs: button('', () => this.#reload()),
      mine: button('', () => this.#overwrite()),
    };
    this.buttons.apply.id = 'edit-apply';
    this.element = make('div.edit-bar', { hidden: true }, this.text, this.tools);
  }

  /** The draft is the file again. */
  async loaded() {
    Object.assign(this, { errors: [], found: null, isBehind: false, uncertain: null });
    this.hasVersions = (await versions().catch(() => [])).length > 0;
    this.draw();
  }

  /** @param {string} path @returns {string} what the gateway has against it */
  faultsUnder(path) {
    return this.errors
      .filter((error) => under(error.path, path) !== null)
      .map(({ message }) => message)
      .join(' ');
  }

  /** Asks the gateway what the draft would do, once nothing was changed for a moment. */
  check() {
    this.message = '';
    this.found = null;
    this.draw();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#check(), CHECK_AFTER_MS);
  }

  async #check() {
    const number = ++this.asked;
    const { draft } = this.editor;
    if (!draft.isChanged) {
      this.errors = [];
      this.found = null;
      this.draw();
      return;
    }
    try {
      const found = await checkConfig(draft.text);
      if (number !== this.asked) return;
      const had = this.errors.length;
      this.found = found;
      this.errors = found.errors ?? [];
      if (had || this.errors.length) this.editor.render();
    } catch (/** @type {any} */ error) {
      this.message = explain(error);
    }
    this.draw();
  }

  draw() {
    const { draft } = this.editor;
    const isChanged = draft.isChanged;
    this.element.hidden = !isChanged && !this.hasVersions && !this.message;
    const lines = this.message
      ? [make('p.fault', {}, this.message)]
      : isChanged
        ? this.#sentences()
        : [];
    this.text.replaceChildren(...lines);
    const { apply, discard, undo, theirs, mine } = this.buttons;
    apply.disabled = this.isBusy || this.errors.length > 0;
    for (const [name, one] of Object.entries(this.buttons)) write(one, t(`edit.${name}`));
    const tools = this.isBehind ? [theirs, mine] : isChanged ? [apply, discard] : [undo];
    if (
      same(
        [...this.tools.children].map((one) => tools.indexOf(one)),
        [...tools.keys()],
      )
    )
      return;
    this.tools.replaceChildren(...tools);
  }

  /** @returns {Node[]} "Relay: new, on GPIO24." */
  #sentences() {
    if (this.errors.length) {
      return this.errors
        .slice(0, 5)
        .map(({ path, message }) => make('p.fault', {}, `${path}: ${message}`));
    }
    if (!this.found) return [make('p.hint', {}, t('edit.checking'))];
    const { draft } = this.editor;
    const after = draft.lines;
    const before = this.before.lines ?? [];
    const title = (/** @type {string} */ name) =>
      this.editor.titleOf([...after, ...before].find((one) => one.name === name) ?? { name });
    const pinOf = (/** @type {any[]} */ lines, /** @type {string} */ name) => {
      const line = lines.find((one) => one.name === name);
      return line?.gpio ?? line?.pwm ?? '';
    };
    const changes = this.found.changes.filter((/** @type {any} */ one) => one.is !== 'kept');
    const kept = this.found.changes.length - changes.length;
    const said = changes.map((/** @type {any} */ { line, is, was }) => {
      const pin = pinOf(after, line);
      const moves = is === 'changed' && pin !== pinOf(before, line);
      return t(`change.${moves ? 'moved' : is}`, { line: title(line), pin, was: title(was) });
    });
    for (const group of /** @type {const} */ (['rules', 'scenes', 'interlocks'])) {
      if (!same(this.before[group] ?? [], draft.group(group))) said.push(t(`change.${group}`));
    }
    const names = (/** @type {any[]} */ list, /** @type {any[]} */ others) =>
      list.map(({ name }) => name).filter((name) => others.some((one) => one.name === name));
    if (!same(names(before, after), names(after, before))) said.push(t('change.order'));
    if (kept) said.push(t('change.kept', { n: kept }));
    for (const key of this.found.waits ?? []) said.push(t('change.waits', { key }));
    const warnings = (this.found.warnings ?? []).map((/** @type {string} */ text) =>
      make('p.warning', {}, text),
    );
    return [make('p', {}, said.join(' ')), ...warnings];
  }

  /** The circuit of the file. @returns {any} */
  get before() {
    try {
      return JSON.parse(this.editor.draft.original).circuit ?? {};
    } catch {
      return {};
    }
  }

  #discard() {
    this.editor.draft.discard();
    this.editor.change(() => {});
  }

  async apply() {
    const { draft } = this.editor;
    const { text } = draft;
    await this.#work(async () => {
      const { etag } = await writeConfig(text, draft.etag);
      await this.#applied(text, etag);
    }, text);
  }

  /** @param {string} text @param {string} etag */
  async #applied(text, etag) {
    this.editor.draft.applied(text, etag);
    this.editor.hasAsked = false;
    this.editor.notify(t('edit.applied'), false, { label: t('edit.undo'), run: () => this.undo() });
    await this.#reload();
  }

  async undo() {
    await this.#work(async () => {
      await undoConfig();
      this.editor.notify(t('edit.undone'));
      await this.#reload();
    }, null);
  }

  async #reload() {
    await this.editor.load();
    this.editor.render();
  }

  /** What the other has written is kept among the versions. */
  async #overwrite() {
    this.editor.draft.etag = (await readConfig()).etag;
    this.isBehind = false;
    await this.apply();
  }

  /** @param {() => Promise<void>} work @param {string|null} sent */
  async #work(work, sent) {
    if (this.isBusy) return;
    this.isBusy = true;
    this.message = '';
    this.draw();
    try {
      await work();
    } catch (/** @type {any} */ error) {
      this.isBehind = error.status === 412;
      this.uncertain = error.status === 0 ? sent : null;
      this.message = this.isBehind
        ? t('edit.behind')
        : this.uncertain
          ? t('edit.uncertain')
          : explain(error);
      if (error.data?.errors) this.errors = error.data.errors;
    }
    this.isBusy = false;
    this.draw();
  }

  /** The connection is back: did the file take what was on its way? True when it was asked. */
  async settle() {
    if (this.uncertain === null) return false;
    const sent = this.uncertain;
    const file = await readConfig().catch(() => null);
    if (!file) return true;
    this.uncertain = null;
    this.message = '';
    if (file.text === sent) await this.#applied(sent, file.etag);
    else if (file.etag !== this.editor.draft.etag) {
      this.isBehind = true;
      this.message = t('edit.behind');
    } else this.message = t('edit.not.applied');
    this.draw();
    return true;
  }
}
