// @ts-check
/** @import {Store} from './store.js' */
/** @import {Link} from './link.js' */

/** @typedef {{value: number, seq: number, boot: string|undefined, waits: boolean, runs: boolean}} Held */

/**
 * Renews the lease of what this page switched on, until anybody changes the line.
 * Nobody looks or the link is down: then it rests, and the lease may end. That is what it is for.
 */
export class LeaseKeepalive {
  /** @param {Store} store @param {Link} link */
  constructor(store, link) {
    this.store = store;
    this.link = link;
    /** @type {Map<string, Held>} */
    this.held = new Map();
    store.listeners.add(({ line }) => this.#look(line));
  }

  /** The page's own command was answered. @param {string} line @param {number} value as wished @param {{seq: number, value: number}} answer */
  hold(line, value, answer) {
    const { seq } = answer;
    const boot = this.store.circuit?.boot;
    const held = this.held.get(line);
    if (held?.seq === seq && held.boot === boot) return;
    // In an interlock's gap it is off yet.
    this.held.set(line, { value, seq, boot, waits: answer.value !== value, runs: false });
    this.#look(line);
  }

  /** @param {string} name */
  #look(name) {
    const held = this.held.get(name);
    const line = this.store.line(name);
    if (!held || !line) return;
    const same = held.boot === this.store.circuit?.boot;
    const seq = line.seq ?? 0;
    // The event may be behind the answer.
    if (same && seq < held.seq) return;
    if (held.waits && line.value === held.value) {
      held.waits = false;
      held.seq = seq;
    }
    const ms = line.lease?.ms;
    if (!same || seq > held.seq || !ms) this.held.delete(name);
    else if (!held.runs && !held.waits) {
      held.runs = true;
      this.#later(name, held, ms / 3);
    }
  }

  /** @param {string} name @param {Held} held @param {number} ms */
  #later(name, held, ms) {
    const { link, store } = this;
    link.environment.after(ms, async () => {
      this.#look(name);
      if (this.held.get(name) !== held) return;
      // What was changed meanwhile, unseen from here, is not to be switched on again: hence `expect`.
      const params = { line: name, value: held.value, expect: held.seq };
      if (store.live && !link.environment.hidden())
        await link.call('line.set', params).catch(() => {});
      this.#later(name, held, ms);
    });
  }
}
