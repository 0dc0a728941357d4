// @ts-check
/** How the wires run from the header to the rungs. Pure geometry, no document. */
export * from './pins.js';

/** Parallel wires and their labels keep at least so many pixels apart. */
export const APART = 5;
// Before it ends, a wire comes back to the height of its rung.
const JOG = 14;
const JOG_MOST = 9;

/** Centre of a header pin. @param {number} pin 1 to 40 @param {Geometry} geometry */
export function pinPoint(pin, geometry) {
  const row = Math.floor((pin - 1) / 2);
  const left = pin % 2 === 1;
  return { x: geometry.left + (left ? 0 : geometry.pitch), y: geometry.top + row * geometry.pitch };
}

/**
 * @typedef {{left: number, top: number, pitch: number}} Geometry of the header
 * @typedef {{name: string, pin: number, y: number}} Wire from a pin to a rung's height
 * @typedef {{name: string, path: string, track: number}} Route
 */

/**
 * Runs every wire in a track of its own, so that no two ever lie on each other.
 * @param {Wire[]} wires @param {Geometry} geometry
 * @param {{from: number, to: number}} channel x where tracks may lie; wires end at `to`
 * @returns {Route[]}
 */
export function route(wires, geometry, channel) {
  const order = untangle(wires.map((wire) => ({ ...wire, ...leave(wire.pin, geometry) })));
  const gap = (channel.to - JOG - channel.from) / (order.length + 1);
  return order.map((wire, place) => {
    const track = channel.from + gap * (place + 1);
    const passing = order.slice(place + 1).map(({ exit }) => exit);
    const entry = freeHeight(wire.y, passing);
    const corner = Math.min(6, gap, Math.abs(entry - wire.exit) / 2);
    return {
      name: wire.name,
      track,
      path: bend({ ...wire, entry }, track, channel.to, corner),
    };
  });
}

/** @typedef {Wire & {start: {x: number, y: number}, exit: number, outer: boolean}} End */

/** How often two wires cross when the first has the track further left. @param {End} a @param {End} b */
export function crossings(a, b) {
  const between = (/** @type {number} */ y, /** @type {End} */ wire) =>
    (y - wire.exit) * (y - wire.y) < 0;
  // b's way out passes a's track; a's way in passes b's.
  return Number(between(b.exit, a)) + Number(between(a.y, b));
}

/**
 * The order of the tracks, from left to right. Wires that go down take the outer tracks for the upper
 * pins, wires that go up the other way round: then two cross only where every order has them cross.
 * @param {End[]} ends
 */
function untangle(ends) {
  const down = ends.filter((wire) => wire.y >= wire.exit).sort((a, b) => b.exit - a.exit);
  const up = ends.filter((wire) => wire.y < wire.exit).sort((a, b) => a.exit - b.exit);
  return [...down, ...up];
}

/** The height nearest to a rung's at which a wire lies on none that passes there. @param {number} y @param {number[]} passing */
function freeHeight(y, passing) {
  const free = (/** @type {number} */ at) => passing.every((one) => Math.abs(one - at) >= APART);
  for (let shift = 0; shift <= JOG_MOST; shift += 0.5) {
    if (free(y + shift)) return y + shift;
    if (free(y - shift)) return y - shift;
  }
  return y;
}

/**
 * How a wire leaves its pin: the right column straight on, the left column
 * through the gap below the right one's pins.
 * @param {number} pin @param {Geometry} geometry
 */
function leave(pin, geometry) {
  const { x, y } = pinPoint(pin, geometry);
  const outer = pin % 2 === 1;
  return { start: { x, y }, exit: outer ? y + geometry.pitch / 2 : y, outer };
}

/**
 * @param {{start: {x: number, y: number}, exit: number, outer: boolean, y: number, entry: number}} wire
 * @param {number} track @param {number} end @param {number} r corner radius
 */
function bend(wire, track, end, r) {
  const { start, exit, outer, y, entry } = wire;
  const out = exit - start.y;
  const begin = outer ? `M${start.x} ${start.y}l${out} ${out}` : `M${start.x} ${start.y}`;
  const back = y - entry;
  const finish = back ? `H${end - JOG}l${Math.abs(back)} ${back}H${end}` : `H${end}`;
  if (Math.abs(entry - exit) < 1) return begin + finish;
  const way = entry > exit ? 1 : -1;
  return `${begin}H${track - r}q${r} 0 ${r} ${way * r}V${entry - way * r}q0 ${way * r} ${r} ${way * r}${finish}`;
}
