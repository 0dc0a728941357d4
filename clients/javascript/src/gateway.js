import { errorOf } from './errors.js';
import { EventQueue } from './event_queue.js';
import { historyPath, itemsBetween } from './history.js';
import { Link } from './link.js';
import { openTransport } from './transport.js';

const MOST_HELD_EVENTS = 65536;

/**
 * One gateway: its lines, its events and its commands. `connect()` waits for the first connection;
 * with `new Gateway()` and `start()` a program goes on and hears of it by `onPhase`.
 */
export class Gateway {
  /** State of every line by its name, kept up to date by events. @type {Record<string, any>} */
  lines = {};
  #url;
  #options;
  #link = null;
  #closed = false;
  #transport = null;
  #queues = new Set();
  /** The last event that was handed over. @type {{boot: string, seq: number, time: string}|null} */
  #position;
  /** Notices that wait while history is fetched. @type {[string, any][]|null} */
  #held = null;
  #snapshotSeen = false;

  /**
   * @param {string} url http://HOST:8080, https://HOST or unix:PATH
   * @param {{token?: string, lease?: 'connection'|null, since?: object|null,
   *   onPhase?: (phase: string, error: Error|null) => void, onSnapshot?: (lines: object) => void}} [options]
   */
  constructor(url, options = {}) {
    this.#url = url;
    this.#options = { lease: 'connection', ...options };
    this.#position = options.since ?? null;
  }

  /** closed, connecting, connected, waiting (for the next attempt) or refused (token, version). */
  get phase() {
    return this.#link?.phase ?? 'closed';
  }

  /** Where to resume: give it as `since` to the next Gateway. */
  get position() {
    return this.#position && { ...this.#position };
  }

  async start() {
    this.#transport = await openTransport(this.#url, this.#options.token);
    if (this.#closed) return;
    this.#link = new Link({
      url: this.#url,
      transport: this.#transport,
      position: () => this.#position && cursorOf(this.#position),
      onNotice: (method, params) => this.#take(method, params),
      onPhase: (phase, error) => this.#phaseChanged(phase, error),
    });
    this.#link.start();
  }

  /** Ends the connection and every loop over events(). What this program leased goes to its safe value. */
  close() {
    this.#closed = true;
    this.#link?.close();
    for (const queue of this.#queues) queue.end();
    this.#queues.clear();
  }

  /**
   * Sets an output. It goes to its safe value when this connection ends, unless `lease` is null.
   * @param {string} line @param {0|1|boolean} value @param {object} [more] for_ms, expect, lease_ms
   */
  set(line, value, more = {}) {
    return this.#command('line.set', { line, value, ...more });
  }

  /** @param {string} line @param {object} [more] expect, lease_ms */
  toggle(line, more = {}) {
    return this.#command('line.toggle', { line, ...more });
  }

  #command(method, params) {
    const { lease } = this.#options;
    const leased = lease && params.lease === undefined && params.lease_ms === undefined;
    return this.call(method, leased ? { ...params, lease } : params);
  }

  /** Any method, with its parameters as they are. @param {string} method @param {object} [params] */
  async call(method, params) {
    if (!this.#link) throw new TypeError('The gateway is not started: use connect(), or start() first.');
    try {
      return await this.#link.call(method, params);
    } catch (error) {
      throw error.rpc ? errorOf(error.rpc, method, params, Object.keys(this.lines)) : error;
    }
  }

  /** Every event from now on, and gaps `{boot, seq, lost}` where some were lost. */
  events() {
    const queue = new EventQueue((left) => this.#queues.delete(left));
    if (this.#closed) queue.end();
    else this.#queues.add(queue);
    return queue;
  }

  #phaseChanged(phase, error) {
    if (phase === 'connected' && !this.#snapshotSeen && !this.#held) this.#readLines();
    this.#options.onPhase?.(phase, error);
    if (phase !== 'refused') return;
    for (const queue of this.#queues) queue.end(error);
    this.#queues.clear();
  }

  // A connection that resumes the position of an earlier program begins without a snapshot.
  #readLines() {
    this.call('circuit.get').then((circuit) => {
      if (!this.#snapshotSeen && !this.#held) this.#useLines(circuit.lines);
    }, () => {}); // The next connection tries again.
  }

  #take(method, params) {
    if (this.#held) this.#hold(method, params);
    else if (method === 'snapshot') this.#takeSnapshot(params);
    else if (method === 'event') this.#takeEvent(params);
  }

  // What does not fit is noticed afterwards by its missing numbers.
  #hold(method, params) {
    if (method === 'snapshot' || this.#held.length < MOST_HELD_EVENTS) this.#held.push([method, params]);
  }

  #takeSnapshot(snapshot) {
    const seen = this.#position;
    if (!seen || (seen.boot === snapshot.boot && seen.seq === snapshot.seq)) {
      this.#useSnapshot(snapshot);
      return;
    }
    this.#held = [];
    this.#fetchBetween(seen, snapshot).then((items) => {
      if (this.#closed) return;
      for (const item of items ?? [gapBefore(seen, snapshot)]) this.#deliver(item);
      this.#useSnapshot(snapshot);
      this.#release();
    });
  }

  async #fetchBetween(seen, snapshot) {
    try {
      return await itemsBetween(seen, snapshot, (query) => this.#transport.getJson(historyPath(query)));
    } catch {
      // No history is no reason to stop: the gap is told.
      return null;
    }
  }

  #release() {
    const held = this.#held;
    this.#held = null;
    for (const [method, params] of held) this.#take(method, params);
  }

  #useSnapshot(snapshot) {
    const times = snapshot.lines.map((line) => line.changed_at).filter(Boolean).sort();
    this.#position = { boot: snapshot.boot, seq: snapshot.seq, time: times.at(-1) ?? '' };
    this.#useLines(snapshot.lines);
  }

  #useLines(lines) {
    this.#snapshotSeen = true;
    this.lines = Object.fromEntries(lines.map((line) => [line.name, line]));
    this.#options.onSnapshot?.(this.lines);
  }

  #takeEvent(event) {
    const seen = this.#position;
    if (seen && seen.boot === event.boot) {
      if (event.seq <= seen.seq) return; // told already, by the history
      if (event.seq > seen.seq + 1) {
        this.#deliver({ boot: event.boot, seq: event.seq - 1, lost: event.seq - seen.seq - 1 });
      }
    }
    this.#deliver(event);
  }

  #deliver(item) {
    if (item.lost === undefined) {
      this.#position = { boot: item.boot, seq: item.seq, time: item.time };
      const line = this.lines[item.line];
      if (line) Object.assign(line, { value: item.value, seq: item.seq, changed_at: item.time, source: item.source });
    }
    for (const queue of this.#queues) queue.push(item);
  }
}

const cursorOf = ({ boot, seq }) => `${boot}-${seq}`;

// Within one run of the gateway the numbers tell how many were lost; over a restart nobody knows.
function gapBefore(seen, { boot, seq }) {
  return { boot, seq, lost: seen.boot === boot ? seq - seen.seq : null };
}
