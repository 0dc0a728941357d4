const MOST_ITEMS = 65536; // as many as a gateway keeps by default

/** Events for one reader. A reader that is too slow loses the oldest, and is told how many. */
export class EventQueue {
  #items = [];
  #head = 0;
  #dropped = 0;
  #unknown = false;
  #waiting = null;
  #ended = false;
  #error = null;
  #onReturn;

  /** @param {(queue: EventQueue) => void} onReturn the reader has left */
  constructor(onReturn, most = MOST_ITEMS) {
    this.#onReturn = onReturn;
    this.most = most;
  }

  push(item) {
    if (this.#ended) return;
    this.#items.push(item);
    if (this.#items.length - this.#head > this.most) this.#dropOldest();
    this.#wake();
  }

  /** After what is queued the reader's loop ends, or throws `error`. */
  end(error = null) {
    this.#ended = true;
    this.#error = error;
    this.#wake();
  }

  #dropOldest() {
    const item = this.#take();
    if (item.lost === null) this.#unknown = true;
    else this.#dropped += item.lost ?? 1;
  }

  #take() {
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  #wake() {
    this.#waiting?.();
    this.#waiting = null;
  }

  async next() {
    for (;;) {
      if (this.#dropped || this.#unknown) {
        const { boot, seq } = this.#items[this.#head];
        const lost = this.#unknown ? null : this.#dropped;
        this.#dropped = 0;
        this.#unknown = false;
        return { done: false, value: { boot, seq: seq - 1, lost } };
      }
      if (this.#head < this.#items.length) return { done: false, value: this.#take() };
      if (this.#ended) {
        const error = this.#error;
        this.#error = null;
        if (error) throw error;
        return { done: true, value: undefined };
      }
      await new Promise((resolve) => { this.#waiting = resolve; });
    }
  }

  async return() {
    this.end();
    this.#items = [];
    this.#head = 0;
    this.#onReturn(this);
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}
