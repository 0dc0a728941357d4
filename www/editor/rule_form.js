// @ts-check
/** @import {Editor} from './editor.js' */
/** @import {Sentence} from './sentences.js' */
/** A rule as a sentence, each piece a menu. */
import { make } from '../dom.js';
import { t } from '../i18n/text.js';
import { check } from '../views/sheet.js';
import { button, menu, openForm } from './form.js';
import { explain } from './problems.js';
import { DAYS, blank, build, command, read } from './sentences.js';
import { dayName, sentence } from './sentence_words.js';

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
    const made = sentence(editor.subject, one, {
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
            check(dayName(day), one.days.includes(day), (on) => {
              one.days = DAYS.filter((other) => (other === day ? on : one.days.includes(other)));
            }),
          ),
        ),
    });
    when.replaceChildren(...made.when.flatMap(shown));
    then.replaceChildren(...[...made.action, ...made.rest].flatMap(shown));
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
