// @ts-check
/** How the wires run from the header to the rungs. Pure geometry, no document. */
export * from './pins.js';

/** Parallel wires and their labels keep at least so many pixels apart. */
export const APART = 6;
// Before it ends, a wire comes back to the height of its rung.
const JOG = 14;
const CORNER = 6;
/** A wire hops so far to both sides of the one it crosses, and so high. */
const HOP = { half: 3, high: 2.5, lead: 2.5 };

/** Centre of a header pin. @param {number} pin 1 to 40 @param {Geometry} geometry */
export function pinPoint(pin, geometry) {
  const row = Math.floor((pin - 1) / 2);
  const left = pin % 2 === 1;
  return { x: geometry.left + (left ? 0 : geometry.pitch), y: geometry.top + row * geometry.pitch };
}

/**
 * @typedef {{left: number, top: number, pitch: number}} Geometry of the header
 * @typedef {{name: string, pin: number, y: number}} Wire from a pin to a rung's height
 * @typedef {{name: string, path: string, bridges: string, track: number}} Route `bridges` are the pieces of
 *   `path` that hop over another wire
 */

/**
 * Runs every wire in a track of its own, so that no two ever lie on each other. Where two must cross,
 * the horizontal one is the bridge.
 * @param {Wire[]} wires @param {Geometry} geometry
 * @param {{from: number, to: number}} channel x where tracks may lie; wires end at `to`
 * @returns {Route[]}
 */
export function route(wires, geometry, channel) {
  const order = untangle(wires.map((wire) => ({ ...wire, ...leave(wire.pin, geometry) })));
  const gap = (channel.to - JOG - channel.from) / (order.length + 1);
  const placed = order.map((wire, place) => ({
    ...wire,
    track: channel.from + gap * (place + 1),
    entry: freeHeight(
      wire.y,
      order.slice(place + 1).map(({ exit }) => exit),
    ),
  }));
  return placed.map((wire) => drawWire(wire, placed, channel.to, Math.min(CORNER, gap - HOP.half)));
}

/** @typedef {Wire & {start: {x: number, y: number}, exit: number, outer: boolean}} End */

/**
 * The order of the tracks, from left to right. Wires that go down take the outer tracks for the upper
 * pins, wires that go up the other way round: then two cross only where they stand in another order at
 * the rungs than at the board.
 * @param {End[]} ends
 */
function untangle(ends) {
  const down = ends.filter((wire) => wire.y >= wire.exit).sort((a, b) => b.exit - a.exit);
  const up = ends.filter((wire) => wire.y < wire.exit).sort((a, b) => a.exit - b.exit);
  return [...down, ...up];
}

/** The height nearest to a rung's at which a wire lies on none that passes there. @param {number} y @param {number[]} passing */
function freeHeight(y, passing) {
  // Pins are two times as far apart as wires must be: between two of them there is always room.
  const free = passing.flatMap((one) => [one - APART, one + APART]).concat(y);
  free.sort((a, b) => Math.abs(a - y) - Math.abs(b - y));
  return free.find((at) => passing.every((one) => Math.abs(one - at) > APART - 0.01)) ?? y;
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

/** @typedef {End & {track: number, entry: number}} Placed */

/** @param {Placed} wire @param {Placed[]} all @param {number} end @param {number} most radius of a corner @returns {Route} */
function drawWire(wire, all, end, most) {
  const { name, start, exit, outer, track, y, entry } = wire;
  /** @type {string[]} */
  const bridges = [];
  /** Over the upright wires between here and there. @param {number} at @param {(x: number) => boolean} within */
  const hops = (at, within) =>
    all
      .filter((one) => one !== wire && within(one.track) && (at - one.exit) * (at - one.entry) < 0)
      .map((one) => one.track)
      .sort((a, b) => a - b)
      .map((x) => {
        const arc = `a${HOP.half} ${HOP.high} 0 0 1 ${2 * HOP.half} 0`;
        bridges.push(`M${x - HOP.half - HOP.lead} ${at}h${HOP.lead}${arc}h${HOP.lead}`);
        return `H${x - HOP.half}${arc}`;
      })
      .join('');
  const out = exit - start.y;
  const begin = outer ? `M${start.x} ${start.y}l${out} ${out}` : `M${start.x} ${start.y}`;
  const back = y - entry;
  const finish = back ? `H${end - JOG}l${Math.abs(back)} ${back}H${end}` : `H${end}`;
  const way = Math.sign(entry - exit);
  const r = Math.min(most, Math.abs(entry - exit) / 2);
  const turn = way
    ? `H${track - r}q${r} 0 ${r} ${way * r}V${entry - way * r}q0 ${way * r} ${r} ${way * r}`
    : '';
  const path = begin + hops(exit, (x) => x < track) + turn + hops(entry, (x) => x > track) + finish;
  return { name, track, path, bridges: bridges.join('') };
}
