// @ts-check
/** @import {Commands} from '../commands.js' */
/** @import {Store} from '../store.js' */
import { choices, vibrate } from '../settings.js';

const LONG_MS = 550;
const TAP_MS = 150;

/**
 * A tap switches, a long press pulses.
 * @param {HTMLElement} button @param {string} name @param {Store} store @param {Commands} commands
 */
export function pressSwitch(button, name, store, commands) {
  /** @type {number|undefined} */
  let timer;
  let spent = false;
  const refused = () => button.getAttribute('aria-disabled') === 'true';
  const forget = () => clearTimeout(timer);
  button.addEventListener('pointerdown', (event) => {
    spent = false;
    if (event.button !== 0 || refused()) return;
    timer = setTimeout(() => {
      spent = true;
      vibrate(30);
      commands.pulse(name, choices.pulseMs);
    }, LONG_MS);
  });
  for (const end of ['pointerup', 'pointercancel', 'pointerleave'])
    button.addEventListener(end, forget);
  // The system's menu on a long press would eat the pulse.
  button.addEventListener('contextmenu', (event) => event.preventDefault());
  button.addEventListener('click', () => {
    const afterLong = spent;
    spent = false;
    if (afterLong) return;
    if (refused()) {
      commands.refuse(name);
      return;
    }
    vibrate(12);
    commands.toggle(name);
  });
}

/**
 * A simulated input is down as long as the finger, the key or the mouse button is.
 * @param {HTMLElement} button @param {string} name @param {Store} store @param {Commands} commands
 */
export function pressInput(button, name, store, commands) {
  let down = false;
  let handled = false;
  const refused = () => button.getAttribute('aria-disabled') === 'true';
  const press = () => {
    if (down) return;
    if (refused()) {
      commands.refuse(name);
      return;
    }
    down = true;
    vibrate(12);
    commands.drive(name, 1);
  };
  const release = () => {
    if (!down) return;
    down = false;
    commands.drive(name, 0);
  };
  button.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    handled = true;
    button.setPointerCapture(event.pointerId);
    press();
  });
  for (const end of ['pointerup', 'pointercancel', 'lostpointercapture', 'blur'])
    button.addEventListener(end, release);
  button.addEventListener('contextmenu', (event) => event.preventDefault());
  button.addEventListener('keydown', (event) => {
    if (event.key !== ' ' && event.key !== 'Enter') return;
    event.preventDefault();
    if (!event.repeat) press();
  });
  button.addEventListener('keyup', (event) => {
    if (event.key !== ' ' && event.key !== 'Enter') return;
    event.preventDefault();
    release();
  });
  // A screen reader clicks without finger or key: a short press then.
  button.addEventListener('click', () => {
    if (handled) handled = false;
    else {
      press();
      setTimeout(release, TAP_MS);
    }
  });
}
