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
  { code: 'ko', name: '한국어', plainNumbers: true, finish: finishKorean },
];

/** The language chosen, or else the browser's own. @param {string} chosen a code, or 'auto' */
export const languageOf = (chosen) =>
  LANGUAGES.find(({ code }) => code === chosen) ??
  LANGUAGES.find(({ code }) => new RegExp(`^${code}\\b`, 'i').test(navigator.language)) ??
  LANGUAGES[0];

// Letters and digits whose Korean names end in a consonant: 엘, 엠, 엔, 알; 영, 일, 삼, 육, 칠, 팔. At the end of an
// English word it is its sound that counts: 모터 (motor) is open, 핑 (ping) is closed.
const CLOSED_NAMES = /([lmnLMN013678]|(?<![a-z])[rR]|ng)$/;
// Those that end in ㄹ: 로 and not 으로 comes after it.
const L_NAMES = /([lL178]|(?<![a-z])[rR])$/;

// A line may break behind a bracket, and would begin with the particle of “send()는”: a word joiner holds them together.
/** @param {string} text */
function finishKorean(text) {
  return withParticles(text).replace(/[)”\]](?=[가-힣])/g, '$&\u2060');
}

/** Chooses between the two forms of a Korean particle by the end of the word before it. @param {string} text */
export function withParticles(text) {
  return text
    .replace(
      /(\w*[^”"')\]])([”"')\]]*)(이|은|을|과)\((가|는|를|와)\)/g,
      (_, word, quotes, closed, open) => word + quotes + (finalOf(word) ? closed : open),
    )
    .replace(/(\w*[^”"')\]])([”"')\]]*)\(으\)로/g, (_, word, quotes) => {
      const final = finalOf(word);
      return `${word}${quotes}${final && final !== 'l' ? '으' : ''}로`;
    });
}

/** How a word ends when it is read aloud. @param {string} word @returns {''|'l'|'other'} a vowel, ㄹ, another consonant */
function finalOf(word) {
  const syllable = word.charCodeAt(word.length - 1) - 0xac00;
  // Hangul syllables stand in groups of 28, of which the first has no final consonant and the ninth ㄹ.
  const final = syllable % 28;
  if (syllable >= 0 && syllable < 11172) return final === 8 ? 'l' : final ? 'other' : '';
  if (L_NAMES.test(word)) return 'l';
  return CLOSED_NAMES.test(word) ? 'other' : '';
}
