// @ts-check
/** Parts that a person wires: what the gateway should know of each, and where its wires go. */
import { HEADER, railOf, supplyOf } from '../pins.js';

export const PARTS = [
  'led',
  'button',
  'switch',
  'relay',
  'buzzer',
  'motor',
  'motion',
  'door',
  'generic',
];

const CONTACT = { direction: 'input', bias: 'pull-up', active_low: true, debounce_ms: 5 };

/** Settings that come with a part. @type {Record<string, Record<string, any>>} */
const SETTINGS = {
  led: { direction: 'output' },
  button: CONTACT,
  switch: { ...CONTACT, debounce_ms: 20 },
  relay: { direction: 'output', initial: 0, safe: 0 },
  buzzer: { direction: 'output', max_on_ms: 10000 },
  motor: { direction: 'output', initial: 0, safe: 0 },
  motion: { direction: 'input', bias: 'pull-down' },
  door: { direction: 'input', bias: 'pull-up', debounce_ms: 20 },
  generic: { direction: 'output' },
};

/** @param {string} part @returns {Record<string, any>} */
export const settingsOf = (part) => ({ ...(SETTINGS[part] ?? SETTINGS.generic) });

/** Parts that are pressed, thrown or opened: two legs, a pull in the chip. @param {string} part */
export const isContact = (part) => ['button', 'switch', 'door'].includes(part);

/** Pins that the drawing takes first, because nothing else is on them. */
const FIRST_PINS = [17, 27, 22, 23, 24, 25, 5, 6, 16, 26, 12, 13, 20, 21, 19, 18, 4];

/** A pin to begin with; null where none is free. @param {any[]} pins @param {Set<string>} taken names */
export function suggestPin(pins, taken) {
  const free = pins.filter(({ name, safe_to_try: safe }) => safe && !taken.has(name));
  const rank = (/** @type {any} */ pin) =>
    (FIRST_PINS.indexOf(Number(/^GPIO(\d+)$/.exec(pin.name)?.[1])) + 100) % 100;
  return free.sort((a, b) => rank(a) - rank(b))[0]?.name ?? null;
}

/** The header pin nearest to `pin` that supplies `what`. @param {number|null} pin @param {string} what */
function nearest(pin, what) {
  const row = (/** @type {number} */ n) => Math.floor((n - 1) / 2);
  const places = HEADER.flatMap((name, n) => (name === what ? [n + 1] : []));
  if (pin === null) return places[0];
  return places.reduce((best, one) =>
    Math.abs(row(one) - row(pin)) < Math.abs(row(best) - row(pin)) ? one : best,
  );
}

/**
 * The wires of a line: from which header pin, in which colour, to which end (a key of texts, `wire.…`).
 * @param {any} line as in the config
 * @returns {{pin: number|null, name: string, colour: 'signal'|'gnd'|'3v3'|'5v', end: string}[]}
 */
export function wiresOf(line) {
  const place = HEADER.indexOf(Number(/^GPIO(\d+)$/.exec(line.gpio ?? '')?.[1] ?? NaN));
  const pin = place < 0 ? null : place + 1;
  const seen = { ...line, gpio: { active_low: line.active_low, bias: line.bias } };
  const supply = supplyOf(seen);
  const rail = railOf(seen);
  const lit = line.part === 'led';
  const signal = { pin, name: line.gpio ?? '?', colour: /** @type {const} */ ('signal') };
  /** @param {'gnd'|'3v3'|'5v'} colour @param {string} end */
  const feed = (colour, end) => {
    const name = colour.toUpperCase();
    return { pin: nearest(pin, name), name, colour, end };
  };
  if (supply) {
    const out = line.direction === 'input' ? 'wire.out' : 'wire.in';
    return [{ ...signal, end: out }, feed(supply, 'wire.vcc'), feed('gnd', 'wire.ground')];
  }
  const ends = lit
    ? rail === 'gnd'
      ? ['wire.led.long', 'wire.led.short']
      : ['wire.led.cathode', 'wire.led.anode']
    : ['wire.leg', 'wire.other'];
  return [{ ...signal, end: ends[0] }, feed(rail, ends[1])];
}
