// @ts-check
/**
 * A JSON text as a tree that keeps its spaces, its comments (keys that begin with //, in any number), the
 * order of its keys and the form of its numbers: what is not changed is printed as it was.
 *
 * @typedef {{kind: 'scalar', raw: string}} Scalar
 * @typedef {{lead: string, key: string, rawKey: string, colon: string, value: JsonNode, after: string}} Member
 * `lead` stands before the key, `colon` between key and value with its spaces, `after` behind the value
 * @typedef {{kind: 'object', members: Member[], tail: string}} ObjectNode `tail` stands before the brace
 * @typedef {{lead: string, value: JsonNode, after: string}} Item
 * @typedef {{kind: 'array', items: Item[], tail: string}} ArrayNode
 * @typedef {Scalar|ObjectNode|ArrayNode} JsonNode
 */

const SPACE = /[ \t\r\n]*/y;
const SCALAR = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null/y;

export class JsonSyntaxError extends Error {
  /** @param {string} text @param {number} at */
  constructor(text, at) {
    const before = text.slice(0, at).split('\n');
    super('syntax');
    this.line = before.length;
    this.column = before[before.length - 1].length + 1;
  }
}

class Reader {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  /** @param {RegExp} pattern @returns {string} what it matches here, or "" */
  take(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.at += found.length;
    return found;
  }

