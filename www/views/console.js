// @ts-check
/** @import {Store} from '../store.js' */
/** @import {Link} from '../link.js' */
/** @import {Commands} from '../commands.js' */
import { make, write, useStyle } from '../dom.js';
import { t, knows } from '../i18n/text.js';
import { parse, complete, wordPlace } from '../command_parser.js';
import { CommandTable, loadCommandTable } from '../command_table.js';
import { asWebSocket, snippet } from '../snippets.js';
import { copy, check } from './sheet.js';
import { placeOf } from './snippet_panel.js';

const ENTRIES_MOST = 200;
const OFFERS_MOST = 30;
const LINE_MOST = 110;

/** @typedef {{root: HTMLElement, store: Store, link: Link, commands: Commands, frames: Set<(direction: string, text: string) => void>, notify: (text: string, alarm?: boolean) => void}} Whole */

/** @param {Whole} whole */
export async function open(whole) {
  await useStyle('views.css');
  return new ConsoleView(whole);
}

/** Commands by hand, in words or JSON-RPC, and what came back. */
class ConsoleView {
  /** @param {Whole} whole */
  constructor(whole) {
    this.whole = whole;
    /** @type {string[]} */
    this.past = [];
    this.place = 0;
    this.traffic = false;
    this.table = new CommandTable();
    this.log = make('ol.entries', { 'aria-label': t('console.log'), 'tabindex': 0 });
    whole.frames.add((direction, text) => {
      if (this.traffic && this.shown) this.#add(direction === 'out' ? 'out' : 'in', text);
    });
    this.shown = false;
    whole.store.viewers.add(({ rebuilt }) => rebuilt && this.#offer());
    this.rerender();
  }

  show() {
    this.shown = true;
    if (matchMedia('(hover: hover)').matches) this.input.focus();
    this.#learn();
  }

  hide() {
    this.shown = false;
  }

  rerender() {
    this.input = make('input', {
      id: 'command',
      type: 'text',
      list: 'offers',
      spellcheck: 'false',
      autocapitalize: 'off',
      autocomplete: 'off',
      enterkeyhint: 'send',
    });
    this.offers = make('datalist', { id: 'offers' });
    const form = make(
      'form.prompt',
      {},
      make('label', { for: 'command' }, t('console.command')),
      this.input,
      this.offers,
      make('button.button.button-strong', { type: 'submit' }, t('console.send')),
    );
    form.addEventListener('submit', (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#send();
    });
    this.input.addEventListener('input', () => this.#offer());
    this.input.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) =>
      this.#recall(event),
    );
    const copies = make(
      'div.copies',
      {},
      make('span.hint', {}, t('console.copy')),
      ...[
        ['curl', 'curl'],
        ['nc', 'nc'],
        ['websocket', 'WebSocket'],
      ].map(([kind, words]) =>
        make('button.button', { type: 'button', onclick: () => this.#copy(kind) }, words),
      ),
    );
    this.help = make('div.help-words');
    const help = make(
      'details.help',
      {},
      make('summary', {}, t('console.help')),
      make('p', {}, t('console.help.words')),
      this.help,
      make('p', {}, t('console.help.rpc')),
      make(
        'pre',
        {},
        'line.set {"line":"red","value":1}\n{"jsonrpc":"2.0","id":1,"method":"circuit.get"}',
      ),
    );
    this.chips = make('div.chips', { 'aria-label': t('console.examples'), 'role': 'group' });
    this.start = make('p.hint', { hidden: this.log.children.length > 0 }, t('console.start'));
    this.whole.root.replaceChildren(
      this.chips,
      form,
      copies,
      check(t('console.traffic'), this.traffic, (on) => {
        this.traffic = on;
      }),
      this.start,
      this.log,
      help,
    );
    this.#offer();
  }

  async #learn() {
    const { link, store } = this.whole;
    this.table = await loadCommandTable(link, store.circuit?.boot);
    this.#offer();
    this.#explain();
  }

  /** Every word with what it does. */
  #explain() {
    const rows = this.table.methods
      .filter(({ word }) => word)
      .flatMap((method) => [
        make('dt', {}, make('code', {}, method.usage ?? method.word)),
        make('dd', {}, summaryOf(method)),
      ]);
    this.help.replaceChildren(make('dl', {}, ...rows));
  }

