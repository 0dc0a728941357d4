// @ts-check
/** @import {Store} from '../store.js' */
/** @import {Commands} from '../commands.js' */
import { clone, find, make, write, useStyle } from '../dom.js';
import { t, titleOf } from '../i18n/text.js';
import { boardPinOf, channelOf, railsOf } from '../pins.js';
import { Rung, wordOf } from './rung.js';

const SAID_AT_ONCE = 3;
const SAID_EVERY_MS = 1200;
const WIDE = '(min-width: 900px)';
const DENSE_FROM = 13;
/** Colours of wires in tokens.css. */
const JUMPERS = 7;

/** The circuit: one rung a line, and on a wide screen the header they are wired to. */
export class CircuitView {
  /** @param {Store} store @param {Commands} commands @param {(name: string) => void} openSheet */
  constructor(store, commands, openSheet) {
    this.store = store;
    this.commands = commands;
    this.openSheet = openSheet;
    this.list = /** @type {HTMLElement} */ (document.getElementById('rungs'));
    /** @type {Map<string, Rung>} */
    this.rungs = new Map();
    this.built = '';
    /** @type {{update: (names: Set<string>|null) => void, remove: () => void}|null} */
    this.board = null;
    /** @type {Set<string>} */
    this.toSay = new Set();
    this.sayTimer = 0;
    const wide = matchMedia(WIDE);
    wide.addEventListener('change', () => this.#wire(wide.matches));
    this.wide = wide;
    setInterval(() => {
      if (!document.hidden) for (const rung of this.rungs.values()) rung.tick();
    }, 1000);
  }

  /** @param {{names: Set<string>, rebuilt: boolean}} change */
  update({ names, rebuilt }) {
    if (!this.store.circuit) return;
    if (rebuilt) this.#rebuild();
    for (const name of rebuilt ? this.rungs.keys() : names) this.rungs.get(name)?.update();
    this.board?.update(rebuilt ? null : names);
    this.#say(names);
  }

  /** New words for everything, in the language just chosen. */
  rerender() {
    this.built = '';
    this.update({ names: new Set(), rebuilt: true });
  }

  #rebuild() {
    const { circuit } = this.store;
    if (!circuit) return;
    const shape =
      JSON.stringify(
        circuit.lines.map(({ name, title, part, color, direction, gpio }) => [
          name,
          title,
          part,
          color,
          direction,
          gpio,
        ]),
      ) +
      circuit.simulated +
      circuit.role;
    if (shape === this.built) return;
    this.built = shape;
    this.rungs.clear();
    const waiting = /** @type {HTMLElement} */ (document.getElementById('waiting'));
    waiting.hidden = circuit.lines.length > 0;
    if (!circuit.lines.length && circuit.role === 'admin') {
      waiting.replaceChildren(make('a.button', { href: '#edit' }, t('empty.edit')));
    } else if (!circuit.lines.length) write(waiting, t('empty'));
    for (const line of circuit.lines) {
      this.rungs.set(line.name, new Rung(line, this.store, this.commands, this.openSheet));
    }
    this.list.toggleAttribute('data-dense', circuit.lines.length >= DENSE_FROM);
    const rails = railsOf(circuit.lines);
    this.list.dataset.rails = rails.map(({ rail }) => rail).join(' ');
    [...this.rungs.values()].forEach((rung, n) =>
      rung.element.style.setProperty('--jumper', `var(--jumper-${n % JUMPERS})`),
    );
    this.list.replaceChildren(
      ...rails.map(railRow),
      ...[...this.rungs.values()].map((rung) => rung.element),
    );
    this.#scenes();
    this.#wire(this.wide.matches);
    // What comes later is not missed where it does not come.
    import('./header_pins.js')
      .then(({ showTools }) =>
        showTools(find(document, '#tools'), { store: this.store, openLine: this.openSheet }),
      )
      .catch(() => {});
  }

  #scenes() {
    const box = /** @type {HTMLElement} */ (document.getElementById('scenes'));
    const scenes = this.store.circuit?.scenes ?? [];
    box.hidden = scenes.length === 0;
    box.replaceChildren(
      make('span.hint', {}, t('scenes')),
      ...scenes.map((scene) =>
        make(
          'button.button',
          {
            type: 'button',
            onclick: () => this.commands.ask('scene.apply', { scene: scene.name }),
          },
          titleOf(scene.title, scene.name),
        ),
      ),
    );
  }

  /** The drawn header comes only where there is room for it. @param {boolean} wide */
  async #wire(wide) {
    this.board?.remove();
    this.board = null;
    const wired = (this.store.circuit?.lines ?? []).filter((line) => boardPinOf(line)).length;
    const box = find(document, '#board');
    box.hidden = !wide || !wired;
    if (box.hidden) return;
    // Its place is kept before it comes: nothing moves under a finger.
    const rails = railsOf(this.store.circuit?.lines ?? []).length;
    box.style.minWidth = `${channelOf(wired + rails).to}px`;
    const [{ Board }] = await Promise.all([import('./board.js'), useStyle('board.css')]);
    if (!this.wide.matches || this.board) return;
    this.board = new Board(box, this.list, this.store, this.openSheet);
    this.board.update(null);
  }

  // A screen reader hears single changes, and one sentence when there are many.
  /** @param {Set<string>} names */
  #say(names) {
    for (const name of names) this.toSay.add(name);
    if (!this.toSay.size || this.sayTimer) return;
    this.sayTimer = setTimeout(
      () => {
        this.sayTimer = 0;
        const said = [...this.toSay]
          .map((name) => this.store.line(name))
          .filter((line) => line !== undefined);
        this.toSay.clear();
        const text =
          said.length > SAID_AT_ONCE
            ? t('said.many')
            : said
                .map((line) =>
                  t('said.line', {
                    line: titleOf(line.title, line.name),
                    state: wordOf(line, this.store.value(line)),
                  }),
                )
                .join('. ');
        write(find(document, '#said'), text);
      },
      this.toSay.size > SAID_AT_ONCE ? SAID_EVERY_MS : 250,
    );
  }
}

/** @param {{rail: string, pin: number}} rail */
function railRow({ rail, pin }) {
  const row = clone('rail-row');
  row.dataset.rail = rail;
  row.dataset.pin = String(pin);
  find(row, '.rung-branch').dataset.rail = rail;
  write(find(row, '.rail-pin'), `${rail.toUpperCase()} · ${t('pin', { pin })}`);
  return row;
}
