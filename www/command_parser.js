// @ts-check
/** @import {Command} from './snippets.js' */
/**
 * Commands as people type them: words as in the line protocol, a method with
 * its parameters, or a whole JSON-RPC message.
 */

/** @type {Record<string, {method: string, takes: string[], optional?: string[]}>} */
export const VERBS = {
  get: { method: 'line.get', takes: [], optional: ['line'] },
  set: { method: 'line.set', takes: ['line', 'value'], optional: ['for_ms'] },
  toggle: { method: 'line.toggle', takes: ['line'] },
  pulse: { method: 'line.pulse', takes: ['line', 'ms'] },
  blink: { method: 'line.blink', takes: ['line', 'on_ms', 'off_ms'], optional: ['count'] },
  pwm: { method: 'line.pwm', takes: ['line', 'duty'], optional: ['hz'] },
  stop: { method: 'line.stop', takes: ['line'] },
  press: { method: 'simulator.set', takes: ['line', 'value'] },
  unlock: { method: 'line.unlock', takes: ['line'] },
  scene: { method: 'scene.apply', takes: ['scene'] },
  off: { method: 'circuit.off', takes: [] },
  ping: { method: 'system.ping', takes: [] },
  methods: { method: 'system.methods', takes: [] },
  sockets: { method: 'sockets.list', takes: [] },
  help: { method: 'help', takes: [] },
};

export class CommandSyntaxError extends Error {
  /** @param {string} code @param {Record<string, string>} [values] */
  constructor(code, values = {}) {
    super(code);
    this.code = code;
    this.values = values;
  }
}

/** @param {string} verb its usage, as in `pulse LINE MS` */
export function usage(verb) {
  const { takes, optional = [] } = VERBS[verb];
  return [
    verb,
    ...takes.map((name) => name.toUpperCase()),
    ...optional.map((name) => `[${name.toUpperCase()}]`),
  ].join(' ');
}

/** Every word, a line each. */
export const words = () => Object.keys(VERBS).map(usage).join('\n');

/** @param {string} text @returns {any} */
function json(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandSyntaxError('json', { why: /** @type {Error} */ (error).message });
  }
}

/** @param {string} text @returns {Command} */
export function parse(text) {
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
  if (!Object.hasOwn(VERBS, first)) throw new CommandSyntaxError('verb', { verb: first });
  const verb = VERBS[first];
  const names = [...verb.takes, ...(verb.optional ?? [])];
  if (rest.length < verb.takes.length || rest.length > names.length)
    throw new CommandSyntaxError('usage', { usage: usage(first) });
  if (first === 'get' && rest.length === 0) return { method: 'circuit.get', params: {} };
  /** @type {Record<string, string|number>} */
  const params = {};
  rest.forEach((word, place) => {
    const name = names[place];
    params[name] = name === 'line' || name === 'scene' ? word : Number(word);
    if (Number.isNaN(params[name])) throw new CommandSyntaxError('usage', { usage: usage(first) });
  });
  return { method: verb.method, params };
}

/**
 * What could come next, whole lines to choose from.
 * @param {string} text @param {string[]} lines @param {string[]} methods @param {number} most
 */
export function complete(text, lines, methods, most) {
  const begun = text.trimStart();
  const phrases = [];
  for (const verb of Object.keys(VERBS)) {
    const { takes, optional = [] } = VERBS[verb];
    if (takes.length === 0) phrases.push(verb);
    if (takes[0] === 'line' || optional[0] === 'line')
      for (const line of lines) phrases.push(`${verb} ${line}`);
  }
  phrases.push(...methods);
  return phrases.filter((phrase) => phrase !== begun && phrase.startsWith(begun)).slice(0, most);
}
