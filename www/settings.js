// @ts-check
/**
 * What the user chose for this browser. Never a secret.
 * @typedef {object} Choices
 * @property {'auto'|'light'|'dark'} theme
 * @property {'auto'|'more'} contrast
 * @property {string} language  a code of i18n/languages.js, or 'auto'
 * @property {boolean} awake  keep the screen on
 * @property {boolean} vibrate
 * @property {number} pulseMs  what a long press does
 * @property {string[]} pins  lines at the top of the timeline
 * @property {boolean} pressed  a simulated input was pressed once
 * @property {boolean} compact  many lines in rows of one line each
 * @property {string[]} folded  groups of lines that are not shown
 * @property {Record<string, boolean>} lesson  steps of the socket lesson that were done
 */

const KEY = 'gpio-gateway';

/** @type {Choices} */
export const DEFAULTS = {
  theme: 'auto',
  contrast: 'auto',
  language: 'auto',
  awake: false,
  vibrate: true,
  pulseMs: 500,
  pins: [],
  pressed: false,
  compact: false,
  folded: [],
  lesson: {},
};

/** @type {Choices} */
export const choices = { ...DEFAULTS, ...read() };

/** @returns {Partial<Choices>} */
function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return kept && typeof kept === 'object' ? kept : {};
  } catch {
    return {};
  }
}

/** @param {Partial<Choices>} change */
export function choose(change) {
  Object.assign(choices, change);
  try {
    localStorage.setItem(KEY, JSON.stringify(choices));
  } catch {
    // Private windows may forbid storage: it holds until the page closes.
  }
  applyTheme();
}

/** Puts the choices that are looks onto the document. */
export function applyTheme() {
  const { dataset } = document.documentElement;
  if (choices.theme === 'auto') delete dataset.theme;
  else dataset.theme = choices.theme;
  if (choices.contrast === 'auto') delete dataset.contrast;
  else dataset.contrast = choices.contrast;
}

/** @type {{release: () => Promise<void>}|null} */
let lock = null;

/** Holds or lets go of the screen; the browser lets go by itself when hidden. */
export async function keepAwake() {
  const wakeLock = /** @type {any} */ (navigator).wakeLock;
  if (!choices.awake || document.hidden) {
    await lock?.release().catch(() => {});
    lock = null;
    return;
  }
  try {
    lock = (await wakeLock?.request('screen')) ?? null;
  } catch {
    // A battery saver may say no; the switch stays and the next showing asks again.
  }
}

/** @param {number} ms */
export function vibrate(ms) {
  if (choices.vibrate) navigator.vibrate?.(ms);
}
