// @ts-check
/**
 * The languages of the page. Each is a folder beside this file, with the same parts and keys as i18n/en.
 * @typedef {object} Language
 * @property {string} code  of BCP 47, and the name of its folder
 * @property {string} name  in the language itself
 * @property {boolean} plainNumbers  writes whole numbers below 1,000 by the digits 0 to 9 alone
 * @property {(text: string) => string} [finish]  what a sentence needs once its values stand in it
 */

/** @type {[Language, ...Language[]]} the first is for those whose own the page does not have */
export const LANGUAGES = [
  { code: 'en', name: 'English', plainNumbers: true },
  { code: 'ko', name: '한국어', plainNumbers: true, finish: withParticles },
];

/** The language chosen, or else the browser's own. @param {string} chosen a code, or 'auto' */
export const languageOf = (chosen) =>
  LANGUAGES.find(({ code }) => code === chosen) ??
  LANGUAGES.find(({ code }) => new RegExp(`^${code}\\b`, 'i').test(navigator.language)) ??
  LANGUAGES[0];

// Letters and digits whose Korean names end in a consonant: 엘, 엠, 엔, 알; 영, 일, 삼, 육, 칠, 팔.
const CLOSED_NAMES = /[lmnr013678]/i;

/** Chooses between the two forms of a Korean particle by the end of the word before it. @param {string} text */
export function withParticles(text) {
  return text.replace(
    /(.)([”"')\]]*)(이|은|을|과)\((가|는|를|와)\)/g,
    (_, last, quotes, closed, open) => last + quotes + (endsClosed(last) ? closed : open),
  );
}

/** @param {string} letter */
function endsClosed(letter) {
  const syllable = letter.charCodeAt(0) - 0xac00;
  // Hangul syllables stand in groups of 28, of which the first has no final consonant.
  return syllable >= 0 && syllable < 11172 ? syllable % 28 !== 0 : CLOSED_NAMES.test(letter);
}