  /** @param {string} character */
  is(character) {
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  /** @returns {never} */
  fail() {
    throw new JsonSyntaxError(this.text, this.at);
  }

  scalar() {
    const from = this.at;
    const raw = this.take(SCALAR) || this.fail();
    try {
      JSON.parse(raw);
    } catch {
      this.at = from;
      this.fail();
    }
    return raw;
  }

  /** @returns {JsonNode} */
  value() {
    if (this.is('{')) return this.object();
    if (this.is('[')) return this.array();
    return { kind: 'scalar', raw: this.scalar() };
  }

  /** @returns {ObjectNode} */
  object() {
    /** @type {Member[]} */
    const members = [];
    for (;;) {
      const lead = this.take(SPACE);
      if (!members.length && this.is('}')) return { kind: 'object', members, tail: lead };
      if (this.text[this.at] !== '"') this.fail();
      const rawKey = this.scalar();
      const before = this.take(SPACE);
      if (!this.is(':')) this.fail();
      const colon = `${before}:${this.take(SPACE)}`;
      const value = this.value();
      const after = this.take(SPACE);
      const member = { lead, key: JSON.parse(rawKey), rawKey, colon, value, after };
      members.push(member);
      if (this.is('}')) {
        member.after = '';
        return { kind: 'object', members, tail: after };
      }
      if (!this.is(',')) this.fail();
    }
  }

  /** @returns {ArrayNode} */
  array() {
    /** @type {Item[]} */
    const items = [];
    for (;;) {
      const lead = this.take(SPACE);
      if (!items.length && this.is(']')) return { kind: 'array', items, tail: lead };
      const item = { lead, value: this.value(), after: this.take(SPACE) };
      items.push(item);
      if (this.is(']')) {
        const tail = item.after;
        item.after = '';
        return { kind: 'array', items, tail };
      }
      if (!this.is(',')) this.fail();
    }
  }
}

/** @param {string} text @returns {{lead: string, root: JsonNode, tail: string}} throws a JsonSyntaxError */
export function parse(text) {
  const reader = new Reader(text);
  const lead = reader.take(SPACE);
  const root = reader.value();
  const tail = reader.take(SPACE);
  if (reader.at < text.length) reader.fail();
  return { lead, root, tail };
}

/** @param {JsonNode} node @returns {string} */
export function print(node) {
  if (node.kind === 'scalar') return node.raw;
  if (node.kind === 'array') {
    const items = node.items.map(({ lead, value, after }) => lead + print(value) + after);
    return `[${items.join(',')}${node.tail}]`;
  }
  const members = node.members.map(
    ({ lead, rawKey, colon, value, after }) => lead + rawKey + colon + print(value) + after,
  );
  return `{${members.join(',')}${node.tail}}`;
}

/** The plain value, without comments. @param {JsonNode|undefined} node @returns {any} */
export function valueOf(node) {
  if (!node) return undefined;
  if (node.kind === 'scalar') return JSON.parse(node.raw);
  if (node.kind === 'array') return node.items.map(({ value }) => valueOf(value));
  return Object.fromEntries(
    node.members
      .filter(({ key }) => !key.startsWith('//'))
      .map(({ key, value }) => [key, valueOf(value)]),
  );
}

/** A tree for a value, on one line. @param {any} value @returns {JsonNode} */
export function treeOf(value) {
  if (Array.isArray(value)) {
    const items = value.map((one, n) => ({ lead: n ? ' ' : '', value: treeOf(one), after: '' }));
    return { kind: 'array', items, tail: '' };
  }
  if (value === null || typeof value !== 'object')
    return { kind: 'scalar', raw: JSON.stringify(value) };
  const members = Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .map(([key, one], n) => ({
      lead: n ? ' ' : '',
      key,
      rawKey: JSON.stringify(key),
      colon: ': ',
      value: treeOf(one),
      after: '',
    }));
  return { kind: 'object', members, tail: '' };
}

/** @param {JsonNode|undefined} node @param {string} key @returns {JsonNode|undefined} */
export function get(node, key) {
  return node?.kind === 'object'
    ? node.members.find((member) => member.key === key)?.value
    : undefined;
}

/**
 * Changes a member only where its value differs; `undefined` removes it; a new one stands last.
 * @param {JsonNode} node @param {string} key @param {any} value
 */
export function set(node, key, value) {
  if (node.kind !== 'object') return;
  const place = node.members.findIndex((member) => member.key === key);
  if (value === undefined) {
    if (place >= 0) removeAt(node.members, place);
    return;
  }
  const found = node.members[place];
  if (found && same(valueOf(found.value), value)) return;
  if (found) {
    found.value = merge(found.value, value);
    return;
  }
  // As the others stand: after the last, on a line of its own where they all have one.
  const last = node.members[node.members.length - 1];
  node.members.push({
    lead: leadLike(node.members),
    key,
    rawKey: JSON.stringify(key),
    colon: last?.colon ?? ': ',
    value: treeOf(value),
    after: '',
  });
}

/**
 * The tree for a value that takes the place of `node`: what is the same in both stays as it is, with the
 * comments beside it.
 * @param {JsonNode} node @param {any} value @returns {JsonNode}
 */
function merge(node, value) {
  if (same(valueOf(node), value)) return node;
  if (node.kind === 'array' && Array.isArray(value)) {
    while (node.items.length > value.length) removeItem(node, node.items.length - 1);
    value.forEach((one, n) => {
      if (n < node.items.length) node.items[n].value = merge(node.items[n].value, one);
      else insert(node, n, one);
    });
    return node;
  }
  if (node.kind !== 'object' || value === null || typeof value !== 'object') return treeOf(value);
  if (Array.isArray(value)) return treeOf(value);
  for (const { key } of [...node.members]) {
    if (!key.startsWith('//') && !(key in value)) set(node, key, undefined);
  }
  for (const [key, one] of Object.entries(value)) set(node, key, one);
  return node;
}

/** @param {{lead: string}[]} siblings */
function leadLike(siblings) {
  const last = siblings[siblings.length - 1];
  if (!last) return '';
  return siblings.length === 1 && !last.lead ? ' ' : last.lead.replace(/\n\s*\n/, '\n');
}

/** @param {JsonNode|undefined} node @param {number} place @param {any} value */
export function insert(node, place, value) {
  if (node?.kind !== 'array') return;
  const { items } = node;
  const lead = items.length ? leadLike(items.slice(0, Math.max(1, place))) : '';
  items.splice(place, 0, { lead, value: treeOf(value), after: '' });
  // Two on one line need a space between them.
  items.forEach((item, n) => {
    if (n && !item.lead) item.lead = ' ';
  });
}

/** @param {JsonNode|undefined} node @param {number} place */
export function removeItem(node, place) {
  if (node?.kind === 'array') removeAt(node.items, place);
}

/** The spaces before the first stay those before the first. @param {{lead: string}[]} list @param {number} place */
function removeAt(list, place) {
  const [gone] = list.splice(place, 1);
  if (place === 0 && list.length) list[0].lead = gone.lead;
}

/** Takes an item, with the comments in it, to another place. @param {JsonNode|undefined} node @param {number} from @param {number} to */
export function move(node, from, to) {
  if (node?.kind !== 'array') return;
  const leads = node.items.map(({ lead }) => lead);
  const [taken] = node.items.splice(from, 1);
  node.items.splice(to, 0, taken);
  node.items.forEach((item, n) => {
    item.lead = leads[n];
  });
}

/** @param {any} a @param {any} b */
export const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
