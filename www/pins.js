// @ts-check
/** @import {Line} from './state.js' */
/**
 * Which header pin a line has, which rails a part needs, and how much room the drawing takes.
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
export const PITCH = 24;
export const GEOMETRY = { left: 74, top: 44, pitch: PITCH };
export const BOARD = { width: 138, height: 44 + 20 * PITCH + 26 };
const CHANNEL = { gap: 8, track: 9, least: 60, most: 280 };
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

/** Parts that people own as modules of three wires: signal, supply and ground. */
const SUPPLIES = { relay: '5v', motor: '5v', motion: '5v', buzzer: '3v3' };

/** The rail that feeds the part's module; null for a part of two legs. @param {Line} line @returns {'5v'|'3v3'|null} */
export function supplyOf(line) {
  return /** @type {any} */ (SUPPLIES)[line.part ?? ''] ?? null;
}

/**
 * The rail at the far end of the part: an output drives against ground unless
 * low means on; an input is pulled to the opposite of its bias. Modules, and what drives
 * an input by itself, share the ground.
 * @param {Line} line @returns {'gnd'|'3v3'}
 */
export function railOf(line) {
  const { active_low: low = false, bias = 'as-is' } = line.gpio ?? {};
  if (supplyOf(line)) return 'gnd';
  if (line.direction === 'output') return low ? '3v3' : 'gnd';
  if (bias === 'pull-down') return '3v3';
  if (bias === 'pull-up' || !['button', 'switch', 'door'].includes(line.part ?? '')) return 'gnd';
  return low ? 'gnd' : '3v3';
}

/** The header pins that the rails are tied to, from the top of the drawing. */
export const RAILS = /** @type {const} */ ([
  { rail: '5v', pin: 2 },
  { rail: '3v3', pin: 1 },
  { rail: 'gnd', pin: 6 },
]);

/** The rails that a circuit needs. @param {Line[]} lines */
export function railsOf(lines) {
  const used = new Set(lines.flatMap((line) => [railOf(line), supplyOf(line)]));
  return RAILS.filter(({ rail }) => used.has(rail));
}
