// @ts-check
/** @import {Line, LineEvent} from '../state.js' */
/** What stands around the timeline's strip: the names of its lanes, its trigger, the slider of the past. */
import { make, mark } from '../dom.js';
import { menu } from '../editor/form.js';
import { t, titleOf, span } from '../i18n/text.js';
import { choices } from '../settings.js';

const STEPS = 1000;
const EDGES = ['any', 'rising', 'falling'];

/**
 * The names beside the lanes; a tap pins one to the top.
 * @param {HTMLElement} box @param {Line[]} lines @param {(name: string) => void} pin
 * @returns {Map<string, {word: HTMLElement, fact: HTMLElement}>} where the state of each is written
 */
export function showLaneNames(box, lines, pin) {
  /** @type {Map<string, {word: HTMLElement, fact: HTMLElement}>} */
  const labels = new Map();
  box.replaceChildren(
    make('div.lane-corner'),
    ...lines.map(({ name, title }) => {
      const words = titleOf(title, name);
      const word = make('span.lane-word');
      const fact = make('span.lane-fact');
      labels.set(name, { word, fact });
      const pinned = choices.pins.includes(name);
      return make(
        'button.lane-name',
        {
          'type': 'button',
          'data-line': name,
          'aria-pressed': String(pinned),
          'title': t('time.pin', { line: words }),
          'onclick': () => pin(name),
        },
        make('span.lane-pin', { 'aria-hidden': 'true' }, pinned ? '◆' : '◇'),
        make(
          'span.lane-text',
          {},
          make('span.lane-title', {}, words),
          ' ',
          make('span.lane-small', {}, word, ' ', fact),
        ),
      );
    }),
  );
  return labels;
}

/** What the strip waits for: the next edge of a line. */
export class Trigger {
  line = '';
  edge = 'any';
  level = 0;

  /** @param {Line|undefined} line undefined for none */
  watch(line) {
    this.line = line?.name ?? '';
    this.level = line?.value ?? 0;
  }

  /** Whether it is the edge that is waited for. @param {LineEvent} event */
  meets({ line, value }) {
    if (line !== this.line || value === this.level) return false;
    this.level = value;
    return this.edge === 'any' || (this.edge === 'rising') === Boolean(value);
  }

  /** @param {HTMLElement} box where its menus stand @param {Line[]} lines */
  show(box, lines) {
    box.replaceChildren(
      make('span.hint', {}, t('time.stop')),
      menu(
        t('time.stop'),
        [['', '–'], ...lines.map(({ name, title }) => [name, titleOf(title, name)])],
        this.line,
        (name) => this.watch(lines.find((line) => line.name === name)),
      ),
      menu(
        t('time.kind'),
        EDGES.map((edge) => [edge, t(`time.${edge}`)]),
        this.edge,
        (edge) => {
          this.edge = edge;
        },
      ),
    );
  }
}

/** Where in the past the strip stands: at its right end it is live. */
export class PastSlider {
  from = 0;
  to = 0;

  /** @param {(end: number|null) => void} move to a moment; null is live */
  constructor(move) {
    this.element = make('input.past-slider', {
      'type': 'range',
      'max': STEPS,
      'aria-label': t('time.past'),
      'oninput': () => {
        const share = this.element.value / STEPS;
        move(share < 1 ? this.from + share * (this.to - this.from) : null);
      },
    });
  }

  /** @param {{from: number, to: number, now: number}} view what the strip shows @param {number} first the first event known */
  show({ from, to, now }, first) {
    const { element } = this;
    this.from = first + to - from;
    this.to = now;
    const room = now - this.from;
    // Before anything is known the first event is in the future.
    element.disabled = !(room > 0);
    const live = to >= now || element.disabled;
    element.value = live ? STEPS : Math.min(STEPS - 1, (STEPS * (to - this.from)) / room);
    mark(element, 'aria-valuetext', live ? t('time.live') : `−${span(now - to)}`);
  }
}
