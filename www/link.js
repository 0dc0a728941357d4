// @ts-check
/**
 * The page's one connection to the gateway: a WebSocket that speaks JSON-RPC 2.0.
 * It opens, resumes, notices a dead peer, backs off and tries for ever.
 * Everything it needs from the world is handed in, so Node can test it.
 *
 * @typedef {'connecting'|'live'|'waiting'|'locked'|'stopped'} Phase
 * @typedef {{phase: Phase, lostAt: number|null, retryAt: number|null, attempt: number, blocked: boolean}} LinkStatus
 * `blocked`: the gateway answers requests, but no WebSocket gets through
 *
 * @typedef {object} LinkEnvironment
 * @property {(since: string|null) => WebSocket} connect  opens a socket, resuming after `since`
 * @property {() => string|null} position                 the last event we know, `<boot>-<seq>`
 * @property {() => Promise<'admitted'|'refused'|'unreachable'>} admission  what a plain request is told
 * @property {() => number} now                           milliseconds
 * @property {(ms: number, run: () => void) => (() => void)} after  a timer; returns its cancel
 * @property {() => number} random                        0 to 1
 * @property {() => boolean} hidden                       nobody is looking at the page
 * @property {(status: LinkStatus) => void} onStatus
 * @property {(method: string, params: any) => void} onNotice  snapshot and event
 * @property {(direction: 'out'|'in', text: string) => void} [onFrame]  for the console
 */

export const OPEN_WITHIN_MS = 5000;
export const OPEN_WITHIN_MOST_MS = 20000;
export const ANSWER_WITHIN_MS = 2000;
// Silence, then an unanswered ping: together they stay under ten seconds.
export const PING_AFTER_MS = 4000;
export const PING_WITHIN_MS = 3000;
export const WAKE_WITHIN_MS = 1500;
// A page that nobody looks at for so long lets go; it resumes when it is shown.
export const REST_AFTER_MS = 60000;
// A slow link gets so many of its own round trips before it counts as silent.
const ROUND_TRIPS = 4;
// After so many attempts that never opened, while plain requests are answered, something is in the way.
const BLOCKED_AFTER = 2;
export const BACKOFF_FIRST_MS = 300;
export const BACKOFF_MOST_MS = 10000;

export class CallError extends Error {
  /** @param {string} code @param {any} [data] @param {string} [message] */
  constructor(code, data, message) {
    super(message ?? code);
    this.code = code;
    this.data = data ?? {};
  }
}

/**
 * How long to wait before an attempt: doubling, with jitter so that a room
 * full of phones does not come back in the same millisecond.
 * @param {number} attempt 0 for the first @param {number} random 0 to 1
 */
export function backoff(attempt, random) {
  const ceiling = Math.min(BACKOFF_MOST_MS, BACKOFF_FIRST_MS * 2 ** attempt);
  return Math.round(ceiling * (0.5 + random / 2));
}

export class Link {
  /** @param {LinkEnvironment} environment */
  constructor(environment) {
    this.environment = environment;
    /** @type {LinkStatus} */
    this.status = { phase: 'stopped', lostAt: null, retryAt: null, attempt: 0, blocked: false };
    /** @type {WebSocket|null} */
    this.socket = null;
    this.opened = false;
    this.lastId = 0;
    this.heardAt = 0;
    /** @type {number|null} */
    this.hiddenSince = null;
    this.resting = false;
    /** @type {Map<number, {done: (result: any) => void, fail: (error: CallError) => void, cancel: () => void}>} */
    this.waiting = new Map();
    this.cancelTimer = () => {};
    this.cancelPing = () => {};
    /** Round trip of the last ping, or what the opening took, in milliseconds. @type {number|null} */
    this.roundTripMs = null;
    this.openingSince = 0;
  }

  start() {
    if (this.socket) return;
    this.#open();
  }

  stop() {
    this.cancelTimer();
    this.#drop();
    this.resting = false;
    this.#become({ phase: 'stopped', lostAt: null, retryAt: null });
  }

  /** The page was shown again, or the network came back: find out at once. */
  wake() {
    const { phase } = this.status;
    this.hiddenSince = null;
    if (phase === 'waiting' || this.resting) this.#open();
    if (phase === 'live') this.#ping(this.#within(WAKE_WITHIN_MS));
  }

  /**
   * @param {string} method @param {object} [params]
   * @returns {Promise<any>} the result; rejects with a CallError
   */
  call(method, params) {
    if (this.status.phase !== 'live') return Promise.reject(new CallError('offline'));
    return this.#send(method, params, this.#within(ANSWER_WITHIN_MS));
  }

