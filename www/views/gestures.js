// @ts-check
/**
 * Fingers, wheel and keys on the strip: drag moves, pinch and wheel zoom, a tap sets a cursor.
 * @typedef {object} Waveform
 * @property {number} width
 * @property {(factor: number, x?: number) => void} zoom @property {(px: number) => void} pan
 * @property {(x: number, y?: number) => void} mark @property {() => void} clearCursors
 * @property {() => void} fitAll @property {() => void} goLive
 */

const TAP_PX = 6;
const KEY_PART = 0.1;

export class Gestures {
  /** @param {HTMLElement} canvas @param {Strip} strip */
  constructor(canvas, strip) {
    this.strip = strip;
    this.canvas = canvas;
    /** @type {Map<number, {x: number, y: number}>} */
    this.fingers = new Map();
    this.moved = 0;
    canvas.addEventListener('pointerdown', (event) => this.#down(event));
    canvas.addEventListener('pointermove', (event) => this.#move(event));
    canvas.addEventListener('pointerup', (event) => this.#up(event));
    canvas.addEventListener('pointercancel', (event) => this.fingers.delete(event.pointerId));
    canvas.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    canvas.addEventListener('keydown', (event) => this.#key(event));
  }

  /** @param {PointerEvent} event */
  #down(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.fingers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    if (this.fingers.size === 1) this.moved = 0;
    else this.moved = TAP_PX * 2;
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const before = this.fingers.get(event.pointerId);
    if (!before) return;
    const here = { x: event.offsetX, y: event.offsetY };
    const other = [...this.fingers].find(([id]) => id !== event.pointerId)?.[1];
    this.fingers.set(event.pointerId, here);
    if (other) {
      const was = Math.max(20, Math.abs(before.x - other.x));
      const is = Math.max(20, Math.abs(here.x - other.x));
      this.strip.zoom(was / is, (here.x + other.x) / 2);
      return;
    }
    this.moved += Math.abs(here.x - before.x) + Math.abs(here.y - before.y);
    if (this.moved > TAP_PX) this.strip.pan(here.x - before.x);
  }

  /** @param {PointerEvent} event */
  #up(event) {
    if (this.fingers.size === 1 && this.moved <= TAP_PX)
      this.strip.mark(event.offsetX, event.offsetY);
    this.fingers.delete(event.pointerId);
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    event.preventDefault();
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))
      this.strip.pan(-(event.deltaX || event.deltaY));
    else this.strip.zoom(1.0015 ** event.deltaY, event.offsetX);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { strip } = this;
    /** @type {Record<string, () => void>} */
    const keys = {
      'ArrowLeft': () => strip.pan(strip.width * KEY_PART),
      'ArrowRight': () => strip.pan(-strip.width * KEY_PART),
      '+': () => strip.zoom(0.5),
      '=': () => strip.zoom(0.5),
      '-': () => strip.zoom(2),
      'c': () => strip.mark(strip.width / 2),
      'Escape': () => strip.clearCursors(),
      'Home': () => strip.fitAll(),
      'End': () => strip.goLive(),
    };
    const act = event.ctrlKey || event.metaKey ? undefined : keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }
}
