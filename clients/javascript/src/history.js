const PAGE_EVENTS = 4096; // the gateway's own ceiling
const MOST_EVENTS = 65536; // beyond them a gap is told
const WITHIN_MS = 15000;

/**
 * @typedef {{boot: string, seq: number, time: string}} Position of an event; `time`, where it is known, is not later
 * @typedef {{from?: string, since?: string, limit: number}} Query parameters of history.get
 * @typedef {(query: Query) => Promise<{events: any[], next?: string}>} Fetch
 */

/**
 * Every event after `seen` up to `until`, in order; with gaps `{boot, seq, lost}` where some are missing and `seen` is
 * of an earlier run. Null where the record does not know that run, or tells nothing new.
 *
 * They are whole when the record holds `seen` itself and the numbers of each run follow each other from there on,
 * those of a new run from 1. A gateway that was killed had not written its last half second: then a gap stands before
 * the events of the next run.
 *
 * @param {Position} seen
 * @param {{boot: string, seq: number}} until
 * @param {Fetch} fetchPage
 */
export async function itemsBetween(seen, until, fetchPage) {
  const byTime = seen.time ? await readEvents(fetchPage, { from: seen.time }, until) : [];
  const whole = wholeAfter(seen, byTime, until) ?? await byCursor(seen, until, fetchPage);
  if (whole) return whole;
  if (seen.boot === until.boot || !byTime.length || key(byTime.at(-1)) !== key(until)) return null;
  return await isRecorded(seen.boot, fetchPage) ? withGaps(seen, byTime) : null;
}

const key = ({ boot, seq }) => `${boot}-${seq}`;

/**
 * What `query` asks for, oldest first, up to the event `until`. A page may hold less than it was asked for, even
 * nothing, and has a `next` then.
 */
async function readEvents(fetchPage, query, until, goesOn = () => true) {
  const asked = { ...query, limit: PAGE_EVENTS };
  const found = [];
  const end = Date.now() + WITHIN_MS;
  while (found.length < MOST_EVENTS && Date.now() < end) {
    const { events, next } = await fetchPage({ ...asked });
    for (const event of events) {
      found.push(event);
      if (key(event) === key(until)) return found;
    }
    // A gateway that does not tell `next` has more where the page is full.
    const following = next ?? (events.length >= PAGE_EVENTS ? key(events.at(-1)) : null);
    if (!following || following === asked.since || !goesOn(found)) return found;
    asked.since = following;
  }
  return found;
}

// In the order of the record: also where the wall clock went back, as that of a Raspberry Pi may after a power cut.
async function byCursor(seen, until, fetchPage) {
  const first = key({ boot: seen.boot, seq: Math.max(seen.seq, 1) });
  // Without that event the gateway answers from its oldest one on.
  const begins = (found) => !found.length || key(found[0]) === first;
  const found = await readEvents(fetchPage, { since: key({ boot: seen.boot, seq: Math.max(seen.seq - 1, 0) }) }, until, begins);
  return begins(found) ? wholeAfter(seen, found, until) : null;
}

async function isRecorded(boot, fetchPage) {
  const { events } = await fetchPage({ since: `${boot}-0`, limit: 1 });
  return events[0]?.boot === boot;
}

function wholeAfter(seen, events, until) {
  const start = events.findIndex((event) => key(event) === key(seen));
  if (start < 0 && seen.seq > 0) return null;
  const whole = events.slice(start + 1);
  let last = seen;
  for (const event of whole) {
    if (event.seq !== (event.boot === last.boot ? last.seq + 1 : 1)) return null;
    last = event;
  }
  return key(last) === key(until) ? whole : null;
}

function withGaps(seen, events) {
  const items = [];
  let isKnown = events.some((event) => key(event) === key(seen)); // up to the end of its run
  let last = seen;
  for (const event of events) {
    if (event.boot === seen.boot && event.seq <= seen.seq) continue;
    let lost = event.boot === last.boot ? event.seq - last.seq - 1 : event.seq - 1;
    if (event.boot !== last.boot && (lost || !isKnown)) lost = null;
    if (lost !== 0) items.push({ boot: event.boot, seq: event.seq - 1, lost });
    items.push(event);
    last = event;
    isKnown = true;
  }
  return items;
}

/** @param {Query} query */
export const historyPath = (query) => `/api/v1/history?${new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))}`;