  #offer() {
    const { lines = [], scenes = [] } = this.whole.store.circuit ?? {};
    const output = lines.find(({ direction }) => direction === 'output')?.name ?? 'LINE';
    this.input.placeholder = `toggle ${output}`;
    const names = { line: lines.map(({ name }) => name), scene: scenes.map(({ name }) => name) };
    const phrases = complete(this.input.value, this.table, names, OFFERS_MOST);
    this.offers.replaceChildren(...phrases.map((value) => make('option', { value })));
    const examples = [
      `toggle ${output}`,
      `pulse ${output} 500`,
      `blink ${output} 200 300 5`,
      'get',
    ];
    this.chips.replaceChildren(
      ...examples.map((example) =>
        make('button.button', { type: 'button', onclick: () => this.#fill(example) }, example),
      ),
    );
  }

  /** @param {string} text */
  #fill(text) {
    this.input.value = text;
    this.input.focus();
  }

  /** @param {KeyboardEvent} event */
  #recall(event) {
    // Without a word typed the arrows walk through what was sent before.
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
    if (this.input.value && this.input.value !== this.past[this.place]) return;
    const next = this.place + (event.key === 'ArrowUp' ? -1 : 1);
    if (next < 0 || next > this.past.length) return;
    event.preventDefault();
    this.place = next;
    this.input.value = this.past[next] ?? '';
  }

  /** @returns {import('../snippets.js').Command|null} */
  #parse() {
    try {
      return parse(this.input.value, this.table);
    } catch (error) {
      const { code, values } = /** @type {any} */ (error);
      this.#add('error', t(`syntax.${code}`, { ...values, example: this.input.placeholder }));
      // What is typed next replaces the word that was wrong.
      const place = values.at === undefined ? null : wordPlace(this.input.value, values.at);
      this.input.focus();
      this.input.setSelectionRange(...(place ?? [0, this.input.value.length]));
      return null;
    }
  }

  async #send() {
    if (!this.table.methods.length) await this.#learn();
    const command = this.#parse();
    if (!command) return;
    const text = this.input.value;
    if (this.past[this.past.length - 1] !== text) this.past.push(text);
    this.place = this.past.length;
    this.input.value = '';
    this.#offer();
    if (command.method === 'help') {
      this.#add('out', 'help');
      const usages = this.table.methods.flatMap(({ usage }) => (usage ? [usage] : []));
      this.#add('in', ['help', ...usages].join('\n'));
      return;
    }
    if (!this.traffic) this.#add('out', asWebSocket(command, this.whole.link.lastId + 1));
    try {
      const answer = await this.whole.link.call(command.method, command.params);
      if (!this.traffic) this.#add('in', pretty(answer));
    } catch (error) {
      this.#refused(error, command, text);
    }
  }

  /** @param {any} error @param {import('../snippets.js').Command} command @param {string} text as typed */
  #refused(error, command, text) {
    const { data, code } = error;
    // A name mistyped here: the gateway's own words suggest another, and say it all.
    if (code === 'no-such-line') this.#add('error', data.detail);
    else {
      if (!this.traffic && data?.code) this.#add('in', JSON.stringify(data));
      this.#add('error', this.whole.commands.explain(error, command.params?.line));
    }
    if (this.input.value) return;
    this.#fill(text);
    const name = command.params?.line;
    const at = name ? text.trim().split(/\s+/).indexOf(name) : -1;
    this.input.setSelectionRange(...(at > 0 ? wordPlace(text, at) : [0, text.length]));
  }

  /** @param {string} kind */
  async #copy(kind) {
    if (!this.input.value.trim() && this.past.length)
      this.input.value = this.past[this.past.length - 1];
    const command = this.#parse();
    if (!command) return;
    const place = await placeOf();
    const text = snippet(kind, command, place, this.table);
    this.#add('copy', text);
    copy(text, this.whole.notify);
  }

  /** @param {'out'|'in'|'error'|'copy'} kind @param {string} text */
  #add(kind, text) {
    const mark = { out: '→', in: '←', error: '!', copy: '$' }[kind];
    const entry = make(
      `li.entry.entry-${kind}`,
      {},
      make(
        'span.entry-mark',
        { 'aria-label': t(kind === 'copy' ? 'copy' : `console.${kind}`), 'role': 'img' },
        mark,
      ),
      make('code'),
    );
    write(/** @type {Element} */ (entry.lastElementChild), text);
    const { log } = this;
    this.start.hidden = true;
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    log.append(entry);
    while (log.children.length > ENTRIES_MOST) log.firstElementChild?.remove();
    if (atEnd) log.scrollTop = log.scrollHeight;
    if (kind === 'error') write(/** @type {Element} */ (document.getElementById('alarm')), text);
  }
}

/** What a command does, in the reader's language where there is a text. @param {import('../command_table.js').Method} method */
function summaryOf({ name, summary = '' }) {
  return knows(`command.${name}`) ? t(`command.${name}`) : summary;
}

/** On one line where it fits. @param {any} answer */
function pretty(answer) {
  const text = JSON.stringify(answer);
  return text.length > LINE_MOST ? JSON.stringify(answer, null, 1) : text;
}
