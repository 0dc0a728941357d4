// @ts-check
/** @import {Editor} from './editor.js' */
/** @import {Sentence} from './sentences.js' */
/** A rule as a sentence, each piece a menu. */
import { make } from '../dom.js';
import { t } from '../i18n/text.js';
import { button, menu, openForm } from './form.js';
import { explain } from './problems.js';
import { ACTIONS, blank, build, command, edgeWord, read } from './sentences.js';

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
 * The pieces of a sentence: `piece(kind, options, value, choose)` makes a menu, or its chosen words.
 * @param {Editor} editor @param {Sentence} one
 * @param {{asText?: boolean, choice: (label: string, options: [string, string][], key: keyof Sentence) => any, amount: (label: string, key: keyof Sentence, scale: number) => any, clock: (label: string) => any}} pieces
 */
function sentence(editor, one, { asText = false, choice, amount, clock }) {
  const lines = /** @type {[string, string][]} */ (
    editor.draft.lines.map((line) => [line.name, editor.titleOf(line)])
  );
  const outputs = lines.filter((_, n) => editor.draft.lines[n].direction === 'output');
  const scenes = /** @type {[string, string][]} */ (
    editor.draft.group('scenes').map((scene) => [scene.name, editor.titleOf(scene)])
  );
  const part = editor.draft.lines.find(({ name }) => name === one.line)?.part ?? 'generic';
  const triggers = editor.triggers.map((name) => [name, t(`when.${name}`)]);
  const edges = editor.edges.map((edge) => [edge, t(`edge.${edgeWord(part, edge)}`)]);
  const seconds = t('edit.seconds');
  const trigger = choice(t('edit.when'), /** @type {any} */ (triggers), 'trigger');
  /** @type {Record<string, () => any[]>} */
  const whens = {
    line: () =>
      fill(one.edge === 'held' ? 'when.held.is' : 'when.line.is', {
        line: choice(t('edit.line'), lines, 'line'),
        edge: choice(t('edit.edge'), /** @type {any} */ (edges), 'edge'),
        time: one.edge === 'held' ? amount(seconds, 'held_ms', 1000) : null,
      }),
    time: () => [clock(t('when.time'))],
    sun: () => [
      choice(
        t('when.sun'),
        [
          ['sunrise', t('sun.sunrise')],
          ['sunset', t('sun.sunset')],
        ],
        'sun',
      ),
      ...fill('when.offset', { min: amount(t('edit.minutes'), 'offset_min', 1) }),
    ],
    every: () => fill('when.every.is', { time: amount(seconds, 'every_ms', 1000) }),
    start: () => [],
  };
  const actions = ACTIONS.filter((action) => action !== 'scene' || scenes.length).map((action) => [
    action,
    t(`do.${action}`),
  ]);
  const verb = choice(t('edit.action'), /** @type {any} */ (actions), 'action');
  const target =
    one.action === 'all-off'
      ? null
      : choice(t('edit.target'), one.action === 'scene' ? scenes : outputs, 'target');
  const times =
    one.action === 'pulse'
      ? fill('do.for', { time: amount(seconds, 'ms', 1000) })
      : one.action === 'blink'
        ? fill('do.rate', {
            on: amount(t('act.on'), 'on_ms', 1000),
            off: amount(t('act.off'), 'off_ms', 1000),
          })
        : [];
  const after =
    editor.hasDelay && (one.after_ms || !asText)
      ? fill('do.after', { time: amount(seconds, 'after_ms', 1000) })
      : [];
  const condition =
    !editor.hasCondition || (asText && !one.condition)
      ? []
      : [
          choice(t('edit.only.if'), [['', t('if.always')], ...lines], 'condition'),
          one.condition
            ? choice(
                t('edit.only.if'),
                [
                  ['1', t('if.on')],
                  ['0', t('if.off')],
                ],
                'value',
              )
            : null,
        ];
  return {
    when: [editor.triggers.length > 1 ? trigger : null, ...whens[one.trigger]()],
    then: [...fill('do.is', { verb, target }), ...times, ...after, ...condition],
  };
}

/** The sentence of a rule as plain words. @param {Editor} editor @param {any} rule */
export function ruleWords(editor, rule) {
  const one = read(rule);
  if (!one) return `${rule.name ?? t('edit.rule')}: ${t('edit.as.text')}`;
  const values = /** @type {any} */ (one);
  const { when, then } = sentence(editor, one, {
    asText: true,
    choice: (_, options, key) =>
      key === 'trigger' && (one.trigger === 'line' || one.trigger === 'time')
        ? ''
        : (options.find(([value]) => value === String(values[key]))?.[1] ?? values[key]),
    amount: (_, key, scale) => String(values[key] / scale),
    clock: () => one.time,
  });
  const words = (/** @type {any[]} */ list) => list.filter(Boolean).join(' ').replace(/ +/g, ' ');
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
  const when = make('p.sentence');
  const then = make('p.sentence');
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
    });
    when.replaceChildren(...made.when.filter(Boolean));
    then.replaceChildren(...made.then.filter(Boolean));
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
