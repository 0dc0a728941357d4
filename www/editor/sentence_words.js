// @ts-check
/** @import {Sentence} from './sentences.js' */
/** A rule as a sentence: its pieces in their order, and the whole in plain words. */
import { knows, t, titleOf } from '../i18n/text.js';
import { ACTIONS, DAYS, edgeWord, read } from './sentences.js';

/**
 * What sentences are about, and what this gateway's rules can say.
 * @typedef {object} Subject
 * @property {any[]} lines @property {any[]} scenes
 * @property {string[]} edges @property {string[]} triggers
 * @property {boolean} hasDelay @property {boolean} hasCondition
 */

/** For who only reads: every rule says what it says. @param {any[]} lines @param {any[]} scenes @returns {Subject} */
export const reader = (lines, scenes) => ({
  lines,
  scenes,
  edges: ['rising', 'falling', 'both', 'held', 'double-press', 'press'],
  triggers: [],
  hasDelay: true,
  hasCondition: true,
});

/**
 * A text with pieces in place of its {names}: every language has its own order.
 * @param {string} key @param {Record<string, Node|string|null>} pieces
 * @returns {(Node|string)[]}
 */
export function fill(key, pieces) {
  return t(key)
    .split(/(\{\w+\})/)
    .flatMap((part) => {
      const name = /^\{(\w+)\}$/.exec(part)?.[1];
      const piece = name ? pieces[name] : part;
      return piece ? [piece] : [];
    });
}

/** @param {any[]} all @returns {[string, string][]} */
const named = (all) => all.map((one) => [one.name, titleOf(one.title, one.name)]);

/** @param {string[]} values @param {(value: string) => string} key @returns {[string, string][]} */
const options = (values, key) => values.map((value) => [value, t(key(value))]);

/** Monday first, in the user's language. @param {string} day */
export const dayName = (day) =>
  new Date(Date.UTC(2024, 0, 1 + DAYS.indexOf(day))).toLocaleDateString(
    document.documentElement.lang,
    { weekday: 'short', timeZone: 'UTC' },
  );

/**
 * The pieces of a sentence in their order, in groups that a space parts: menus and inputs, or plain words.
 * @param {Subject} subject @param {Sentence} one
 * @param {object} pieces
 * @param {boolean} [pieces.asText]
 * @param {(label: string, options: [string, string][], key: keyof Sentence) => any} pieces.choice
 * @param {(label: string, key: keyof Sentence, scale: number) => any} pieces.amount
 * @param {(label: string) => any} pieces.clock
 * @param {() => any} pieces.days
 */
export function sentence(subject, one, { asText = false, choice, amount, clock, days }) {
  const lines = named(subject.lines);
  const outputs = lines.filter((_, n) => subject.lines[n].direction === 'output');
  const scenes = named(subject.scenes);
  const part = subject.lines.find(({ name }) => name === one.line)?.part ?? 'generic';
  const edges = options(subject.edges, (edge) => `edge.${edgeWord(part, edge)}`);
  const seconds = t('edit.seconds');
  const isShown = !asText || one.trigger === 'start';
  const trigger = isShown && (asText || subject.triggers.length > 1);
  const offset = amount(t('edit.minutes'), 'offset_min', 1);
  /** @type {Record<string, () => any[][]>} */
  const whens = {
    line: () => [
      fill(one.edge === 'held' ? 'when.held.is' : 'when.line.is', {
        line: choice(t('edit.line'), lines, 'line'),
        edge: choice(t('edit.edge'), edges, 'edge'),
        time: one.edge === 'held' ? amount(seconds, 'held_ms', 1000) : null,
      }),
    ],
    time: () => [fill('when.time.is', { time: clock(t('when.time')) }), [days()]],
    sun: () => {
      const sun = choice(
        t('when.sun'),
        options(['sunrise', 'sunset'], (name) => `sun.${name}`),
        'sun',
      );
      if (!asText) return [fill('when.sun.offset', { sun, min: offset }), [days()]];
      const min = String(Math.abs(one.offset_min));
      return [fill(`when.sun.${whichSide(one.offset_min)}`, { sun, min }), [days()]];
    },
    every: () => [fill('when.every.is', { time: amount(seconds, 'every_ms', 1000) })],
    start: () => [],
  };
  const actions = ACTIONS.filter((action) => action !== 'scene' || scenes.length);
  const verb = choice(
    t('edit.action'),
    options(actions, (action) => `do.${action}`),
    'action',
  );
  const targets = one.action === 'scene' ? scenes : outputs;
  const target = one.action === 'all-off' ? null : choice(t('edit.target'), targets, 'target');
  const times =
    one.action === 'pulse'
      ? fill('do.for', { time: amount(seconds, 'ms', 1000) })
      : one.action === 'blink'
        ? fill('do.rate', {
            on: amount(t('act.on'), 'on_ms', 1000),
            off: amount(t('act.off'), 'off_ms', 1000),
          })
        : [];
  const isDelayed = subject.hasDelay && (one.after_ms || !asText);
  const after = isDelayed ? fill('do.after', { time: amount(seconds, 'after_ms', 1000) }) : [];
  const isAsked = subject.hasCondition && (one.condition || !asText);
  const only = isAsked && choice(t('edit.only.if'), [['', t('if.always')], ...lines], 'condition');
  const states = options(['1', '0'], (value) => (value === '1' ? 'if.on' : 'if.off'));
  const condition = !one.condition
    ? [only]
    : fill('if.is', { line: only || null, value: choice(t('edit.edge'), states, 'value') });
  return {
    when: [
      [
        trigger &&
          choice(
            t('edit.when'),
            options(asText ? ['start'] : subject.triggers, (name) => `when.${name}`),
            'trigger',
          ),
      ],
      ...whens[one.trigger](),
    ],
    action: [fill('do.is', { verb, target }), times],
    rest: [after, isAsked ? condition : []],
  };
}

