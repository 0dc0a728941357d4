import { GatewayError, otherVersion, Uncertain, Unauthorized, Unreachable } from './errors.js';

export const OPEN_WITHIN_MS = 5000;
export const ANSWER_WITHIN_MS = 5000;
// How long a command waits for a connection that is being made again.
export const CONNECTED_WITHIN_MS = 10000;
// Silence, then an unanswered ping: a half-open connection is found in under ten seconds.
export const PING_AFTER_MS = 4000;
export const PING_WITHIN_MS = 3000;
export const BACKOFF_FIRST_MS = 300;
export const BACKOFF_MOST_MS = 10000;

/**
 * How long to wait before an attempt: doubling, with jitter so that many clients of one gateway do
 * not come back in the same millisecond.
 * @param {number} attempt 0 for the first @param {number} random 0 to 1
 */
export function backoff(attempt, random) {
  const ceiling = Math.min(BACKOFF_MOST_MS, BACKOFF_FIRST_MS * 2 ** attempt);
  return Math.round(ceiling * (0.5 + random / 2));
}

// These change nothing, so they may be asked again after a lost connection.
const READS = /\.(get|list|calls|ping|methods|packets)$/;

/**
 * One connection that is made again until it is closed.
 *
 * @typedef {object} LinkOptions
 * @property {string} url
 * @property {import('./transport.js').Transport} transport
 * @property {() => string|null} position         `<boot>-<seq>` of the last event that is known
 * @property {(method: string, params: any) => void} onNotice  snapshot and event
 * @property {(phase: Phase, error: Error|null) => void} onPhase
 *
 * @typedef {'connecting'|'connected'|'waiting'|'refused'|'closed'} Phase
 */
export class Link {
  #options;
  #socket = null;
  #opened = false;
  #lastId = 0;
  #heardAt = 0;
  #attempt = 0;
  #openTimer;
  #pingTimer;
  #calls = new Map();
  #queued = new Set();
  /** @type {Phase} */
  phase = 'closed';

  /** @param {LinkOptions} options */
  constructor(options) {
    this.#options = options;
  }

  start() {
    if (this.#socket || this.phase === 'waiting') return;
    this.#open();
  }

  close() {
    this.#finish('closed', new Unreachable('The connection was closed.', 'closed'));
  }

  /**
   * @param {string} method @param {object|undefined} params
   * @returns {Promise<any>} the result object, or rejects with `{rpc: error}` or a GatewayError
   */
  call(method, params) {
    return new Promise((resolve, reject) => {
      const call = { method, params, resolve, reject, timer: null };
      if (this.phase === 'connected') this.#send(call);
      else if (this.phase === 'connecting' || this.phase === 'waiting') this.#queue(call);
      else reject(new Unreachable(`${method} was not sent: the connection is closed.`, 'closed'));
    });
  }

  #queue(call) {
    this.#queued.add(call);
    call.timer = setTimeout(() => {
      this.#queued.delete(call);
      call.reject(new Unreachable(
        `${call.method} was not sent: there is no connection to ${this.#options.url}.`, 'unreachable'));
    }, CONNECTED_WITHIN_MS);
  }

  #send(call, within = ANSWER_WITHIN_MS) {
    const id = ++this.#lastId;
    this.#calls.set(id, call);
    call.timer = setTimeout(() => this.#lost(new Unreachable('The gateway does not answer.', 'no-answer')), within);
    this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id, method: call.method, params: call.params }));
  }

  #open() {
    this.#opened = false;
    this.#become('connecting');
    const since = this.#options.position();
    const socket = this.#options.transport.open(since, {
      opened: () => {
        this.#opened = true;
        // A resumed stream may have nothing to tell: an answer proves that it lives.
        if (since && socket === this.#socket) this.#ping();
      },
      message: (text) => socket === this.#socket && this.#receive(text),
      ended: (error) => socket === this.#socket && this.#lost(error),
    });
    this.#socket = socket;
    this.#openTimer = setTimeout(
      () => this.#lost(new Unreachable(`${this.#options.url} does not answer.`, 'unreachable')), OPEN_WITHIN_MS);
  }

  #receive(text) {
    this.#heardAt = Date.now();
    let message = null;
    try {
      message = JSON.parse(text);
    } catch {
      // Handled with every other message that is none.
    }
    if (typeof message !== 'object' || message?.jsonrpc !== '2.0') {
      this.#lost(otherVersion(this.#options.url, 'it sends no JSON-RPC 2.0'));
      return;
    }
    if (message.method) this.#options.onNotice(message.method, message.params);
    else this.#answer(message);
    if (this.phase === 'connecting' && this.#socket) this.#connected();
  }

  #connected() {
    clearTimeout(this.#openTimer);
    this.#attempt = 0;
    this.#become('connected');
    this.#watchSilence();
    for (const call of [...this.#queued]) {
      clearTimeout(call.timer);
      this.#queued.delete(call);
      this.#send(call);
    }
  }

  #answer({ id, result, error }) {
    const call = this.#calls.get(id);
    if (!call) return;
    this.#calls.delete(id);
    clearTimeout(call.timer);
    if (error) call.reject({ rpc: error });
    else call.resolve(result);
  }

  // A half-open connection says nothing for ever; only a question finds it.
  #watchSilence() {
    clearTimeout(this.#pingTimer);
    const silent = Date.now() - this.#heardAt;
    this.#pingTimer = setTimeout(() => {
      if (Date.now() - this.#heardAt >= PING_AFTER_MS) this.#ping();
      else this.#watchSilence();
    }, Math.max(0, PING_AFTER_MS - silent));
  }

  #ping() {
    const next = () => this.phase === 'connected' && this.#watchSilence();
    // Any answer is a sign of life, an error as well.
    this.#send({ method: 'system.ping', resolve: next, reject: next, timer: null }, PING_WITHIN_MS);
  }

  #lost(error) {
    const refusal = error instanceof Unauthorized
      || (error instanceof GatewayError && error.code === 'version' && !this.#opened);
    if (refusal) {
      this.#finish('refused', error);
      return;
    }
    this.#drop();
    const delay = backoff(this.#attempt++, Math.random());
    this.#become('waiting', error);
    if (this.phase === 'waiting') this.#openTimer = setTimeout(() => this.#open(), delay);
  }

  #finish(phase, error) {
    this.#drop();
    for (const call of this.#queued) {
      clearTimeout(call.timer);
      call.reject(error);
    }
    this.#queued.clear();
    this.#become(phase, error);
  }

  #drop() {
    clearTimeout(this.#openTimer);
    clearTimeout(this.#pingTimer);
    const socket = this.#socket;
    this.#socket = null;
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    socket?.close();
    for (const call of calls) this.#settleLost(call);
  }

  #settleLost(call) {
    clearTimeout(call.timer);
    if (call.method === 'system.ping') return;
    if (READS.test(call.method)) {
      this.#queue(call);
      return;
    }
    call.reject(new Uncertain(
      `The connection was lost before ${call.method} was answered: it may have been done or not. `
      + 'Read the line, then decide.', 'uncertain'));
  }

  #become(phase, error = null) {
    this.phase = phase;
    this.#options.onPhase(phase, error);
  }
}
