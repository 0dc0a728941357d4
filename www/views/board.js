// @ts-check
/** @import {Store} from '../store.js' */
import { draw } from '../dom.js';
import {
  BOARD,
  GEOMETRY,
  HEADER,
  PITCH,
  bcmOf,
  boardPinOf,
  channelOf,
  pinPoint,
  railsOf,
  route,
} from '../layout.js';
import { titleOf } from '../i18n/text.js';

const PIN = 7.5;
// The board keeps so far from the top of the window when it is held in sight.
const HELD_AT = 16;

/**
 * The Raspberry Pi's header in its true geometry, and the wires from it to the rungs.
 */
export class Board {
  /** @param {HTMLElement} box @param {HTMLElement} list the rungs @param {Store} store */
  constructor(box, list, store) {
    this.box = box;
    this.list = list;
    this.store = store;
    /** @type {Map<string, Element[]>} */
    this.lit = new Map();
    const lines = store.circuit?.lines ?? [];
    /** @type {{name: string, pin: number, rail?: string, row: string}[]} */
    this.wired = railsOf(lines).map(({ rail, pin }) => ({
      name: `rail-${rail}`,
      pin,
      rail,
      row: `.rail-row[data-rail="${rail}"]`,
    }));
    for (const line of lines) {
      const pin = boardPinOf(line);
      if (pin) this.wired.push({ name: line.name, pin, row: `#rung-${line.name}` });
    }
    /** How far the board has come down beside a long list, to stay in sight. */
    this.offset = 0;
    this.watcher = new ResizeObserver(() => this.#draw());
    this.onscroll = () => this.#follow();
    addEventListener('scroll', this.onscroll, { passive: true });
    if (this.wired.length) this.watcher.observe(list);
    this.onhover = (/** @type {Event} */ event) => this.#point(event);
    list.addEventListener('pointerover', this.onhover);
    list.addEventListener('focusin', this.onhover);
  }

  remove() {
    this.watcher.disconnect();
    removeEventListener('scroll', this.onscroll);
    this.list.removeEventListener('pointerover', this.onhover);
    this.list.removeEventListener('focusin', this.onhover);
    this.box.replaceChildren();
  }

  /** @param {Set<string>|null} names null for all */
  update(names) {
    for (const name of names ?? this.lit.keys()) {
      const line = this.store.line(name);
      const value = line ? this.store.value(line) : 0;
      const lit = line?.part === 'door' ? 1 - value : value;
      for (const element of this.lit.get(name) ?? []) {
        const was = element.getAttribute('data-on');
        if (was !== String(lit)) element.setAttribute('data-on', String(lit));
      }
    }
  }

  /** Holds the board in sight while a long list of rungs goes by. */
  #follow() {
    const room = this.list.offsetHeight - BOARD.height;
    const above = HELD_AT + this.#barHeight() - this.list.getBoundingClientRect().top;
    const offset = Math.round(Math.max(0, Math.min(room, above)));
    if (offset === this.offset) return;
    this.offset = offset;
    this.#draw();
  }

