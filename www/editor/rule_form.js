// @ts-check
/** @import {Editor} from './editor.js' */
/** @import {Sentence} from './sentences.js' */
/** A rule as a sentence, each piece a menu. */
import { make } from '../dom.js';
import { t } from '../i18n/text.js';
import { check } from '../views/sheet.js';
import { button, menu, openForm } from './form.js';
import { explain } from './problems.js';
import { ACTIONS, DAYS, blank, build, command, edgeWord, read } from './sentences.js';

/**
 * A text with pieces in place of its {names}: every language has its own order.
 * @param {string} key @param {Record<string, Node|string|null>} pieces
 * @returns {(Node|string)[]}
 */
function fill(key, pieces) {
  return t(key)
    .split(/(\{\w+\})/)
    .flatMap((part) => {
      const name = /^\{(\w+)\}$/.exec(part)?.[1];
      const piece = name ? pieces[name] : part;
      return piece ? [piece] : [];
    });
}

/** Seconds, or another unit, of a number that the config has in its own. @param {string} label @param {number} value @param {number} scale @param {(value: number) => void} choose */
function quantity(label, value, scale, choose) {
  const input = make('input.quantity', {
    'type': 'number',
    'inputmode': 'decimal',
    'step': 'any',
    'aria-label': label,
    'value': value / scale,
  });
  input.addEventListener('change', () => choose(Math.round(Number(input.value) * scale)));
  return input;
}

/**
 * The pieces of a sentence in their order, in groups that a space parts: menus and inputs, or plain words.
 * @param {Editor} editor @param {Sentence} one
 * @param {object} pieces
 * @param {boolean} [pieces.asText]
 * @param {(label: string, options: [string, string][], key: keyof Sentence) => any} pieces.choice
 * @param {(label: string, key: keyof Sentence, scale: number) => any} pieces.amount
 * @param {(label: string) => any} pieces.clock
 * @param {() => any} pieces.days
 */
function sentence(editor, one, { asText = false, choice, amount, clock, days }) {
  const lines = named(editor, editor.draft.lines);
  const outputs = lines.filter((_, n) => editor.draft.lines[n].direction === 'output');
  const scenes = named(editor, editor.draft.group('scenes'));
  const part = editor.draft.lines.find(({ name }) => name === one.line)?.part ?? 'generic';
  const edges = options(editor.edges, (edge) => `edge.${edgeWord(part, edge)}`);
  const seconds = t('edit.seconds');
  const isShown = !asText || one.trigger === 'start';
  const trigger = isShown && editor.triggers.length > 1;
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
    sun: () => [
      [
        choice(
          t('when.sun'),
          options(['sunrise', 'sunset'], (sun) => `sun.${sun}`),
          'sun',
        ),
      ],
      asText && !one.offset_min ? [] : fill('when.offset', { min: offset }),
      [days()],
    ],
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
  const isDelayed = editor.hasDelay && (one.after_ms || !asText);
  const after = isDelayed ? fill('do.after', { time: amount(seconds, 'after_ms', 1000) }) : [];
  const isAsked = editor.hasCondition && (one.condition || !asText);
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
            options(editor.triggers, (name) => `when.${name}`),
            'trigger',
          ),
      ],
      ...whens[one.trigger](),
    ],
    then: [fill('do.is', { verb, target }), times, after, isAsked ? condition : []],
  };
}

/** @param {Editor} editor @param {any[]} all @returns {[string, string][]} */
const named = (editor, all) => all.map((one) => [one.name, editor.titleOf(one)]);

/** @param {string[]} values @param {(value: string) => string} key @returns {[string, string][]} */
const options = (values, key) => values.map((value) => [value, t(key(value))]);

/** Monday first, in the user's language. @param {string} day @param {Editor} editor */
const dayName = (day, editor) =>
  new Date(Date.UTC(2024, 0, 1 + DAYS.indexOf(day))).toLocaleDateString(editor.language, {
    weekday: 'short',
    timeZone: 'UTC',
  });