  /** How long to wait for an answer: at least so long, and longer where the link is slow. @param {number} ms */
  #within(ms) {
    return Math.max(ms, ROUND_TRIPS * (this.roundTripMs ?? 0));
  }

  #openWithin() {
    const growing = OPEN_WITHIN_MS * 2 ** Math.min(this.status.attempt, 4);
    return Math.min(OPEN_WITHIN_MOST_MS, this.#within(growing));
  }

  /** @param {string} method @param {object|undefined} params @param {number} within */
  #send(method, params, within) {
    const id = ++this.lastId;
    const frame = JSON.stringify({ jsonrpc: '2.0', id, method, params });
    return new Promise((done, fail) => {
      const cancel = this.environment.after(within, () => {
        this.waiting.delete(id);
        fail(new CallError('no-answer'));
      });
      this.waiting.set(id, { done, fail, cancel });
      this.environment.onFrame?.('out', frame);
      this.socket?.send(frame);
    });
  }

  #open() {
    this.cancelTimer();
    this.#drop();
    this.opened = false;
    this.resting = false;
    this.hiddenSince = null;
    this.openingSince = this.environment.now();
    this.#become({ phase: 'connecting', retryAt: null });
    const since = this.environment.position();
    /** @type {WebSocket} */
    let socket;
    try {
      socket = this.environment.connect(since);
    } catch {
      this.#lost();
      return;
    }
    this.socket = socket;
    const opened = () => {
      this.opened = true;
      // A resumed stream may have nothing to report: the answer proves it lives.
      if (since) this.#ping(this.#within(PING_WITHIN_MS));
    };
    socket.onopen = opened;
    socket.onmessage = (message) => this.#hear(message.data);
    socket.onclose = () => this.#lost();
    // A socket handed over from boot.js may be open already.
    if (socket.readyState === 1) opened();
    this.cancelTimer = this.environment.after(this.#openWithin(), () => {
      if (this.status.phase === 'connecting') this.#lost();
    });
  }

  /** @param {string} text */
  #hear(text) {
    this.heardAt = this.environment.now();
    this.environment.onFrame?.('in', text);
    /** @type {any} */
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    this.opened = true;
    if (message.method) this.environment.onNotice(message.method, message.params);
    else this.#answer(message);
    if (this.status.phase === 'connecting') {
      this.cancelTimer();
      // Until a ping says better; the opening took two round trips or more.
      this.roundTripMs ??= this.environment.now() - this.openingSince;
      this.#become({ phase: 'live', lostAt: null, retryAt: null, attempt: 0, blocked: false });
      this.#watch();
    }
  }

  /** @param {any} message */
  #answer(message) {
    const call = this.waiting.get(message.id);
    if (!call) return;
    this.waiting.delete(message.id);
    call.cancel();
    const { error } = message;
    if (error)
      call.fail(new CallError(error.data?.code ?? String(error.code), error.data, error.message));
    else call.done(message.result);
  }

  // A half-open connection says nothing for ever; only a question finds it.
  #watch() {
    this.cancelPing();
    const silent = this.environment.now() - this.heardAt;
    this.cancelPing = this.environment.after(Math.max(0, PING_AFTER_MS - silent), () => {
      const quiet = this.environment.now() - this.heardAt >= PING_AFTER_MS;
      if (quiet && !this.environment.hidden()) this.#ping(this.#within(PING_WITHIN_MS));
      else this.#watchAgain();
    });
  }

  #watchAgain() {
    const now = this.environment.now();
    if (!this.environment.hidden()) this.hiddenSince = null;
    else {
      this.hiddenSince ??= now;
      if (now - this.hiddenSince >= REST_AFTER_MS) {
        this.stop();
        this.resting = true;
        return;
      }
      this.heardAt = now;
    }
    this.#watch();
  }

  /** @param {number} within */
  #ping(within) {
    const asked = this.socket;
    const askedAt = this.environment.now();
    this.cancelPing();
    this.#send('system.ping', undefined, within).then(
      () => {
        if (asked !== this.socket) return;
        this.roundTripMs = this.environment.now() - askedAt;
        this.#watch();
      },
      (error) => {
        if (asked !== this.socket) return;
        if (error.code === 'no-answer') this.#lost();
        // Any other error is an answer, and an answer is a sign of life.
        else this.#watch();
      },
    );
  }

  #lost() {
    const neverOpened = !this.opened;
    const attempt = this.status.attempt;
    this.cancelTimer();
    this.#drop();
    const delay = backoff(attempt, this.environment.random());
    this.#become({
      phase: 'waiting',
      lostAt: this.status.lostAt ?? this.environment.now(),
      retryAt: this.environment.now() + delay,
      attempt: attempt + 1,
    });
    this.cancelTimer = this.environment.after(delay, () => this.#open());
    if (neverOpened) this.#askAdmission();
  }

  // A script cannot see why an upgrade was refused, so it asks another way.
  async #askAdmission() {
    const admission = await this.environment.admission();
    const { phase, attempt } = this.status;
    if (phase === 'live' || phase === 'stopped') return;
    if (admission === 'admitted' && attempt >= BLOCKED_AFTER) this.#become({ blocked: true });
    if (admission !== 'refused') return;
    this.cancelTimer();
    this.#drop();
    this.#become({ phase: 'locked', retryAt: null, attempt: 0 });
  }

  #drop() {
    this.cancelPing();
    const { socket } = this;
    this.socket = null;
    for (const call of this.waiting.values()) {
      call.cancel();
      // It had gone into the socket: nobody here knows whether it arrived.
      call.fail(new CallError('uncertain'));
    }
    this.waiting.clear();
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    try {
      socket.close();
    } catch {
      // It is gone either way.
    }
  }

  /** @param {Partial<LinkStatus>} change */
  #become(change) {
    this.status = { ...this.status, ...change };
    this.environment.onStatus(this.status);
  }
}
