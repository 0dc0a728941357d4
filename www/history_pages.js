// @ts-check
/** @import {Recorder} from './trace.js' */
/** @import {LineEvent} from './state.js' */
/** What the gateway answers at once. */
export const PAGE_EVENTS = 4096;
// About 100,000 events in all: more than a recorder of busy lines can hold.
const PAGES_MOST = 24;

/**
 * Reads the past backwards, a page at a time, when somebody looks there.
 * @typedef {(query: string) => Promise<{events?: LineEvent[]}>} Ask
 * @typedef {'more'|'whole'|'forgotten'|'enough'|'failed'} Outcome of a page: there is more before it;
 * it reaches the start; the gateway no longer has what was before; the page keeps no more; no answer
 */
export class HistoryPages {
  /** @param {Recorder} recorder @param {Ask} ask */
  constructor(recorder, ask) {
    this.recorder = recorder;
    this.ask = ask;
    this.left = PAGES_MOST;
  }

  get more() {
    return this.left > 0 && this.recorder.firstSeq > 1;
  }

  /** @returns {Promise<Outcome>} */
  async loadOlder() {
    const { recorder } = this;
    const since = Math.max(0, recorder.firstSeq - 1 - PAGE_EVENTS);
    const query = `since=${recorder.boot}-${since}&limit=${PAGE_EVENTS}`;
    const history = await this.ask(query).catch(() => null);
    if (!history) return 'failed';
    this.left -= 1;
    const met = recorder.takeOlder(history.events ?? []);
    if (!met || recorder.firstSeq > since + 1) {
      this.left = 0;
      return 'forgotten';
    }
    if (recorder.firstSeq <= 1) return 'whole';
    return this.left ? 'more' : 'enough';
  }
}
