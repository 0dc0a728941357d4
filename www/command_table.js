// @ts-check
/** @import {Link} from './link.js' */
/**
 * The gateway's own table of commands (`system.methods`): names, words, parameters and their ranges.
 * What the page offers comes from here, so it never offers what the gateway refuses.
 *
 * @typedef {object} Schema of one parameter
 * @property {string} [type] @property {number} [minimum] @property {number} [maximum]
 * @property {any[]} [enum] @property {any} [default] @property {string} [pattern]
 * @property {number} [maxLength] @property {string} [description] @property {string} [x-unit]
 *
 * @typedef {{name: string, required: boolean, plain: boolean, schema: Schema}} Param
 *
 * @typedef {object} Method
 * @property {string} name @property {string} [summary] @property {string} [role]
 * @property {string|null} [word]  in the text protocol @property {string|null} [usage]
 * @property {string|null} [rest]  HTTP method @property {string|null} [path]
 * @property {Param[]} params
 */

/** Words of the page that the text protocol calls otherwise. @type {Record<string, string>} */
const ALIASES = { press: 'simulate' };

export class CommandTable {
  /** @param {any[]} methods as `system.methods` lists them */
  constructor(methods = []) {
    /** @type {Method[]} */
    this.methods = methods.map((one) =>
      typeof one === 'string' ? { name: one, params: [] } : { ...one, params: one.params ?? [] },
    );
    this.byName = new Map(this.methods.map((method) => [method.name, method]));
    this.byWord = new Map(
      this.methods.flatMap((method) => (method.word ? [[method.word, method]] : [])),
    );
  }

  /** @param {string} word @returns {Method|undefined} */
  verb(word) {
    return this.byWord.get(ALIASES[word] ?? word);
  }

  /** @param {string} name */
  has(name) {
    return this.byName.has(name);
  }

  /** What a parameter may be; nothing where the gateway does not say. @param {string} method @param {string} param @returns {Schema} */
  schema(method, param) {
    return this.byName.get(method)?.params.find(({ name }) => name === param)?.schema ?? {};
  }

  get words() {
    return [...this.byWord.keys()];
  }
}

/** @type {{link: Link, boot: string|undefined, table: CommandTable}|null} */
let kept = null;

/**
 * The table of the gateway that is connected; empty while nobody answers.
 * @param {Link} link @param {string|undefined} boot the run of the gateway: another may have another table
 */
export async function loadCommandTable(link, boot) {
  if (kept?.link === link && kept.boot === boot) return kept.table;
  const answer = await link.call('system.methods', {}).catch(() => null);
  const methods = Array.isArray(answer) ? answer : answer?.methods;
  if (!methods) return new CommandTable();
  kept = { link, boot, table: new CommandTable(methods) };
  return kept.table;
}
