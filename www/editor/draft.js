// @ts-check
/** @import {JsonNode} from './json_tree.js' */
/**
 * The config that is being edited: the file's text as a tree, changed only where somebody changed it.
 * Knows nothing of the page or the gateway.
 *
 * @typedef {'rules'|'interlocks'|'scenes'} Group
 */
import { get, insert, move, parse, print, removeItem, same, set, valueOf } from './json_tree.js';

/** The lines of the example that the gateway is delivered with. */
const EXAMPLE = 'red yellow green buzzer relay button button2 motion';

export class Draft {
  /** @param {string} text of the file, valid JSON @param {string} etag */
  constructor(text, etag) {
    this.original = text;
    this.etag = etag;
    this.#take(text);
  }

  /** @param {string} text */
  #take(text) {
    this.tree = parse(text);
    /** @type {JsonNode} */
    this.root = this.tree.root;
  }

  /** What a person typed in place of all; throws a JsonSyntaxError and changes nothing. @param {string} text */
  replaceText(text) {
    this.#take(text);
  }

  discard() {
    this.#take(this.original);
  }

  /** It stands in the file now. @param {string} text @param {string} etag */
  applied(text, etag) {
    this.original = text;
    this.etag = etag;
  }

  get text() {
    return this.tree.lead + print(this.root) + this.tree.tail;
  }

  get isChanged() {
    return this.text !== this.original;
  }

  get circuit() {
    return valueOf(get(this.root, 'circuit')) ?? {};
  }

  /** @returns {any[]} */
  get lines() {
    return this.circuit.lines ?? [];
  }

  get isExample() {
    return this.lines.map(({ name }) => name).join(' ') === EXAMPLE;
  }

  #circuit() {
    if (!get(this.root, 'circuit')) set(this.root, 'circuit', {});
    return /** @type {JsonNode} */ (get(this.root, 'circuit'));
  }

  /** @param {'lines'|Group} group */
  #list(group) {
    const circuit = this.#circuit();
    if (!get(circuit, group)) set(circuit, group, []);
    return get(circuit, group);
  }

  /** @param {'lines'|Group} group @param {number} place */
  #item(group, place) {
    const list = get(get(this.root, 'circuit'), group);
    return list?.kind === 'array' ? list.items[place]?.value : undefined;
  }

  // ---- lines

  /** @param {any} line */
  addLine(line) {
    insert(this.#list('lines'), this.lines.length, line);
  }

  /** Sets keys of a line; undefined removes one. A new name is taken wherever the old one stood. @param {number} place @param {Record<string, any>} keys */
  changeLine(place, keys) {
    const line = this.#item('lines', place);
    if (!line) return;
    const before = valueOf(get(line, 'name'));
    for (const [key, value] of Object.entries(keys)) set(line, key, value);
    if (keys.name && keys.name !== before) {
      for (const group of ['rules', 'interlocks', 'scenes']) {
        rename(get(get(this.root, 'circuit'), group), before, keys.name);
      }
    }
  }

  /** @param {number} from @param {number} to */
  moveLine(from, to) {
    if (to < 0 || to >= this.lines.length) return;
    move(this.#list('lines'), from, to);
  }

  /** With a line goes what cannot be without it. @param {number} place */
  removeLine(place) {
    const { name } = this.lines[place];
    removeItem(this.#list('lines'), place);
    for (const group of /** @type {Group[]} */ (['rules', 'interlocks', 'scenes'])) {
      for (let n = this.group(group).length - 1; n >= 0; n -= 1) this.#forget(group, n, name);
    }
  }

  removeAllLines() {
    for (let place = this.lines.length - 1; place >= 0; place -= 1) this.removeLine(place);
  }

  /** @param {Group} group @param {number} place @param {string} name of a line */
  #forget(group, place, name) {
    const value = this.group(group)[place];
    const node = /** @type {JsonNode} */ (this.#item(group, place));
    if (!uses(value, name)) return;
    if (group === 'interlocks' && value.lines?.length > 2) {
      const rest = value.lines.filter((/** @type {string} */ one) => one !== name);
      set(node, 'lines', rest);
    } else if (group === 'scenes' && value.set && Object.keys(value.set).length > 1) {
      const map = get(node, 'set');
      if (map) set(map, name, undefined);
    } else {
      this.removeFrom(group, place);
    }
  }

  // ---- rules, interlocks, scenes

  /** @param {Group} group @returns {any[]} */
  group(group) {
    return this.circuit[group] ?? [];
  }

  /** Adds one where `place` is behind the last; else changes the keys that differ. @param {Group} group @param {number} place @param {any} value */
  put(group, place, value) {
    const node = this.#item(group, place);
    if (!node) {
      insert(this.#list(group), this.group(group).length, value);
      return;
    }
    const before = valueOf(node);
    for (const key of Object.keys(before)) if (!(key in value)) set(node, key, undefined);
    for (const [key, one] of Object.entries(value)) {
      if (!same(before[key], one)) set(node, key, one);
    }
  }

  /** An empty list leaves with its last. @param {Group} group @param {number} place */
  removeFrom(group, place) {
    removeItem(this.#list(group), place);
    if (!this.group(group).length) set(this.#circuit(), group, undefined);
  }

  /** A name like `base` that no line, or no other of the group, has. @param {string} base @param {'lines'|Group} [group] */
  freeName(base, group = 'lines') {
    const taken = new Set((this.circuit[group] ?? []).map((/** @type {any} */ { name }) => name));
    let name = base;
    for (let n = 2; taken.has(name); n += 1) name = `${base}${n}`;
    return name;
  }
}

/** Whether a rule, interlock or scene speaks of a line. @param {any} value @param {string} name @returns {boolean} */
export function uses(value, name) {
  if (value === null || typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.some((one) => one === name || uses(one, name));
  return Object.entries(value).some(
    ([key, one]) =>
      (key === 'line' && one === name) ||
      ((key === 'set' || key === 'lines') && one && !Array.isArray(one) && name in one) ||
      uses(one, name),
  );
}

/** @param {JsonNode|undefined} node @param {string} from @param {string} to */
function rename(node, from, to) {
  if (node?.kind === 'array') for (const { value } of node.items) rename(value, from, to);
  if (node?.kind !== 'object') return;
  for (const { key, value } of node.members) {
    if (key === 'line') renameText(value, from, to);
    if (key === 'line' || key === 'lines') {
      if (value.kind === 'array') for (const item of value.items) renameText(item.value, from, to);
    }
    if ((key === 'set' || key === 'lines') && value.kind === 'object') {
      for (const member of value.members) {
        if (member.key !== from) continue;
        member.key = to;
        member.rawKey = JSON.stringify(to);
      }
    }
    rename(value, from, to);
  }
}

/** @param {JsonNode} node @param {string} from @param {string} to */
function renameText(node, from, to) {
  if (node.kind === 'scalar' && valueOf(node) === from) node.raw = JSON.stringify(to);
}

/** A name for programs from what people read: ASCII, small letters; `fallback` where nothing is left. @param {string} title @param {string} fallback */
export function nameFrom(title, fallback) {
  const name = title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 28);
  return name || fallback;
}
