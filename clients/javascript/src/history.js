const PAGE_EVENTS = 4096; // the gateway's own ceiling
const MOST_PAGES = 64;

/**
 * @typedef {{boot: string, seq: number, time: string}} Position the last event that was handed over
 */

/**
 * Every event after `seen` up to the event `seq` of the run `boot`, in order; null where some are missing.
 * A gateway without a history file, or one that does not know `from`, answers with less: that is
 * noticed because every event must follow the one before it.
 *
 * @param {Position} seen
 * @param {{boot: string, seq: number}} until
 * @param {(from: string) => Promise<any[]>} fetchPage events from a time on, oldest first
 */
export async function eventsBetween(seen, until, fetchPage) {
  const found = [];
  const known = new Set();
  let from = seen.time;
  for (let page = 0; page < MOST_PAGES; page++) {
    const fresh = (await fetchPage(from)).filter((event) => !known.has(key(event)));
    if (!fresh.length) return null;
    for (const event of fresh) {
      known.add(key(event));
      found.push(event);
    }
    if (known.has(key(until))) return wholeAfter(seen, until, found);
    from = fresh.at(-1).time;
  }
  return null;
}

const key = ({ boot, seq }) => `${boot}-${seq}`;

function wholeAfter(seen, until, events) {
  const start = events.findIndex((event) => key(event) === key(seen));
  if (start < 0) return null;
  const whole = [];
  let last = seen;
  for (const event of events.slice(start + 1)) {
    const expected = event.boot === last.boot ? last.seq + 1 : 1;
    if (event.seq !== expected) return null;
    whole.push(event);
    last = event;
    if (key(event) === key(until)) return whole;
  }
  return null;
}

/** @param {string} from a time of the gateway */
export const historyPath = (from) => `/api/v1/history?from=${encodeURIComponent(from)}&limit=${PAGE_EVENTS}`;