/** The sentence of a rule as plain words. @param {Editor} editor @param {any} rule */
export function ruleWords(editor, rule) {
  const one = read(rule);
  if (!one) return `${rule.name ?? t('edit.rule')}: ${t('edit.as.text')}`;
  const values = /** @type {any} */ (one);
  const { when, then } = sentence(editor, one, {
    asText: true,
    choice: (_, choices, key) =>
      choices.find(([value]) => value === String(values[key]))?.[1] ?? values[key],
    amount: (_, key, scale) => String(values[key] / scale),
    clock: () => one.time,
    days: () => one.days.map((day) => dayName(day, editor)).join(', '),
  });
  const words = (/** @type {any[][]} */ groups) =>
    groups
      .map((group) => group.filter(Boolean).join('').trim())
      .filter(Boolean)
      .join(' ');
  return t('edit.sentence', { when: words(when), then: words(then) });
}

/** @param {Editor} editor @param {number} place */
export function openRule(editor, place) {
  const before = editor.draft.group('rules')[place];
  const one = before ? read(before) : firstSentence(editor);
  if (!one) {
    editor.openText(`circuit.rules[${place}]`);
    return;
  }
  const when = make('div.sentence');
  const then = make('div.sentence');
  const values = /** @type {any} */ (one);
  const redraw = () => {
    const made = sentence(editor, one, {
      choice: (label, options, key) =>
        menu(label, options, String(values[key]), (value) => {
          values[key] = key === 'value' ? Number(value) : value;
          fit(editor, one);
          redraw();
          form.querySelector(`select[aria-label="${CSS.escape(label)}"]`)?.focus();
        }),
      amount: (label, key, scale) =>
        quantity(label, values[key], scale, (value) => {
          values[key] = value;
        }),
      clock: (label) => {
        const input = make('input', { 'type': 'time', 'aria-label': label, 'value': one.time });
        input.addEventListener('change', () => {
          one.time = input.value;
        });
        return input;
      },
      days: () =>
        make(
          'fieldset.days',
          {},
          make('legend', {}, t('edit.days')),
          ...DAYS.map((day) =>
            check(dayName(day, editor), one.days.includes(day), (on) => {
              one.days = DAYS.filter((other) => (other === day ? on : one.days.includes(other)));
            }),
          ),
        ),
    });
    when.replaceChildren(...made.when.flatMap(shown));
    then.replaceChildren(...made.then.flatMap(shown));
  };
  fit(editor, one);
  const said = make('span.hint', { role: 'status' });
  const form = openForm({
    title: t('edit.rule'),
    content: [
      when,
      then,
      make(
        'div.act',
        {},
        button(t('edit.try'), async () => {
          const { method, ...params } = command(one);
          said.textContent = await editor.link
            .call(method, params)
            .then(() => t('edit.tried'), explain);
        }),
        said,
      ),
    ],
    done: t(before ? 'edit.keep' : 'edit.add'),
    remove: before && (() => editor.change(() => editor.draft.removeFrom('rules', place))),
    save: async () => {
      const errors = await editor.tryChange(`circuit.rules[${place}]`, () =>
        editor.draft.put('rules', place, build(one, before)),
      );
      return errors.map(({ path, message }) => (path ? `${path}: ${message}` : message));
    },
  });
  redraw();
}

/** Words between the menus are elements as well, so that a space parts them. @param {any[]} group @returns {Node[]} */
const shown = (group) =>
  group
    .filter((piece) => piece && piece !== ' ')
    .map((piece) => (typeof piece === 'string' ? make('span', {}, piece.trim()) : piece));

/** What is chosen must be among what can be chosen. @param {Editor} editor @param {Sentence} one */
function fit(editor, one) {
  const { lines } = editor.draft;
  const names = (/** @type {any[]} */ list) => list.map(({ name }) => name);
  const targets =
    one.action === 'scene'
      ? names(editor.draft.group('scenes'))
      : names(lines.filter(({ direction }) => direction === 'output'));
  if (!targets.includes(one.target)) one.target = targets[0] ?? '';
  if (!names(lines).includes(one.line)) one.line = names(lines)[0] ?? '';
}

/** The likeliest: the newest input acts on the newest output. @param {Editor} editor @returns {Sentence} */
export function firstSentence(editor) {
  const last = (/** @type {string} */ direction) =>
    editor.draft.lines.filter((line) => line.direction === direction).pop();
  const input = last('input') ?? editor.draft.lines[0];
  const isContact = input?.part === 'button' || input?.part === undefined;
  return {
    ...blank(),
    line: input?.name ?? '',
    edge: 'rising',
    action: isContact ? 'toggle' : 'on',
    target: last('output')?.name ?? '',
  };
}
