// @ts-check
/** @import {Title} from '../state.js' */
import english from './en/first.js';
import { LANGUAGES, languageOf } from './languages.js';

// The texts of the first view come with the page, those of the others when they are opened.
const parts = new Set(['first']);
/** @type {Record<string, string>} */
let texts = english;
let [language] = LANGUAGES;
let loaded = 0;

/** @param {string} wanted the code of a language, or 'auto' */
export async function setLanguage(wanted) {
  language = languageOf(wanted);
  loaded = 0;
  await loadTexts();
  document.documentElement.lang = language.code;
  label(document);
}

/** Loads the texts that a view needs, in the language chosen. @param {...string} names files of each language's folder */
export async function useTexts(...names) {
  for (const name of names) parts.add(name);
  // Another view may be loading them now: this one waits for them, too.
  await loadTexts();
}

// A language has every key (a test compares them), so English is loaded only for those who chose it; its
// first part comes with the page and stands in until the others are there.
async function loadTexts() {
  const wanted = language;
  const names = [...parts];
  const modules = names.map((part) => import(`./${wanted.code}/${part}.js`));
  const own = Object.assign({}, ...(await Promise.all(modules)).map((one) => one.default));
  // One that took longer must not take away what a later one brought.
  if (wanted !== language || names.length < loaded) return;
  loaded = names.length;
  texts = own;
}

/**
 * @param {string} key @param {Record<string, string|number>} [values] for the {names} in it
 * @returns {string}
 */
export function t(key, values = {}) {
  const text = texts[key] ?? english[/** @type {keyof typeof english} */ (key)] ?? key;
  const filled = text.replace(/\{(\w+)\}/g, (whole, name) =>
    name in values ? String(values[name]) : whole,
  );
  return language.finish?.(filled) ?? filled;
}

/** @param {string} key */
export const knows = (key) => key in texts;

/**
 * A sentence that the gateway names by a key, or its own English where the page does not know the key.
 * @param {string|null|undefined} key @param {string} [english]
 */
export const translated = (key, english = '') => (key && knows(key) ? t(key) : english);

/** Writes the words of the markup. @param {ParentNode} root */
export function label(root) {
  for (const element of root.querySelectorAll('[data-t]')) {
    element.textContent = t(/** @type {HTMLElement} */ (element).dataset.t ?? '');
  }
  for (const element of root.querySelectorAll('[data-t-label]')) {
    element.setAttribute(
      'aria-label',
      t(/** @type {HTMLElement} */ (element).dataset.tLabel ?? ''),
    );
  }
}

/** A title in the user's language. @param {Title|undefined} title @param {string} [name] */
export function titleOf(title, name = '') {
  if (typeof title === 'string') return title;
  return title?.[language.code] ?? title?.en ?? Object.values(title ?? {})[0] ?? name;
}

/** @param {number} value @param {number} [digits] */
export function number(value, digits = 0) {
  // The browser's tables of numbers would hold up the first picture.
  if (language.plainNumbers && Number.isInteger(value) && Math.abs(value) < 1000)
    return String(value);
  return value.toLocaleString(language.code, { maximumFractionDigits: digits });
}

/** How long, in the unit that fits. @param {number} ms */
export function span(ms) {
  const size = Math.abs(ms);
  if (size < 1) return `${number(ms * 1000)} µs`;
  if (size < 1000) return `${number(ms, size < 10 ? 2 : size < 100 ? 1 : 0)} ms`;
  if (size < 60000) return `${number(ms / 1000, size < 10000 ? 1 : 0)}${t('unit.s')}`;
  if (size < 3600000) return `${number(ms / 60000)}${t('unit.min')}`;
  if (size < 86400000) return `${number(ms / 3600000)}${t('unit.h')}`;
  return `${number(ms / 86400000)}${t('unit.d')}`;
}

/** @param {number} ms since it happened */
export function ago(ms) {
  if (ms < 1500) return t('ago.now');
  return t('ago', { span: span(ms < 60000 ? Math.floor(ms / 1000) * 1000 : ms) });
}
