// @ts-check
/** @import {LineEvent} from './state.js' */
import { momentOf } from './state.js';

// 40 lines at 50 edges a second fill this in about three minutes; about 6 MB in all.
export const EDGES_MOST = 8192;
const GAPS_MOST = 64;

/** One line's edges in time order: a bounded list whose oldest quarter goes when it is full. */
export class Trace {
  constructor(most = EDGES_MOST) {
    this.most = most;
    this.room = Math.min(256, most);
    this.times = new Float64Array(this.room);
    this.values = new Uint8Array(this.room);
    this.length = 0;
    /** Edges ever seen, those forgotten included. */
    this.seen = 0;
  }

  /** @param {number} ms @param {number} value */
  push(ms, value) {
    if (this.length && this.values[this.length - 1] === value) return;
    if (this.length === this.room) this.#makeRoom();
    // Two clocks may disagree by a hair; a list in time order must not.
    const last = this.length ? this.times[this.length - 1] : -Infinity;
    this.times[this.length] = Math.max(ms, last);
    this.values[this.length] = value;
    this.length++;
    this.seen++;
  }

  #makeRoom() {
    if (this.room < this.most) {
      this.room = Math.min(this.most, this.room * 2);
      const { times, values } = this;
      this.times = new Float64Array(this.room);
      this.values = new Uint8Array(this.room);
      this.times.set(times);
      this.values.set(values);
      return;
    }
    const gone = Math.ceil(this.most / 4);
    this.times.copyWithin(0, gone);
    this.values.copyWithin(0, gone);
    this.length -= gone;
  }

  /** Puts older edges in front, as many as there is room for. @param {Trace} older */
  prepend(older) {
    const count = Math.min(older.length, this.most - this.length);
    if (!count) return;
    const skipped = older.length - count;
    const meets = this.length && this.values[0] === older.values[older.length - 1];
    const kept = this.length - (meets ? 1 : 0);
    const from = this.length - kept;
    const room = Math.min(this.most, Math.max(this.room, count + kept));
    const times = new Float64Array(room);
    const values = new Uint8Array(room);
    times.set(older.times.subarray(skipped, older.length));
    times.set(this.times.subarray(from, this.length), count);
    values.set(older.values.subarray(skipped, older.length));
    values.set(this.values.subarray(from, this.length), count);
    [this.times, this.values, this.room, this.length] = [times, values, room, count + kept];
    this.seen += older.seen - (meets ? 1 : 0);
  }

  /** The first edge at or after a moment; `length` when there is none. @param {number} ms */
  after(ms) {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.times[middle] < ms) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The value at a moment, null before the first edge known. @param {number} ms */
  at(ms) {
    const place = this.after(ms);
    if (place < this.length && this.times[place] === ms) return this.values[place];
    return place ? this.values[place - 1] : null;
  }

  /** The level that stands at a moment: from when, until when (null: still). @param {number} ms */
  pulseAt(ms) {
    const next = this.after(ms + 1e-9);
    if (!next) return null;
    return {
      value: this.values[next - 1],
      from: this.times[next - 1],
      until: next < this.length ? this.times[next] : null,
    };
  }

  /** What a span holds. @param {number} from @param {number} to */
  measure(from, to) {
    // What is known first is a level, not an edge.
    const first = Math.max(1, this.after(from));
    const end = Math.max(first, this.after(to));
    const edges = end - first;
    if (edges < 3) return { edges, hz: null, duty: null };
    // Whole periods only: from the first edge to the last edge of the same kind.
    const last = (end - 1 - first) % 2 === 0 ? end - 1 : end - 2;
    const time = this.times[last] - this.times[first];
    let high = 0;
    for (let i = first; i < last; i++)
      if (this.values[i]) high += this.times[i + 1] - this.times[i];
    const periods = (last - first) / 2;
    return {
      edges,
      hz: time > 0 ? (periods * 1000) / time : null,
      duty: time > 0 ? high / time : null,
    };
  }
}

/** All lines' edges, and where events were lost. */
export class Recorder {
  constructor(most = EDGES_MOST) {
    this.most = most;
    /** @type {Map<string, Trace>} */
    this.traces = new Map();
    /** @type {{from: number, to: number}[]} */
    this.gaps = [];
    this.boot = '';
    this.seq = 0;
    /** The first event that is held. */
    this.firstSeq = 0;
    /** Moments of the first and last event. */
    this.first = Infinity;
    this.last = -Infinity;
  }

  /** @param {string} name */
  trace(name) {
    let trace = this.traces.get(name);
    if (!trace) this.traces.set(name, (trace = new Trace(this.most)));
    return trace;
  }

  /** @param {LineEvent} event */
  take(event) {
    const same = event.boot === this.boot;
    if (same && event.seq <= this.seq) return;
    const ms = momentOf(event);
    if (this.seq && !(same && event.seq === this.seq + 1)) this.#lose(this.last, ms);
    // The kernel's own queue ran over: edges of this line are missing just before.
    else if (event.lost) this.#lose(ms, ms);
    this.firstSeq ||= event.seq;
    this.boot = event.boot;
    this.seq = event.seq;
    this.first = Math.min(this.first, ms);
    this.last = Math.max(this.last, ms);
    this.trace(event.line).push(ms, event.value ? 1 : 0);
  }

  /**
   * Events from before those that are held, in order.
   * @param {LineEvent[]} events @returns {boolean} whether they reach up to what was held
   */
  takeOlder(events) {
    const older = new Recorder(this.most);
    for (const event of events) {
      if (event.boot === this.boot && event.seq < this.firstSeq) older.take(event);
    }
    if (!older.seq) return false;
    for (const [name, trace] of older.traces) this.trace(name).prepend(trace);
    const meets = older.seq === this.firstSeq - 1;
    this.gaps = [
      ...older.gaps,
      ...(meets ? [] : [{ from: older.last, to: this.first }]),
      ...this.gaps,
    ];
    this.firstSeq = older.firstSeq;
    this.first = Math.min(this.first, older.first);
    return meets;
  }

  /** @param {number} from @param {number} to */
  #lose(from, to) {
    this.gaps.push({ from, to });
    if (this.gaps.length > GAPS_MOST) this.gaps.shift();
  }
}
