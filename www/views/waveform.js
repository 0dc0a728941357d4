// @ts-check
/** @import {Recorder, Trace} from '../trace.js' */
import { make } from '../dom.js';
/**
 * Paints the timeline: square waves, a ruler, cursors, torn places. Canvas only.
 * @typedef {{name: string, colour: string, value: number}} Lane
 * @typedef {{from: number, to: number, width: number, laneHeight: number, now: number}} Window
 * @typedef {{ink: string, soft: string, rule: string, paper: string, accent: string, alarm: string, before: string}} Inks colours, and
 *   the word for what was before the first event
 */

const STEPS = [1, 2, 5];
const TICK_PX = 90;
const DENSE = 1.5;

/** The step between ruler ticks: 1, 2 or 5 of a power of ten, in ms. @param {number} msPerPx */
export function tickOf(msPerPx) {
  const least = msPerPx * TICK_PX;
  let power = 10 ** Math.floor(Math.log10(least));
  for (;;) {
    for (const step of STEPS) if (step * power >= least) return step * power;
    power *= 10;
  }
}

/** Fits a canvas to its box and the screen's pixels. @param {HTMLCanvasElement} canvas @param {number} width @param {number} height */
export function fit(canvas, width, height) {
  const ratio = Math.min(devicePixelRatio || 1, 2);
  const w = Math.round(width * ratio);
  const h = Math.round(height * ratio);
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
    canvas.style.height = `${height}px`;
  }
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  return pen;
}

/** @param {CanvasRenderingContext2D} pen @param {Window} view @param {Inks} inks @param {(ms: number) => string} words */
export function paintRuler(pen, view, inks, words) {
  const perMs = view.width / (view.to - view.from);
  const tick = tickOf(1 / perMs);
  pen.fillStyle = inks.soft;
  pen.strokeStyle = inks.rule;
  pen.font = '12px system-ui, sans-serif';
  pen.textAlign = 'center';
  // Counted back from now, so that the numbers say how long ago.
  for (let n = Math.ceil((view.now - view.to) / tick); ; n++) {
    const x = view.width - (view.to - (view.now - n * tick)) * perMs;
    if (x < 0) break;
    pen.beginPath();
    pen.moveTo(x, 20);
    pen.lineTo(x, 26);
    pen.stroke();
    const text = n === 0 ? '0' : `−${words(n * tick)}`;
    pen.fillText(text, Math.min(Math.max(x, 24), view.width - 16), 15);
  }
}

/**
 * @param {CanvasRenderingContext2D} pen @param {Window} view @param {Lane[]} lanes
 * @param {Recorder} recorder @param {Inks} inks
 */
export function paintLanes(pen, view, lanes, recorder, inks) {
  const perMs = view.width / (view.to - view.from);
  const tick = tickOf(1 / perMs);
  pen.strokeStyle = inks.rule;
  pen.lineWidth = 1;
  pen.globalAlpha = 0.6;
  pen.beginPath();
  for (let n = Math.ceil((view.now - view.to) / tick); ; n++) {
    const x = view.width - (view.to - (view.now - n * tick)) * perMs;
    if (x < 0) break;
    pen.moveTo(x, 0);
    pen.lineTo(x, lanes.length * view.laneHeight);
  }
  pen.stroke();
  pen.globalAlpha = 1;
  let said = false;
  lanes.forEach((lane, place) => {
    const top = place * view.laneHeight;
    pen.fillStyle = inks.rule;
    pen.fillRect(0, top + view.laneHeight - 1, view.width, 1);
    const before = paintWave(pen, view, lane, recorder.traces.get(lane.name), top, inks);
    pen.font = '12px system-ui, sans-serif';
    if (said || before < pen.measureText(inks.before).width + 16) return;
    said = true;
    pen.fillStyle = inks.soft;
    pen.textAlign = 'center';
    pen.fillText(inks.before, before / 2, top + view.laneHeight / 2 - 6);
  });
  paintGaps(pen, view, recorder, lanes.length * view.laneHeight, inks);
  paintHead(pen, view, lanes.length * view.laneHeight, inks);
}

/**
 * @param {CanvasRenderingContext2D} pen @param {Window} view @param {Lane} lane
 * @param {Trace|undefined} trace @param {number} top @param {Inks} inks
 * @returns {number} so many pixels are before its first event
 */
function paintWave(pen, view, lane, trace, top, inks) {
  const perMs = view.width / (view.to - view.from);
  const high = top + 7;
  const low = top + view.laneHeight - 8;
  const end = Math.min(view.width, (view.now - view.from) * perMs);
  if (!trace?.length) {
    level(pen, lane.value ? high : low, 0, end, lane.value ? lane.colour : inks.soft, []);
    return 0;
  }
  const first = trace.after(view.from);
  const last = trace.after(view.to);
  if ((last - first) / view.width > 1 / DENSE) {
    paintDense(pen, view, lane, trace, high, low);
    return 0;
  }
  let x = Math.max(0, (trace.times[0] - view.from) * perMs);
  // Before the first edge nothing is known.
  const before = first === 0 ? Math.min(x, end) : 0;
  if (before) level(pen, (high + low) / 2, 0, before, inks.soft, [2, 5]);
  if (first) x = 0;
  let value = first === 0 ? trace.values[0] : trace.values[first - 1];
  pen.beginPath();
  pen.moveTo(x, value ? high : low);
  /** @type {number[]} */
  const filled = [];
  for (let i = first === 0 ? 1 : first; i < last; i++) {
    const next = (trace.times[i] - view.from) * perMs;
    if (value) filled.push(x, next);
    pen.lineTo(next, value ? high : low);
    value = trace.values[i];
    pen.lineTo(next, value ? high : low);
    x = next;
  }
  pen.lineTo(Math.max(x, end), value ? high : low);
  if (value) filled.push(x, Math.max(x, end));
  pen.strokeStyle = lane.colour;
  pen.lineWidth = 2;
  pen.setLineDash([]);
  pen.stroke();
  pen.globalAlpha = 0.2;
  pen.fillStyle = lane.colour;
  for (let i = 0; i < filled.length; i += 2)
    pen.fillRect(filled[i], high, filled[i + 1] - filled[i], low - high);
  pen.globalAlpha = 1;
  return before;
}

