// @ts-check
/** @import {Command} from './snippets.js' */
/** @import {CommandTable, Method, Param} from './command_table.js' */
/**
 * Commands as people type them: words as in the text protocol, a method with
 * its parameters, or a whole JSON-RPC message.
 */

/** Words that only make sense on a connection of their own. */
const ELSEWHERE = ['auth', 'watch', 'unwatch', 'quit'];
const SWITCH_WORDS = new Map([
  ['0', 0],
  ['1', 1],
  ['off', 0],
  ['on', 1],
  ['false', 0],
  ['true', 1],
]);

export class CommandSyntaxError extends Error {
  /** @param {string} code @param {Record<string, any>} [values] `word` is the wrong one, `at` its place among the words */
  constructor(code, values = {}) {
    super(code);
    this.code = code;
    this.values = values;
  }
}

/** @param {string} text @returns {any} */
function json(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandSyntaxError('json', { why: /** @type {Error} */ (error).message });
  }
}

/** @param {string} text @param {CommandTable} table @returns {Command} */
export function parse(text, table) {
  const trimmed = text.trim();
  if (!trimmed) throw new CommandSyntaxError('empty');
  if (trimmed.startsWith('{')) {
    const { method, params } = json(trimmed);
    if (typeof method !== 'string') throw new CommandSyntaxError('method');
    return { method, params: params ?? {} };
  }
  const [first, ...rest] = trimmed.split(/\s+/);
  if (first.includes('.')) {
    const written = trimmed.slice(first.length).trim();
    return { method: first, params: written ? json(written) : {} };
  }
  if (first === 'help') return { method: 'help', params: {} };
  if (ELSEWHERE.includes(first)) throw new CommandSyntaxError('elsewhere', { word: first, at: 0 });
  const verb = table.verb(first);
  if (!verb) {
    const near = nearest(first, table.words);
    throw new CommandSyntaxError(near ? 'verb.near' : 'verb', { word: first, at: 0, near });
  }
  // `get` without a line reads all of them.
  if (!rest.length && verb.name === 'line.get') return { method: 'lines.get', params: {} };
  return { method: verb.name, params: parameters(verb, rest) };
}

/** @param {Method} verb @param {string[]} words */
function parameters(verb, words) {
  const usage = verb.usage ?? verb.word ?? verb.name;
  const plain = verb.params.filter((param) => param.plain);
  /** @type {Record<string, any>} */
  const params = {};
  let place = 0;
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    const named = /^([a-z_]+)=(.*)$/.exec(word);
    const param = named ? verb.params.find(({ name }) => name === named[1]) : plain[place++];
    if (!param) throw new CommandSyntaxError('extra', { word, at: at + 1, usage });
    if (isFreeText(param) && !named) {
      params[param.name] = words.slice(at).join(' ');
      break;
    }
    params[param.name] = valueOf(named ? named[2] : word, param, { word, at: at + 1, usage });
  }
  const missing = verb.params.find((param) => param.required && !(param.name in params));
  if (missing) throw new CommandSyntaxError('missing', { param: missing.name, usage });
  return params;
}

/** A text without a form, such as a reason: it takes the rest of the line. @param {Param} param */
const isFreeText = ({ schema }) => schema.type === 'string' && !schema.pattern && !schema.enum;

/** @param {string} text @param {Param} param @param {{word: string, at: number, usage: string}} place */
function valueOf(text, { name, schema }, place) {
  if (schema.enum?.includes(0)) {
    const value = SWITCH_WORDS.get(text.toLowerCase());
    if (value === undefined) throw new CommandSyntaxError('switch', place);
    return value;
  }
  if (schema.enum && !schema.enum.includes(text)) {
    throw new CommandSyntaxError('choice', { ...place, choices: schema.enum.join(', ') });
  }
  if (schema.type !== 'integer' && schema.type !== 'number') return text;
  const value = text === '' ? NaN : Number(text);
  if (Number.isNaN(value) || (schema.type === 'integer' && !Number.isInteger(value))) {
    throw new CommandSyntaxError('number', { ...place, param: name });
  }
  const { minimum = -Infinity, maximum = Infinity, 'x-unit': unit = '' } = schema;
  if (value < minimum || value > maximum) {
    throw new CommandSyntaxError('range', { ...place, minimum, maximum, unit });
  }
  return value;
}

/** The place of a word in what was typed. @param {string} text @param {number} at @returns {[number, number]} start and end */
export function wordPlace(text, at) {
  const words = [...text.matchAll(/\S+/g)];
  const word = words[at];
  return word ? [word.index, word.index + word[0].length] : [0, text.length];
}

/** The known word that is one or two slips away. @param {string} word @param {string[]} known */
export function nearest(word, known) {
  const [best] = known
    .map((one) => ({ one, slips: distance(word, one) }))
    .sort((a, b) => a.slips - b.slips);
  return best && best.slips <= Math.min(2, Math.floor(word.length / 2)) ? best.one : '';
}

/** How many letters must change, come or go (Levenshtein). @param {string} a @param {string} b */
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}

/**
 * What could come next, whole lines to choose from.
 * @param {string} text @param {CommandTable} table
 * @param {Record<string, string[]>} names of lines, scenes and so on, by the parameter that takes them
 * @param {number} most
 */
export function complete(text, table, names, most) {
  const begun = text.trimStart();
  const phrases = ['help'];
  for (const word of table.words) {
    const [first] = table.verb(word)?.params ?? [];
    const choices = first ? names[first.name] : undefined;
    if (!first?.required || word === 'get') phrases.push(word);
    for (const choice of choices ?? []) phrases.push(`${word} ${choice}`);
  }
  phrases.push(...table.methods.map(({ name }) => name));
  return phrases.filter((phrase) => phrase !== begun && phrase.startsWith(begun)).slice(0, most);
}
