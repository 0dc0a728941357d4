// @ts-check
/** @import {Editor} from './editor.js' */
/** Interlocks ("at most one of these") and scenes (values at once, or steps one after another). */
import { make } from '../dom.js';
import { t } from '../i18n/text.js';
import { check, choice } from '../views/sheet.js';
import { nameFrom } from './draft.js';
import { button, field, menu, openForm } from './form.js';

/** @param {Editor} editor */
const outputs = (editor) => editor.draft.lines.filter(({ direction }) => direction === 'output');

/** @param {{path: string, message: string}[]} errors */
const words = (errors) =>
  errors.map(({ path, message }) => (path ? `${path}: ${message}` : message));

/** @param {Editor} editor @param {string} name */
const titled = (editor, name) =>
  editor.titleOf(editor.draft.lines.find((line) => line.name === name) ?? { name });

/** @param {Editor} editor @param {any} interlock */
export function interlockWords(editor, interlock) {
  const lines = (interlock.lines ?? []).map((/** @type {string} */ name) => titled(editor, name));
  return t('edit.interlock.is', { lines: lines.join(', ') });
}

/** @param {Editor} editor @param {any} scene */
export function sceneWords(editor, scene) {
  const parts = Object.entries(scene.set ?? {}).map(
    ([name, value]) => `${titled(editor, name)} ${t(value ? 'if.on' : 'if.off')}`,
  );
  const steps = scene.steps ? t('edit.steps.count', { n: scene.steps.length }) : parts.join(', ');
  return `${editor.titleOf(scene)}: ${steps}`;
}

/** @param {Editor} editor @param {number} place */
export function openInterlock(editor, place) {
  const before = editor.draft.group('interlocks')[place];
  const one = before ? structuredClone(before) : { lines: [] };
  const boxes = outputs(editor).map((line) =>
    check(editor.titleOf(line), one.lines.includes(line.name), (on) => {
      const rest = one.lines.filter((/** @type {string} */ name) => name !== line.name);
      one.lines = on ? [...rest, line.name] : rest;
    }),
  );
  openForm({
    title: t('edit.interlock'),
    content: [
      make('fieldset', {}, make('legend', {}, t('edit.interlock.which')), ...boxes),
      choice(
        t('edit.interlock.mode'),
        [
          ['refuse', t('edit.interlock.refuse')],
          ['break-before-make', t('edit.interlock.break')],
        ],
        one.mode ?? 'refuse',
        (mode) => {
          one.mode = mode;
          if (mode === 'refuse') delete one.gap_ms;
        },
      ),
    ],
    done: t(before ? 'edit.keep' : 'edit.add'),
    remove: before && (() => editor.change(() => editor.draft.removeFrom('interlocks', place))),
    save: async () =>
      words(
        await editor.tryChange(`circuit.interlocks[${place}]`, () =>
          editor.draft.put('interlocks', place, one),
        ),
      ),
  });
}

/** @param {Editor} editor @param {number} place */
export function openScene(editor, place) {
  const before = editor.draft.group('scenes')[place];
  if (before?.steps?.some((/** @type {any} */ step) => step.do)) {
    editor.openText(`circuit.scenes[${place}]`);
    return;
  }
  const one = before ? structuredClone(before) : { name: '', set: {} };
  const title = field(t('edit.title'), {
    value: before ? editor.titleOf(one) : editor.freeTitle(t('edit.scene'), 'scenes'),
    required: true,
    maxlength: 64,
  });
  const body = make('div.steps');
  const redraw = () =>
    body.replaceChildren(...(one.steps ? stepRows() : [valueRows(one.set ?? {})]));
  /** @param {Record<string, number>} set @returns {Node} */
  const valueRows = (set) =>
    make(
      'div.values',
      {},
      ...outputs(editor).map((line) =>
        make(
          'label.value-row',
          {},
          make('span', {}, editor.titleOf(line)),
          menu(
            editor.titleOf(line),
            [
              ['', '–'],
              ['1', t('if.on')],
              ['0', t('if.off')],
            ],
            line.name in set ? String(Number(set[line.name])) : '',
            (value) => {
              if (value === '') delete set[line.name];
              else set[line.name] = Number(value);
            },
          ),
        ),
      ),
    );
  const stepRows = () => [
    ...one.steps.map((/** @type {any} */ step, /** @type {number} */ n) => {
      const after = field(t('edit.step.after', { n: n + 1 }), {
        type: 'number',
        min: 0,
        step: 'any',
        value: (step.after_ms ?? 0) / 1000,
      });
      after.input.addEventListener('change', () => {
        step.after_ms = Math.round(Number(after.input.value) * 1000);
      });
      step.set ??= {};
      return make(
        'fieldset.edit-step',
        {},
        make('legend', {}, t('edit.step', { n: n + 1 })),
        after.field,
        valueRows(step.set),
        button(t('edit.remove'), () => {
          one.steps.splice(n, 1);
          redraw();
        }),
      );
    }),
    button(t('edit.step.add'), () => {
      one.steps.push({ after_ms: 1000, set: {} });
      redraw();
    }),
  ];
  redraw();
  openForm({
    title: t('edit.scene'),
    content: [
      title.field,
      choice(
        t('edit.scene.kind'),
        [
          ['set', t('edit.scene.set')],
          ['steps', t('edit.scene.steps')],
        ],
        one.steps ? 'steps' : 'set',
        (kind) => {
          if (kind === 'steps') {
            one.steps = [{ set: one.set ?? {} }];
            delete one.set;
          } else {
            one.set = one.steps?.[0]?.set ?? {};
            for (const key of ['steps', 'again', 'repeat']) delete one[key];
          }
          redraw();
        },
      ),
      body,
    ],
    done: t(before ? 'edit.keep' : 'edit.add'),
    remove: before && (() => editor.change(() => editor.draft.removeFrom('scenes', place))),
    save: async () => {
      const text = title.input.value.trim();
      if (!before) one.name = editor.draft.freeName(nameFrom(text, 'scene'), 'scenes');
      if (one.title && typeof one.title === 'object') one.title[editor.language] = text;
      else one.title = text;
      return words(
        await editor.tryChange(`circuit.scenes[${place}]`, () =>
          editor.draft.put('scenes', place, one),
        ),
      );
    },
  });
}
