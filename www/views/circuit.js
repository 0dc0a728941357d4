// @ts-check
/** @import {Store} from '../store.js' */
/** @import {Commands} from '../commands.js' */
/** @import {Line} from '../state.js' */
import { clone, find, make, mark, write, useStyle } from '../dom.js';
import { t, titleOf, useTexts } from '../i18n/text.js';
import { boardPinOf, channelOf, railsOf } from '../pins.js';
import { choices, choose } from '../settings.js';
import { groupsOf } from '../state.js';
import { Rung, wordOf } from './rung.js';

const SAID_AT_ONCE = 3;
const SAID_EVERY_MS = 1200;
const WIDE = '(min-width: 900px)';
const DENSE_FROM = 13;
/** From so many lines on they can be filtered, and shown in rows of one line each. */
const MANY_FROM = 12;
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
    /** @type {Map<string, {element: HTMLElement, list: HTMLElement, head: HTMLElement, lit: HTMLElement, lines: Line[]}>} */
    this.groups = new Map();
    /** Which lines are shown; null for all. @type {((line: Line) => boolean)|null} */
    this.wanted = null;
    this.built = '';
    /** @type {{draw: () => void, update: (names: Set<string>|null) => void, remove: () => void}|null} */
    this.board = null;
    /** @type {Set<string>} */
    this.toSay = new Set();
    this.sayTimer = 0;
    this.drawing = 0;
    /** @type {import('./latest.js').Latest|null} */
    this.latest = null;
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
    for (const group of this.groups.values()) this.#count(group);
    this.#say(names);
  }

  /** Shows these lines only. @param {((line: Line) => boolean)|null} wanted null for all @returns {number} how many */
  show(wanted) {
    this.wanted = wanted;
    let shown = 0;
    for (const [name, { element }] of this.rungs) {
      const line = this.store.line(name);
      element.hidden = !line || !(wanted?.(line) ?? true);
      if (!element.hidden) shown++;
    }
    for (const [name, { element, list, head, lines }] of this.groups) {
      element.hidden = lines.every((line) => this.rungs.get(line.name)?.element.hidden);
      // Who looks for something finds it in a folded group, too.
      list.hidden = !wanted && choices.folded.includes(name);
      mark(head, 'aria-expanded', String(!list.hidden));
    }
    cancelAnimationFrame(this.drawing);
    this.drawing = requestAnimationFrame(() => this.board?.draw());
    return shown;
  }

  /** Rows of one line each, as far as there are many; the drawing makes room for them. */
  arrange() {
    const many = (this.store.circuit?.lines.length ?? 0) >= MANY_FROM;
    this.list.toggleAttribute('data-compact', many && choices.compact);
    this.#wire(this.wide.matches);
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
        circuit.lines.map(({ name, title, part, color, direction, gpio, group }) => [
          name,
          group,
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
    this.groups.clear();
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
      ...groupsOf(circuit.lines).flatMap(([name, lines]) => this.#group(name, lines)),
    );
    this.#hint(circuit.role);
    this.#scenes();
    this.#finder(circuit.lines.length >= MANY_FROM);
    this.show(this.wanted);
    this.arrange();
    // What comes later is not missed where it does not come.
    import('./header_pins.js')
      .then(({ showTools }) =>
        showTools(find(document, '#tools'), { store: this.store, openLine: this.openSheet }),
      )
      .catch(() => {});
  }

  /** @param {string} name "" for lines of no group @param {Line[]} lines @returns {HTMLElement[]} */
  #group(name, lines) {
    const rungs = lines.map((line) => /** @type {Rung} */ (this.rungs.get(line.name)).element);
    if (!name) return rungs;
    const element = clone('group');
    const list = find(element, 'ul');
    const head = find(element, 'button');
    list.id = `group-${this.groups.size}`;
    list.append(...rungs);
    write(find(head, '.group-name'), name);
    mark(list, 'aria-label', name);
    mark(head, 'aria-controls', list.id);
    head.addEventListener('click', () => {
      const others = choices.folded.filter((one) => one !== name);
      choose({ folded: list.hidden ? others : [...others, name] });
      this.show(this.wanted);
    });
    this.groups.set(name, { element, list, head, lines, lit: find(head, '.group-lit') });
    return [element];
  }

  /** How many of a group's outputs are on. @param {{lit: HTMLElement, lines: Line[]}} group */
  #count({ lit, lines }) {
    const outputs = lines.flatMap(({ name, direction }) =>
      direction === 'output' ? (this.store.line(name) ?? []) : [],
    );
    const on = outputs.filter((line) => this.store.value(line)).length;
    write(lit, outputs.length ? t('group.lit', { on, n: outputs.length }) : '');
  }

  /** How the inputs of a simulation are pressed, as long as nobody has. @param {string} role */
  #hint(role) {
    const pushes = this.list.querySelectorAll('.rung-push');
    if (choices.pressed || role === 'viewer' || !pushes.length) return;
    const hint = make('span.press-me', {}, t('press.me'));
    find(pushes[0].parentElement, '.rung-text').append(hint);
    for (const push of pushes) {
      push.addEventListener('click', () => {
        hint.remove();
        choose({ pressed: true });
      });
    }
  }

  /** @param {boolean} wanted */
  async #finder(wanted) {
    const box = find(document, '#finder');
    box.hidden = !wanted;
    if (!wanted) this.wanted = null;
    else (await import('./finder.js')).showFinder(box, this);
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
    box.hidden = !wide || !wired || this.list.hasAttribute('data-compact');
    if (wide) this.#showLatest();
    if (box.hidden) return;
    // Its place is kept before it comes: nothing moves under a finger.
    const rails = railsOf(this.store.circuit?.lines ?? []).length;
    box.style.minWidth = `${channelOf(wired + rails).to}px`;
    const [{ Board }] = await Promise.all([import('./board.js'), useStyle('board.css')]);
    if (box.hidden || this.board) return;
    this.board = new Board(box, this.list, this.store, this.openSheet);
    this.board.update(null);
  }

  async #showLatest() {
    const [{ Latest }] = await Promise.all([
      import('./latest.js'),
      useTexts('later'),
      useStyle('sheet.css'),
    ]);
    this.latest ??= new Latest(find(document, '#latest'), this.store, this.commands.link);
    this.latest.draw();
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
