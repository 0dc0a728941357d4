// @ts-check
/**
 * Rules as sentences: "When Button is pressed, toggle Red LED." What a rule says is read into a model
 * with one member for each piece, and built from it again. Pure: texts come from outside.
 *
 * @typedef {object} Sentence
 * @property {'line'|'time'|'sun'|'every'|'start'} trigger
 * @property {string} line @property {string} edge @property {number} held_ms
 * @property {string[]} days of time and sun; none: every day
 * @property {string} time @property {string} sun @property {number} offset_min @property {number} every_ms
 * @property {string} action one of ACTIONS
 * @property {string} target a line, or a scene for "scene"
 * @property {number} ms of a pulse @property {number} on_ms @property {number} off_ms
 * @property {string} condition a line, "" for none @property {0|1} value of it
 * @property {number} after_ms
 */

/** As a rule has them. */
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

export const ACTIONS = ['toggle', 'on', 'off', 'pulse', 'blink', 'stop', 'scene', 'all-off'];

/** @type {Record<string, string>} */
const METHODS = {
  'toggle': 'line.toggle',
  'pulse': 'line.pulse',
  'blink': 'line.blink',
  'stop': 'line.stop',
  'scene': 'scene.apply',
  'all-off': 'circuit.off',
};

/** @returns {Sentence} */
export const blank = () => ({
  trigger: 'line',
  line: '',
  edge: 'rising',
  held_ms: 1000,
  time: '07:00',
  days: [],
  sun: 'sunset',
  offset_min: 0,
  every_ms: 60000,
  action: 'toggle',
  target: '',
  ms: 1000,
  on_ms: 500,
  off_ms: 500,
  condition: '',
  value: 1,
  after_ms: 0,
});

const only = (/** @type {any} */ object, /** @type {string[]} */ keys) =>
  Object.keys(object).every((key) => keys.includes(key));

/** @param {any} when @returns {Partial<Sentence>|null} */
function readTrigger(when) {
  if (typeof when?.line === 'string' && only(when, ['line', 'edge', 'held_ms']))
    return { trigger: 'line', ...when };
  if (typeof when?.time === 'string' && only(when, ['time', 'days']))
    return { trigger: 'time', ...when };
  if (when?.sun && only(when, ['sun', 'offset_min', 'days'])) return { trigger: 'sun', ...when };
  if (when?.every_ms && only(when, ['every_ms'])) return { trigger: 'every', ...when };
  if (when?.start === true && only(when, ['start'])) return { trigger: 'start' };
  return null;
}

/** @param {any} command @returns {Partial<Sentence>|null} */
function readAction(command) {
  const { method, ...params } = command ?? {};
  if (method === 'line.set' && only(params, ['line', 'value']))
    return { action: Number(params.value) ? 'on' : 'off', target: params.line };
  const action = ACTIONS.find((one) => METHODS[one] === method);
  const keys = { pulse: ['line', 'ms'], blink: ['line', 'on_ms', 'off_ms'], scene: ['scene'] };
  if (!action || !only(params, /** @type {any} */ (keys)[action] ?? ['line'])) return null;
  const { line, scene, ...times } = params;
  return { action, target: line ?? scene ?? '', ...times };
}

/** @param {any} condition @returns {Partial<Sentence>|null} */
function readCondition(condition) {
  if (condition === undefined) return {};
  if (typeof condition?.line !== 'string' || !only(condition, ['line', 'value'])) return null;
  return { condition: condition.line, value: Number(condition.value) ? 1 : 0 };
}

/** The sentence of a rule; null for one that says more than a sentence can. @param {any} rule @returns {Sentence|null} */
export function read(rule) {
  const trigger = readTrigger(rule?.when);
  const action = readAction(
    Array.isArray(rule?.do) && rule.do.length === 1 ? rule.do[0] : rule?.do,
  );
  const condition = readCondition(rule?.if);
  if (!trigger || !action || !condition) return null;
  const after = rule.after_ms === undefined ? {} : { after_ms: rule.after_ms };
  return { ...blank(), ...trigger, ...action, ...condition, ...after };
}

/** @param {Sentence} one */
function when(one) {
  const days = one.days.length ? { days: one.days } : {};
  const offset = one.offset_min ? { offset_min: one.offset_min } : {};
  if (one.trigger === 'time') return { time: one.time, ...days };
  if (one.trigger === 'sun') return { sun: one.sun, ...offset, ...days };
  if (one.trigger === 'every') return { every_ms: one.every_ms };
  if (one.trigger === 'start') return { start: true };
  const held = one.edge === 'held' ? { held_ms: one.held_ms } : {};
  return { line: one.line, edge: one.edge, ...held };
}

/** The command of a sentence, as a rule has it. @param {Sentence} one */
export function command(one) {
  const { action, target: line } = one;
  if (action === 'all-off') return { method: METHODS[action] };
  if (action === 'scene') return { method: METHODS[action], scene: line };
  if (action === 'on' || action === 'off')
    return { method: 'line.set', line, value: action === 'on' ? 1 : 0 };
  if (action === 'pulse') return { method: METHODS[action], line, ms: one.ms };
  if (action === 'blink')
    return { method: METHODS[action], line, on_ms: one.on_ms, off_ms: one.off_ms };
  return { method: METHODS[action], line };
}

/** The rule that says it; what else `before` has stays. @param {Sentence} one @param {any} [before] */
export function build(one, before = {}) {
  const rule = { ...before, when: when(one), do: command(one) };
  if (one.condition) rule.if = { line: one.condition, value: one.value };
  else delete rule.if;
  if (one.after_ms) rule.after_ms = one.after_ms;
  else delete rule.after_ms;
  return rule;
}

/** How a part's edge is called: the end of a text's key, as "pressed". @param {string} part @param {string} edge */
export function edgeWord(part, edge) {
  const own = { button: 'press', motion: 'motion', door: 'door' };
  if (edge === 'held' && part === 'button') return 'press.held';
  const kind = /** @type {any} */ (own)[part] ?? 'on';
  return edge === 'rising' || edge === 'falling' ? `${kind}.${edge}` : edge;
}
