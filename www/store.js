// @ts-check
/** @import {Circuit, Line, LineEvent} from './state.js' */
/** @import {LinkStatus} from './link.js' */
import { fromSnapshot, apply, lineOf, withLine } from './state.js';

// Many lines at once are told at most this often: more no eye can tell apart,
// and every telling costs the browser a style pass.
const MANY = 12;
const MANY_EVERY_MS = 40;

/**
 * The one place that changes: the circuit as the gateway told it, what the user
 * wished and has no answer for yet, and who wants to hear of it.
 * Views are told once a frame, and only of lines that changed.
 */
export class Store {
  /** @param {(run: () => void) => void} schedule runs once before the next paint */
  constructor(schedule) {
    this.schedule = schedule;
    /** @type {Circuit|null} */
    this.circuit = null;
    /** @type {LinkStatus} */
    this.link = { phase: 'connecting', lostAt: null, retryAt: null, attempt: 0 };
    /** Values wished and not answered yet. @type {Map<string, {value: number, seq: number|null}>} */
    this.pending = new Map();
    /** @type {Set<string>} */
    this.dirty = new Set();
    this.rebuilt = false;
    this.scheduled = false;
    this.notifiedAt = -Infinity;
    /** @type {Set<(change: {names: Set<string>, rebuilt: boolean}) => void>} */
    this.viewers = new Set();
    /** @type {Set<(event: LineEvent, lost: boolean) => void>} */
    this.listeners = new Set();
  }

  get live() {
    return this.link.phase === 'live';
  }

  get mayAct() {
    return this.live && this.circuit !== null && this.circuit.role !== 'viewer';
  }

  /** The gateway's clock in milliseconds. */
  now() {
    return Date.now() + (this.circuit?.clockOffsetMs ?? 0);
  }

  /** What the user should see: the value asked for, else the last one reported. @param {Line} line */
  value(line) {
    return this.pending.get(line.name)?.value ?? line.value;
  }

  /** @param {string} name */
  line(name) {
    return this.circuit ? lineOf(this.circuit, name) : undefined;
  }

  /** @param {any} params */
  takeSnapshot(params) {
    this.circuit = fromSnapshot(params, Date.now());
    this.pending.clear();
    this.rebuilt = true;
    this.#changed();
  }

  /**
   * @param {LineEvent} event
   * @returns {boolean} false when events were missed and a snapshot is due
   */
  takeEvent(event) {
    if (!this.circuit) return false;
    const { circuit, outcome } = apply(this.circuit, event);
    if (outcome === 'known') return true;
    if (outcome === 'foreign') return false;
    this.circuit = circuit;
    const entry = this.pending.get(event.line);
    if (entry && entry.seq !== null && entry.seq <= event.seq) this.pending.delete(event.line);
    this.dirty.add(event.line);
    for (const listen of this.listeners) listen(event, outcome === 'gap');
    this.#changed();
    return outcome === 'applied';
  }

  /** @param {Line} line read by itself */
  takeLine(line) {
    if (!this.circuit) return;
    this.circuit = withLine(this.circuit, line);
    this.touch(line.name);
  }

  /** @param {LinkStatus} status */
  takeStatus(status) {
    this.link = status;
    // What was not answered before the line broke is not to be believed.
    if (status.phase !== 'live') this.pending.clear();
    this.rebuilt = true;
    this.#changed();
  }

  /**
   * Shows a value before the gateway has confirmed it, and takes it back if it does not.
   * @param {string} name @param {number} value
   * @param {() => Promise<{seq?: number, value?: number}>} ask
   */
  async setPending(name, value, ask) {
    /** @type {{value: number, seq: number|null}} */
    const entry = { value, seq: null };
    this.pending.set(name, entry);
    this.touch(name);
    try {
      const answer = await ask();
      // The event may be behind the answer: keep the pending value until it has come.
      if (answer?.seq && this.circuit && answer.seq > this.circuit.seq) entry.seq = answer.seq;
      else this.#forget(name, entry);
    } catch (error) {
      this.#forget(name, entry);
      throw error;
    }
  }

  /** @param {string} name @param {{value: number}} entry */
  #forget(name, entry) {
    if (this.pending.get(name) !== entry) return;
    this.pending.delete(name);
    this.touch(name);
  }

  /** @param {string} name */
  touch(name) {
    this.dirty.add(name);
    this.#changed();
  }

  #changed() {
    if (this.scheduled) return;
    this.scheduled = true;
    this.schedule(() => this.#notifyViewers());
  }

  #notifyViewers() {
    const now = performance.now();
    if (this.dirty.size > MANY && !this.rebuilt && now - this.notifiedAt < MANY_EVERY_MS) {
      this.schedule(() => this.#notifyViewers());
      return;
    }
    this.notifiedAt = now;
    this.scheduled = false;
    const change = { names: this.dirty, rebuilt: this.rebuilt };
    this.dirty = new Set();
    this.rebuilt = false;
    for (const view of this.viewers) view(change);
  }
}
