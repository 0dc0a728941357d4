// @ts-check
/** @import {Line} from '../state.js' */
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
import { PinButtons } from './header_pins.js';

const PIN = 7.5;
// The board keeps so far from the top of the window when it is held in sight.
const HELD_AT = 16;

/**
 * What has a wire to the board, and which row it leads to.
 * @param {Line[]} lines
 * @returns {{name: string, pin: number, rail?: string, row: string}[]}
 */
export function wiredIn(lines) {
  const rails = railsOf(lines).map(({ rail, pin }) => {
    return { name: `rail-${rail}`, pin, rail, row: `.rail-row[data-rail="${rail}"]` };
  });
  const own = lines.flatMap((line) => {
    const pin = boardPinOf(line);
    return pin ? [{ name: line.name, pin, row: `#rung-${line.name}` }] : [];
  });
  return [...rails, ...own];
}

/**
 * The Raspberry Pi's header in its true geometry, and the wires from it to the rungs.
 */
export class Board {
  /** @param {HTMLElement} box @param {HTMLElement} list the rungs @param {Store} store @param {(name: string) => void} openLine */
  constructor(box, list, store, openLine) {
    this.box = box;
    this.list = list;
    this.store = store;
    /** @type {Map<string, Element[]>} */
    this.lit = new Map();
    this.wired = wiredIn(store.circuit?.lines ?? []);
    /** How far the board has come down beside a long list, to stay in sight. */
    this.offset = 0;
    this.svg = draw('svg');
    this.pins = new PinButtons({ store, openLine });
    box.replaceChildren(this.svg, this.pins.element);
    this.height = 0;
    this.watcher = new ResizeObserver(() => this.height !== list.offsetHeight && this.draw());
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
    this.draw();
  }

  #barHeight() {
    const bar = document.querySelector('.bar');
    return bar && getComputedStyle(bar).position === 'sticky' ? bar.clientHeight : 0;
  }

  draw() {
    const top = this.list.getBoundingClientRect().top;
    const wires = this.wired.flatMap(({ row, ...wire }) => {
      const box = this.list.querySelector(row)?.getBoundingClientRect();
      return box?.height ? [{ ...wire, y: box.top - top + box.height / 2 }] : [];
    });
    this.height = this.list.offsetHeight;
    this.lit.clear();
    const svg = drawBoard({
      wires,
      lines: this.store.circuit?.lines ?? [],
      channel: channelOf(this.wired.length),
      height: this.height,
      offset: this.offset,
      colour: (name, element) => this.#colour(name, element),
    });
    this.svg.replaceWith(svg);
    this.svg = svg;
    this.pins.element.style.transform = `translateY(${this.offset}px)`;
    this.update(null);
  }

  /** @param {string} name @param {any} element */
  #colour(name, element) {
    colourAs(name, element);
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

/**
 * @typedef {{name: string, pin: number, rail?: string, y: number}} Wire
 * @param {object} what
 * @param {Wire[]} what.wires from a pin to a height @param {Line[]} what.lines of the circuit
 * @param {{from: number, to: number}} what.channel where wires may run
 * @param {number} what.height at least @param {number} what.offset how far the board has come down
 * @param {(name: string, element: any) => void} what.colour gives an element the looks of its line
 */
export function drawBoard({ wires, lines, channel, height, offset, colour }) {
  const geometry = { ...GEOMETRY, top: GEOMETRY.top + offset };
  const high = Math.max(BOARD.height, height);
  const svg = draw('svg', {
    'class': 'pi',
    'viewBox': `0 0 ${channel.to} ${high}`,
    'width': channel.to,
    'height': high,
    'aria-hidden': 'true',
  });
  const rails = new Map(wires.map(({ name, rail }) => [name, rail]));
  /** @param {'run'|'bridge'} what @param {string} name @param {string} path */
  const run = (what, name, path) => {
    const rail = rails.get(name);
    const wire = draw('path', { 'class': what, 'd': path, 'data-line': name, 'data-rail': rail });
    if (!rail) colour(name, wire);
    return wire;
  };
  svg.append(drawPcb(offset));
  const routes = route(wires, geometry, channel);
  for (const { name, path } of routes) svg.append(run('run', name, path));
  // A bridge is on top of all wires; the paper beside it parts it from the one below.
  for (const { name, bridges } of routes.filter((one) => one.bridges)) {
    svg.append(draw('path', { class: 'run-halo', d: bridges }), run('bridge', name, bridges));
  }
  svg.append(drawPins(wires, lines, geometry, colour));
  return svg;
}

/** The tone, colour and jumper of a line's rung. @param {string} name @param {any} element */
export function colourAs(name, element) {
  const rung = document.getElementById(`rung-${name}`);
  const tone = rung?.dataset.tone;
  for (const own of rung ? ['--jumper', '--level'] : [])
    element.style.setProperty(own, rung?.style.getPropertyValue(own));
  if (tone) element.dataset.tone = tone;
  else if (rung) element.style.setProperty('--part', rung.style.getPropertyValue('--part'));
}

/** @param {number} offset */
function drawPcb(offset) {
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
    { class: 'pcb', transform: `translate(0 ${offset})` },
    draw('rect', { class: 'pcb-board', x: 2, y: 2, width: width - 6, height: height - 4, rx: 14 }),
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

/** @param {Wire[]} wires @param {Line[]} lines @param {typeof GEOMETRY} geometry @param {(name: string, element: any) => void} colour */
function drawPins(wires, lines, geometry, colour) {
  const group = draw('g');
  const used = new Map(lines.map((line) => [bcmOf(line), line.name]));
  // Their wires leave to the right, where the name would stand; it stands on the wire.
  const feeds = new Set(wires.flatMap(({ rail, pin }) => (rail ? [pin] : [])));
  HEADER.forEach((what, place) => {
    const { x, y } = pinPoint(place + 1, geometry);
    const name = typeof what === 'number' ? used.get(what) : undefined;
    const kind = name ? 'used' : typeof what === 'number' ? '' : what.toLowerCase();
    const power = typeof what === 'string' && what !== 'GND' ? ' pin-power' : '';
    const shape =
      place === 0
        ? draw('rect', { x: x - PIN, y: y - PIN, width: PIN * 2, height: PIN * 2, rx: 2 })
        : draw('circle', { cx: x, cy: y, r: name ? PIN + 0.5 : PIN - 2 });
    shape.setAttribute('class', `pin pin-${kind}${power}`);
    if (name) colour(name, shape);
    group.append(shape);
    const left = place % 2 === 0;
    // The number of a used pin stands in it, where no wire runs through it.
    if (name) {
      const number = draw('text', { class: 'pin-number', x, y: y + 3.5 }, String(what));
      colour(name, number);
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