/** @param {number} offset of minutes, from sunrise or sunset */
const whichSide = (offset) => (offset < 0 ? 'earlier' : offset > 0 ? 'later' : 'is');

/** @param {any[][]} groups */
const words = (groups) =>
  groups
    .map((group) => group.filter(Boolean).join('').trim())
    .filter(Boolean)
    .join(' ');

/** The pieces of a sentence in words. @param {Subject} subject @param {Sentence} one */
function inWords(subject, one) {
  const values = /** @type {any} */ (one);
  const { when, action, rest } = sentence(subject, one, {
    asText: true,
    choice: (_, choices, key) =>
      choices.find(([value]) => value === String(values[key]))?.[1] ?? values[key],
    amount: (_, key, scale) => String(values[key] / scale),
    clock: () => one.time,
    days: () => (one.days.length ? `(${one.days.map(dayName).join(', ')})` : ''),
  });
  return { when: words(when), action: words(action), rest: words(rest) };
}

/** The sentence of a rule in plain words, or null where it says more than a sentence can. @param {Subject} subject @param {any} rule */
export function ruleWords(subject, rule) {
  const one = read(rule);
  if (!one) return null;
  const { when, action, rest } = inWords(subject, one);
  return t('edit.sentence', { when, then: words([[action], [rest]]) });
}

/** What several values have in common with one: a text in their place. @param {any} list @param {(value: string) => string} word */
const together = (list, word) =>
  Array.isArray(list) && list.length > 1 ? list.map(word).join(', ') : [list].flat()[0];

/**
 * What a command of a rule does: also one that says more than a sentence of the editor can.
 * @param {Subject} subject @param {any} base the rule without its commands @param {any} command @param {(name: string) => string} title
 */
function commandWords(subject, base, command, title) {
  const whole = read({ ...base, do: command });
  if (whole) return inWords(subject, whole).action;
  const { for_ms: ms, lease_ms: _, count, ...plain } = command;
  const one = read({ ...base, do: plain });
  if (one) {
    const times = [ms && t('do.for', { time: ms / 1000 }), count && t('do.count', { count })];
    return words([[inWords(subject, one).action], ...times.map((text) => [text])]);
  }
  const { method, line, scene } = command;
  const verb = knows(`do.${method}`) ? t(`do.${method}`) : method;
  return words([fill('do.is', { verb, target: title(line ?? scene ?? '') })]);
}

/**
 * The sentence of any rule as the gateway lists it: several lines, times and commands, and conditions of
 * several parts, of which it tells only that there are some.
 * @param {Subject} subject @param {any} rule
 */
export function listedWords(subject, rule) {
  const title = (/** @type {string} */ name) => {
    const found = [...subject.lines, ...subject.scenes].find((one) => one.name === name);
    return titleOf(found?.title, name);
  };
  const { line, time } = rule.when;
  const when = {
    ...rule.when,
    ...(line && { line: together(line, title) }),
    ...(time && { time: together(time, String) }),
  };
  const base = { when, after_ms: rule.after_ms || undefined };
  const simple = read({ ...base, if: rule.if ?? undefined, do: { method: 'circuit.off' } });
  const frame = simple ?? read({ ...base, do: { method: 'circuit.off' } });
  if (!frame) return rule.name;
  const actions = rule.do.map((/** @type {any} */ command) =>
    commandWords(subject, base, command, title),
  );
  const { when: begin, rest } = inWords(subject, frame);
  const condition = simple ? '' : t('if.more');
  return t('edit.sentence', {
    when: begin,
    then: words([[actions.join(', ')], [rest], [condition]]),
  });
}