  #barHeight() {
    const bar = document.querySelector('.bar');
    return bar && getComputedStyle(bar).position === 'sticky' ? bar.clientHeight : 0;
  }

  get geometry() {
    return { ...GEOMETRY, top: GEOMETRY.top + this.offset };
  }

  #draw() {
    const top = this.list.getBoundingClientRect().top;
    const wires = this.wired.map(({ name, pin, row }) => {
      const middle = /** @type {Element} */ (this.list.querySelector(row)).getBoundingClientRect();
      return { name, pin, y: middle.top - top + middle.height / 2 };
    });
    const channel = channelOf(wires.length);
    const height = Math.max(BOARD.height, this.list.offsetHeight);
    const total = channel.to;
    this.lit.clear();
    const svg = draw('svg', {
      'class': 'pi',
      'viewBox': `0 0 ${total} ${height}`,
      'width': total,
      height,
      'aria-hidden': 'true',
    });
    svg.append(this.#pcb());
    const routes = route(wires, this.geometry, channel);
    for (const { name, path } of routes) svg.append(this.#run('run', name, path));
    // A bridge is on top of all wires; the paper beside it parts it from the one below.
    for (const { name, bridges } of routes.filter((one) => one.bridges)) {
      svg.append(
        draw('path', { class: 'run-halo', d: bridges }),
        this.#run('bridge', name, bridges),
      );
    }
    svg.append(this.#pins());
    this.box.replaceChildren(svg);
    this.update(null);
  }

  /** @param {'run'|'bridge'} what @param {string} name @param {string} path */
  #run(what, name, path) {
    const rail = this.wired.find((one) => one.name === name)?.rail;
    const run = draw('path', { 'class': what, 'd': path, 'data-line': name, 'data-rail': rail });
    if (!rail) this.#colour(name, run);
    return run;
  }

  #pcb() {
    const { width, height } = BOARD;
    const moved = `translate(0 ${this.offset})`;
    const label = draw(
      'text',
      {
        'class': 'pcb-name',
        'x': 24,
        'y': height / 2,
        'transform': `rotate(-90 24 ${height / 2})`,
        'text-anchor': 'middle',
      },
      'Raspberry Pi',
    );
    return draw(
      'g',
      { class: 'pcb', transform: moved },
      draw('rect', {
        class: 'pcb-board',
        x: 2,
        y: 2,
        width: width - 6,
        height: height - 4,
        rx: 14,
      }),
      draw('circle', { class: 'pcb-hole', cx: 24, cy: 24, r: 9 }),
      draw('circle', { class: 'pcb-hole', cx: 24, cy: height - 24, r: 9 }),
      draw('rect', {
        class: 'pcb-header',
        x: GEOMETRY.left - 12,
        y: GEOMETRY.top - 12,
        width: PITCH + 24,
        height: 19 * PITCH + 24,
        rx: 3,
      }),
      label,
    );
  }

  #pins() {
    const group = draw('g');
    /** @type {Map<number|string, string>} */
    const used = new Map();
    // Their wires leave to the right, where the name would stand; it stands on the wire.
    const feeds = new Set(this.wired.flatMap(({ rail, pin }) => (rail ? [pin] : [])));
    for (const line of this.store.circuit?.lines ?? []) {
      const bcm = bcmOf(line);
      if (bcm !== null) used.set(bcm, line.name);
    }
    HEADER.forEach((what, place) => {
      const { x, y } = pinPoint(place + 1, this.geometry);
      const name = used.get(what);
      const shape =
        place === 0
          ? draw('rect', { x: x - PIN, y: y - PIN, width: PIN * 2, height: PIN * 2, rx: 2 })
          : draw('circle', { cx: x, cy: y, r: name ? PIN + 0.5 : PIN - 2 });
      shape.setAttribute(
        'class',
        `pin pin-${
          name
            ? 'used'
            : String(what)
                .toLowerCase()
                .replace(/^\d.*$/, '')
        }${typeof what === 'string' && what !== 'GND' ? ' pin-power' : ''}`,
      );
      if (name) this.#colour(name, shape);
      group.append(shape);
      const left = place % 2 === 0;
      // The number of a used pin stands in it, where no wire runs through it.
      if (name) {
        const number = draw('text', { class: 'pin-number', x, y: y + 3.5 }, String(what));
        this.#colour(name, number);
        group.append(number);
      } else if (typeof what === 'string' && !(feeds.has(place + 1) && !left)) {
        const at = {
          'x': left ? x - 13 : x + 13,
          'y': y + 4,
          'text-anchor': left ? 'end' : 'start',
        };
        group.append(draw('text', { class: 'pin-name', ...at }, what));
      }
    });
    return group;
  }

  /** @param {string} name @param {any} element */
  #colour(name, element) {
    const rung = document.getElementById(`rung-${name}`);
    const tone = rung?.dataset.tone;
    if (rung) element.style.setProperty('--jumper', rung.style.getPropertyValue('--jumper'));
    if (tone) element.dataset.tone = tone;
    else if (rung) element.style.setProperty('--part', rung.style.getPropertyValue('--part'));
    const line = this.store.line(name);
    if (line) element.append(draw('title', {}, titleOf(line.title, name)));
    this.lit.set(name, [...(this.lit.get(name) ?? []), element]);
  }

  // The rung under the pointer or the focus shows which wire is its own.
  /** @param {Event} event */
  #point(event) {
    const rung = /** @type {HTMLElement} */ (event.target).closest?.('.rung');
    const name = /** @type {HTMLElement|null|undefined} */ (rung)?.dataset.line;
    for (const run of this.box.querySelectorAll('[data-line]')) {
      run.toggleAttribute('data-near', /** @type {any} */ (run).dataset.line === name);
    }
  }
}
