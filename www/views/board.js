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
  route,
} from '../layout.js';
import { titleOf } from '../i18n/text.js';

const PIN = 7;
// Where wires stand close, bridges at every crossing are noise.
const HALOS_MOST = 14;

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
    /** @type {{name: string, pin: number}[]} */
    this.wired = [];
    for (const line of store.circuit?.lines ?? []) {
      const pin = boardPinOf(line);
      if (pin) this.wired.push({ name: line.name, pin });
    }
    this.watcher = new ResizeObserver(() => this.#draw());
    if (this.wired.length) this.watcher.observe(list);
    this.onhover = (/** @type {Event} */ event) => this.#point(event);
    list.addEventListener('pointerover', this.onhover);
    list.addEventListener('focusin', this.onhover);
  }

  remove() {
    this.watcher.disconnect();
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

  #draw() {
    const top = this.list.getBoundingClientRect().top;
    const wires = this.wired.map(({ name, pin }) => {
      const rung = /** @type {HTMLElement} */ (document.getElementById(`rung-${name}`));
      const middle = rung.getBoundingClientRect();
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
    svg.append(
      draw(
        'clipPath',
        { id: 'beyond-board' },
        draw('rect', { x: BOARD.width, y: -9, width: total, height: height + 18 }),
      ),
      this.#pcb(),
    );
    for (const { name, path } of route(wires, GEOMETRY, channel)) {
      const halo = draw('path', {
        'class': 'run-halo',
        'd': path,
        'clip-path': 'url(#beyond-board)',
      });
      const run = draw('path', { 'class': 'run', 'd': path, 'data-line': name });
      this.#colour(name, run);
      if (wires.length <= HALOS_MOST) svg.append(halo);
      svg.append(run);
    }
    svg.append(this.#pins());
    this.box.replaceChildren(svg);
    this.update(null);
  }

  #pcb() {
    const { width, height } = BOARD;
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
      { class: 'pcb' },
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
    for (const line of this.store.circuit?.lines ?? []) {
      const bcm = bcmOf(line);
      if (bcm !== null) used.set(bcm, line.name);
    }
    HEADER.forEach((what, place) => {
      const { x, y } = pinPoint(place + 1, GEOMETRY);
      const name = used.get(what);
      const shape =
        place === 0
          ? draw('rect', { x: x - PIN, y: y - PIN, width: PIN * 2, height: PIN * 2, rx: 2 })
          : draw('circle', { cx: x, cy: y, r: name ? PIN + 1.5 : PIN - 1.5 });
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
      if (typeof what === 'string' || name) {
        group.append(
          draw(
            'text',
            {
              'class': name ? 'pin-name pin-name-used' : 'pin-name',
              'x': left ? x - 13 : x + 13,
              'y': y + 4,
              'text-anchor': left ? 'end' : 'start',
            },
            String(what),
          ),
        );
      }
    });
    return group;
  }

  /** @param {string} name @param {any} element */
  #colour(name, element) {
    const rung = document.getElementById(`rung-${name}`);
    const tone = rung?.dataset.tone;
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
    for (const run of this.box.querySelectorAll('.run')) {
      run.toggleAttribute('data-near', /** @type {any} */ (run).dataset.line === name);
    }
  }
}
