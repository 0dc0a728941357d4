// @ts-check
/** @import {Store} from '../store.js' */
/** @import {Link} from '../link.js' */
/** @import {LineEvent} from '../state.js' */
import { make } from '../dom.js';
import { t } from '../i18n/text.js';
import { pastRow } from './past_row.js';

const SHOWN = 8;
const ASKED = 64;
const DRAW_EVERY_MS = 250;

/** The latest changes of all lines and what made them, below the drawing where there is room: rules are seen at work. */
export class Latest {
  /** @param {HTMLElement} box @param {Store} store @param {Link} link */
  constructor(box, store, link) {
    this.box = box;
    this.store = store;
    /** The newest first. @type {LineEvent[]} */
    this.events = [];
    this.timer = 0;
    store.listeners.add((event) => {
      this.events.unshift(event);
      this.#later();
    });
    link
      .call('history.get', { limit: ASKED })
      .then(({ events = [] }) => {
        this.events.push(...events.reverse());
        this.draw();
      })
      .catch(() => {});
  }

  #later() {
    this.timer ||= setTimeout(() => this.draw(), DRAW_EVERY_MS);
  }

  draw() {
    this.timer = 0;
    this.events.length = Math.min(this.events.length, ASKED);
    const rows = this.events.flatMap((event) => {
      const line = event.cause === 'start' ? undefined : this.store.line(event.line);
      return line ? pastRow(event, line, true) : [];
    });
    this.box.replaceChildren(
      make('h2', {}, t('past.title')),
      make('ol.past', {}, ...rows.slice(0, SHOWN)),
    );
  }
}
