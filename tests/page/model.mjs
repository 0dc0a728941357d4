// A model for the link in which time stands still until a test moves it.

export class Socket {
  constructor(since) {
    this.since = since;
    this.sent = [];
    this.readyState = 0;
    this.closed = false;
  }

  send(frame) {
    this.sent.push(JSON.parse(frame));
  }

  close() {
    this.closed = true;
  }

  open() {
    this.readyState = 1;
    this.onopen?.();
  }

  say(message) {
    this.onmessage?.({ data: JSON.stringify({ jsonrpc: '2.0', ...message }) });
  }

  snapshot(more = {}) {
    this.say({ method: 'snapshot', params: { boot: 'b', seq: 1, lines: [], ...more } });
  }

  answer(result) {
    this.say({ id: this.sent[this.sent.length - 1].id, result });
  }

  fall() {
    this.onclose?.();
  }
}

export class Model {
  time = 0;
  timers = [];
  sockets = [];
  statuses = [];
  notices = [];
  known = null;
  answers = 'admitted';
  away = false;
  chance = 1;

  position = () => this.known;
  now = () => this.time;
  random = () => this.chance;
  hidden = () => this.away;
  admission = async () => this.answers;
  onStatus = (status) => this.statuses.push(status);
  onNotice = (method, params) => this.notices.push([method, params]);

  connect = (since) => {
    const socket = new Socket(since);
    this.sockets.push(socket);
    return socket;
  };

  after = (ms, run) => {
    const timer = { at: this.time + ms, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((one) => one !== timer);
    };
  };

  get socket() {
    return this.sockets[this.sockets.length - 1];
  }

  /** Moves time on, running what comes due, in order. */
  async pass(ms) {
    const end = this.time + ms;
    for (;;) {
      await settle();
      const [next] = this.timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.timers = this.timers.filter((one) => one !== next);
      this.time = next.at;
      next.run();
    }
    this.time = end;
    await settle();
  }
}

/** Lets promises run. */
export async function settle() {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}
