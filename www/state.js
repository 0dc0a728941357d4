// @ts-check
/**
 * What the page knows: a snapshot, and a pure function that applies one event.
 *
 * @typedef {string | Record<string, string>} Title
 * @typedef {object} Gpio
 * @property {string} [chip] @property {string} [label] @property {number} [offset]
 * @property {string} [name] @property {string} [bias] @property {string} [drive]
 * @property {boolean} [active_low]
 *
 * @typedef {object} Action
 * @property {'pulse'|'blink'|'set'|'gap'} kind @property {string|null} [ends_at]
 * @property {number} [on_ms] @property {number} [off_ms] @property {number|null} [count]
 *
 * @typedef {object} Line
 * @property {string} name @property {Title} [title] @property {string} [part] @property {string} [color]
 * @property {string} [group] the room that it is listed in
 * @property {'input'|'output'} direction @property {number} value @property {number} [seq]
 * @property {string} [changed_at] @property {number} [edges] @property {string} [source]
 * @property {Gpio} [gpio] @property {boolean} [available] @property {string} [unavailable_reason]
 * @property {Action} [action] @property {{duty: number, hz: number, to?: number, ends_at?: string}} [pwm]
 * @property {{ms: number, ends_at: string|null}} [lease] @property {{reason?: string, source?: string}} [lock]
 * @property {string} [interlock] @property {boolean} [held] @property {number} [hz]
 * @property {number} [duty] @property {number} [last_press_ms]
 * @property {number} [count] @property {number} [total] @property {string} [unit] @property {number} [rate] of a counter
 *
 * @typedef {object} Circuit
 * @property {string} boot @property {number} seq @property {string} [name] @property {Title} [title]
 * @property {string} [backend] @property {boolean} simulated @property {'admin'|'operator'|'viewer'} role
 * @property {string} [version] @property {number} clockOffsetMs  gateway's clock minus ours
 * @property {Line[]} lines @property {Map<string, number>} index  name to place in `lines`
 * @property {{name: string, title?: Title}[]} scenes
 *
 * @typedef {object} LineEvent
 * @property {string} boot @property {number} seq @property {string} line @property {number} value
 * @property {string} [time] @property {number} [time_ns] @property {number} [edge_ns]
 * @property {string} [cause] @property {string} [source] @property {number} [lost]  edges the kernel dropped
 *
 * @typedef {'applied'|'known'|'gap'|'foreign'} Outcome
 */

/** What an event may carry for its line; null says that it is gone. */
const CARRIED = [
  'action',
  'pwm',
  'lease',
  'lock',
  'available',
  'unavailable_reason',
  'held',
  'hz',
  'duty',
  'last_press_ms',
  'count',
  'total',
  'unit',
  'rate',
];

/**
 * Lines of one group stand together, the groups as they come first in the config; before them all lines of none.
 * @param {Line[]} lines @returns {[string, Line[]][]} a group's name, "" for none, and its lines
 */
export function groupsOf(lines) {
  /** @type {Map<string, Line[]>} */
  const groups = new Map([['', []]]);
  for (const line of lines) {
    const group = line.group ?? '';
    groups.set(group, [...(groups.get(group) ?? []), line]);
  }
  return [...groups].filter(([, own]) => own.length);
}

/**
 * @param {any} params a snapshot, or the answer of circuit.get
 * @param {number} now our clock in milliseconds
 * @returns {Circuit}
 */
export function fromSnapshot(params, now) {
  /** @type {Line[]} */
  const given = Array.isArray(params.lines) ? params.lines : [];
  const lines = groupsOf(given).flatMap(([, own]) => own);
  const gatewayTime = Date.parse(params.time ?? '');
  return {
    boot: String(params.boot ?? ''),
    seq: Number(params.seq ?? 0),
    name: params.name,
    title: params.title,
    backend: params.backend,
    simulated: params.simulated ?? params.backend === 'simulator',
    role: ['viewer', 'admin'].includes(params.role) ? params.role : 'operator',
    version: params.version,
    clockOffsetMs: Number.isNaN(gatewayTime) ? 0 : gatewayTime - now,
    lines,
    index: new Map(lines.map((line, place) => [line.name, place])),
    scenes: Array.isArray(params.scenes) ? params.scenes : [],
  };
}

/**
 * Applies one event. The circuit given is left as it was.
 * `known`: seen before. `gap`: applied, but events before it were missed.
 * `foreign`: of another run of the gateway, not applied.
 * @param {Circuit} circuit @param {LineEvent} event
 * @returns {{circuit: Circuit, outcome: Outcome}}
 */
export function apply(circuit, event) {
  if (event.boot !== circuit.boot) return { circuit, outcome: 'foreign' };
  if (event.seq <= circuit.seq) return { circuit, outcome: 'known' };
  const outcome = event.seq === circuit.seq + 1 ? 'applied' : 'gap';
  const place = circuit.index.get(event.line);
  if (place === undefined) return { circuit: { ...circuit, seq: event.seq }, outcome };
  const lines = circuit.lines.slice();
  lines[place] = changed(lines[place], event);
  return { circuit: { ...circuit, seq: event.seq, lines }, outcome };
}

/** @param {Line} line @param {any} event @returns {Line} */
function changed(line, event) {
  /** @type {any} */
  const next = { ...line, seq: event.seq, source: event.source ?? line.source, role: event.role };
  if (event.value !== line.value) {
    next.value = event.value;
    next.changed_at = event.time ?? line.changed_at;
    next.edges = (line.edges ?? 0) + 1;
  }
  // A plain command cancels what was running, whether or not the event says so.
  if (event.cause === 'set' || event.cause === 'toggle') {
    delete next.action;
    delete next.pwm;
  }
  for (const key of CARRIED) {
    if (!(key in event)) continue;
    if (event[key] === null) delete next[key];
    else next[key] = event[key];
  }
  return next;
}

/**
 * A line that was read by itself, if it is not older than what is known of it.
 * @param {Circuit} circuit @param {Line} line @returns {Circuit}
 */
export function withLine(circuit, line) {
  const place = circuit.index.get(line.name);
  if (place === undefined || (line.seq ?? 0) < (circuit.lines[place].seq ?? 0)) return circuit;
  const lines = circuit.lines.slice();
  lines[place] = line;
  return { ...circuit, lines };
}

/** @param {Circuit} circuit @param {string} name */
export function lineOf(circuit, name) {
  const place = circuit.index.get(name);
  return place === undefined ? undefined : circuit.lines[place];
}

/** Where to resume after. @param {Circuit|null} circuit */
export function position(circuit) {
  return circuit && circuit.boot ? `${circuit.boot}-${circuit.seq}` : null;
}

/** An event's moment in milliseconds with the kernel's fraction. @param {LineEvent} event */
export function momentOf(event) {
  return event.time_ns ? event.time_ns / 1e6 : Date.parse(event.time ?? '');
}
