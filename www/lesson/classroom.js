// @ts-check
/** @import {Whole} from '../views/sockets.js' */
/** @import {Run} from './steps.js' */
import { request } from '../session.js';

/**
 * @typedef {{n: number, step: string|null, shown: number, run: number, present: boolean, you: boolean}} Shown
 * what the class sees: a step, so many calls of the teacher's run, and whether the teacher is there
 */

/** The page in a class: it teaches, or it follows what the teacher shows. */
export class Classroom {
  /** @param {Whole} whole @param {(shown: Shown) => void} onShown */
  constructor(whole, onShown) {
    this.whole = whole;
    this.teaching = false;
    /** @type {Shown|null} */
    this.shown = null;
    /** The connection that brings the notifications. @type {WebSocket|null} */
    this.followed = null;
    this.open = false;
    this.listen = (/** @type {string} */ direction, /** @type {string} */ text) => {
      if (direction !== 'in' || !text.includes('"lesson.shown"')) return;
      const { method, params } = JSON.parse(text);
      if (method !== 'lesson.shown') return;
      this.shown = params;
      onShown(params);
    };
    whole.store.viewers.add(() => this.#keepUp());
  }

  enter() {
    if (this.open) return;
    this.open = true;
    this.whole.frames.add(this.listen);
    this.#keepUp();
  }

  leave() {
    if (!this.open) return;
    this.teach(false);
    this.open = false;
    this.whole.frames.delete(this.listen);
    if (this.followed) this.whole.link.call('lesson.follow', { on: 0 }).catch(() => {});
    this.followed = null;
  }

  /** Follows over the present connection, and teaches on where it was broken. */
  #keepUp() {
    const { store, link } = this.whole;
    if (!this.open || !store.live || this.followed === link.socket) return;
    this.followed = link.socket;
    link
      .call('lesson.follow', { on: 1 })
      .then(() => this.teaching && this.last && this.show(...this.last))
      .catch(() => {});
  }

  /** @param {boolean} on */
  teach(on) {
    if (this.teaching && !on) this.whole.link.call('lesson.leave', {}).catch(() => {});
    this.teaching = on;
  }

  /** @param {string} step @param {number} shown */
  show(step, shown) {
    /** @type {[string, number]} */
    this.last = [step, shown];
    if (this.teaching) this.whole.link.call('lesson.show', { step, shown }).catch(() => {});
  }

  /** A run that the class gets as well, over the connection that teaches. @param {string} step @returns {Promise<Run>} */
  demonstrate(step) {
    return this.teaching
      ? this.whole.link.call('sockets.demonstrate', { step, class: 1 })
      : request('api/v1/sockets/demonstrate', { method: 'POST', body: { step } });
  }

  /** The teacher's run. @returns {Promise<Run|null>} */
  async run() {
    return (await request('api/v1/lesson')).demonstration;
  }
}