/** @param {CanvasRenderingContext2D} pen @param {number} y @param {number} from @param {number} to @param {string} colour @param {number[]} dash */
function level(pen, y, from, to, colour, dash) {
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  pen.setLineDash(dash);
  pen.beginPath();
  pen.moveTo(from, y);
  pen.lineTo(to, y);
  pen.stroke();
  pen.setLineDash([]);
}

/**
 * More edges than pixels: a column is full where the line moved, else its level.
 * @param {CanvasRenderingContext2D} pen @param {Window} view @param {Lane} lane @param {Trace} trace
 * @param {number} high @param {number} low
 */
function paintDense(pen, view, lane, trace, high, low) {
  const step = (view.to - view.from) / view.width;
  pen.fillStyle = lane.colour;
  let place = trace.after(view.from);
  let begun = 0;
  let kind = -1;
  // Neighbours of one kind are one rectangle: 0 low, 1 high, 2 moving, -1 nothing.
  for (let x = 0; x <= view.width; x++) {
    const until = view.from + (x + 1) * step;
    const before = place;
    while (place < trace.length && trace.times[place] < until) place++;
    let is = -1;
    if (x < view.width && until < view.now + step) {
      if (place > before) is = 2;
      else if (place > 0) is = trace.values[place - 1];
    }
    if (is === kind && x < view.width) continue;
    if (kind === 2) pen.fillRect(begun, high, x - begun, low - high);
    else if (kind >= 0) pen.fillRect(begun, (kind ? high : low) - 1, x - begun, 2);
    kind = is;
    begun = x;
  }
}

/** @param {CanvasRenderingContext2D} pen @param {Window} view @param {Recorder} recorder @param {number} height @param {Inks} inks */
function paintGaps(pen, view, recorder, height, inks) {
  const perMs = view.width / (view.to - view.from);
  for (const gap of recorder.gaps) {
    const from = (gap.from - view.from) * perMs;
    const to = Math.max(from + 6, (gap.to - view.from) * perMs);
    if (to < 0 || from > view.width) continue;
    pen.fillStyle = inks.paper;
    pen.strokeStyle = inks.alarm;
    pen.lineWidth = 1.5;
    pen.beginPath();
    for (let y = 0, side = 0; y <= height; y += 6, side ^= 1) pen.lineTo(from + side * 3, y);
    for (let y = height, side = 0; y >= 0; y -= 6, side ^= 1) pen.lineTo(to + side * 3, y);
    pen.closePath();
    pen.fill();
    pen.stroke();
  }
}

/** Now, at the right, with a soft head. @param {CanvasRenderingContext2D} pen @param {Window} view @param {number} height @param {Inks} inks */
function paintHead(pen, view, height, inks) {
  const x = ((view.now - view.from) / (view.to - view.from)) * view.width;
  if (x < 0 || x > view.width + 1) return;
  const glow = pen.createLinearGradient(x - 40, 0, x, 0);
  glow.addColorStop(0, 'transparent');
  glow.addColorStop(1, inks.accent);
  pen.globalAlpha = 0.22;
  pen.fillStyle = glow;
  pen.fillRect(x - 40, 0, 40, height);
  pen.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} pen @param {Window} view @param {number[]} cursors moments @param {number} height @param {Inks} inks */
export function paintCursors(pen, view, cursors, height, inks) {
  const perMs = view.width / (view.to - view.from);
  pen.strokeStyle = pen.fillStyle = inks.accent;
  pen.lineWidth = 1.5;
  pen.font = '700 12px system-ui, sans-serif';
  pen.textAlign = 'left';
  const places = cursors.map((ms) => (ms - view.from) * perMs);
  if (places.length === 2) {
    pen.globalAlpha = 0.12;
    pen.fillRect(Math.min(...places), 0, Math.abs(places[1] - places[0]), height);
    pen.globalAlpha = 1;
  }
  places.forEach((x, n) => {
    pen.beginPath();
    pen.moveTo(x, 0);
    pen.lineTo(x, height);
    pen.stroke();
    pen.fillText('AB'[n], x + 4, 12);
  });
}

/** @param {HTMLCanvasElement} ruler @param {HTMLCanvasElement} lanes @param {string} paper */
export function savePicture(ruler, lanes, paper) {
  const both = make('canvas', { width: lanes.width, height: lanes.height + ruler.height });
  const pen = both.getContext('2d');
  pen.fillStyle = paper;
  pen.fillRect(0, 0, both.width, both.height);
  pen.drawImage(ruler, 0, 0);
  pen.drawImage(lanes, 0, ruler.height);
  both.toBlob((/** @type {Blob|null} */ blob) => {
    if (!blob) return;
    const href = URL.createObjectURL(blob);
    make('a', { href, download: 'circuit.png' }).click();
    setTimeout(() => URL.revokeObjectURL(href), 1000);
  });
}
