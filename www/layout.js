// @ts-check
/** @import {Line} from './state.js' */
/**
 * Where things stand: which header pin a line has, and how the wires run from
 * the header to the rungs. Pure geometry, no document.
 */

/** The 40-pin header, pin 1 first: a BCM number or what the pin supplies. */
export const HEADER = [
  '3V3',
  '5V',
  2,
  '5V',
  3,
  'GND',
  4,
  14,
  'GND',
  15,
  17,
  18,
  27,
  'GND',
  22,
  23,
  '3V3',
  24,
  10,
  'GND',
  9,
  25,
  11,
  8,
  'GND',
  7,
  0,
  1,
  5,
  'GND',
  6,
  12,
  13,
  'GND',
  19,
  16,
  26,
  20,
  'GND',
  21,
];

/** The drawn board, in pixels; its header's geometry and the channel for the wires beside it. */
export const PITCH = 23;
export const GEOMETRY = { left: 74, top: 44, pitch: PITCH };
export const BOARD = { width: 138, height: 44 + 20 * PITCH + 26 };
const CHANNEL = { gap: 8, track: 9, least: 60, most: 190 };

/** Where wires may run, for so many of them. @param {number} count */
export function channelOf(count) {
  const from = BOARD.width + CHANNEL.gap;
  return {
    from,
    to: from + Math.max(CHANNEL.least, Math.min(CHANNEL.most, (count + 1) * CHANNEL.track)),
  };
}

const PI_CHIP = /^pinctrl-(bcm2835|bcm2711|rp1)$/;

/** The GPIO number of the Raspberry Pi, or null for a line of another chip. @param {Line} line */
export function bcmOf(line) {
  const { gpio } = line;
  if (!gpio) return null;
  const named = /^GPIO(\d+)$/.exec(gpio.name ?? '');
  if (named) return Number(named[1]);
  return PI_CHIP.test(gpio.label ?? '') ? (gpio.offset ?? null) : null;
}

/** The header pin, 1 to 40, or null. @param {Line} line */
export function boardPinOf(line) {
  const bcm = bcmOf(line);
  const place = bcm === null ? -1 : HEADER.indexOf(bcm);
  return place < 0 ? null : place + 1;
}

/**
 * The rail at the far end of the part: an output drives against ground unless
 * low means on; an input is pulled to the opposite of its bias.
 * @param {Line} line @returns {'gnd'|'3v3'}
 */
export function railOf(line) {
  const { active_low: low = false, bias = 'as-is' } = line.gpio ?? {};
  if (line.direction === 'output') return low ? '3v3' : 'gnd';
  if (bias === 'pull-down') return '3v3';
  if (bias === 'pull-up') return 'gnd';
  return low ? 'gnd' : '3v3';
}

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
 * Wires that go down take the outer tracks for the upper pins, wires that go up
 * the other way round: neighbours then do not cross.
 * @param {Wire[]} wires @param {Geometry} geometry
 * @param {{from: number, to: number}} channel x where tracks may lie; wires end at `to`
 * @returns {Route[]}
 */
export function route(wires, geometry, channel) {
  const ends = wires.map((wire) => ({ ...wire, ...leave(wire.pin, geometry) }));
  const down = ends.filter((wire) => wire.y >= wire.exit).sort((a, b) => b.exit - a.exit);
  const up = ends.filter((wire) => wire.y < wire.exit).sort((a, b) => a.exit - b.exit);
  const order = [...down, ...up];
  const gap = (channel.to - channel.from) / (order.length + 1);
  return order.map((wire, place) => {
    const track = channel.from + gap * (place + 1);
    const corner = Math.min(6, gap, Math.abs(wire.y - wire.exit) / 2);
    return { name: wire.name, track, path: bend(wire, track, channel.to, corner) };
  });
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
 * @param {{start: {x: number, y: number}, exit: number, outer: boolean, y: number}} wire
 * @param {number} track @param {number} end @param {number} r corner radius
 */
function bend(wire, track, end, r) {
  const { start, exit, outer, y } = wire;
  const jog = exit - start.y;
  const out = outer ? `M${start.x} ${start.y}l${jog} ${jog}` : `M${start.x} ${start.y}`;
  if (Math.abs(y - exit) < 1) return `${out}H${end}`;
  const way = y > exit ? 1 : -1;
  return `${out}H${track - r}q${r} 0 ${r} ${way * r}V${y - way * r}q0 ${way * r} ${r} ${way * r}H${end}`;
}
