// @ts-check
/** @import {Editor} from './editor.js' */
/** The config as text, with what the gateway has against it. */
import { make } from '../dom.js';
import { t } from '../i18n/text.js';
import { copy, openSheet } from '../views/sheet.js';
import { checkConfig } from './config_api.js';
import { button } from './form.js';
import { JsonSyntaxError, get, parse, print } from './json_tree.js';
import { explain } from './problems.js';

const CHECK_AFTER_MS = 400;

/** Where a path of the gateway's stands in a text; -1 for nowhere. @param {string} text @param {string} path */
export function placeOf(text, path) {
  const { lead, root } = parse(text);
  /** @type {any} */
  let node = root;
  for (const [, key, index] of path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)) {
    const next = key === undefined ? node.items?.[Number(index)]?.value : get(node, key);
    if (!next) break;
    node = next;
  }
  // Printed up to the node: a mark in its place shows where it begins.
  const mark = '\u0000';
  const kept = { ...node };
  for (const member of Object.keys(node)) delete node[member];
  Object.assign(node, { kind: 'scalar', raw: mark });
  const at = print(root).indexOf(mark);
  Object.assign(node, kept);
  return at < 0 ? -1 : lead.length + at;
}

/** @param {Editor} editor @param {string} [path] that is looked for */
export function openText(editor, path) {
  const area = make('textarea.config-text', {
    'aria-label': t('edit.text'),
    'spellcheck': 'false',
    'autocapitalize': 'none',
    'rows': 18,
  });
  area.value = editor.draft.text;
  const faults = make('div.faults', { role: 'status' });
  let timer = 0;
  let asked = 0;
  /** @param {number} at */
  const select = (at) => {
    if (at < 0) return;
    area.focus();
    area.setSelectionRange(at, area.value.indexOf('\n', at) >>> 0);
    const line = area.value.slice(0, at).split('\n').length;
    area.scrollTop = (line - 4) * Number.parseFloat(getComputedStyle(area).lineHeight);
  };
  /** @param {string} words @param {number} at */
  const fault = (words, at) => button(words, () => select(at), '.button-quiet.fault');
  const check = async () => {
    const number = ++asked;
    const text = area.value;
    try {
      parse(text);
      const { errors = [] } = await checkConfig(text);
      if (number !== asked) return;
      faults.replaceChildren(
        ...errors.map((one) => fault(`${one.path}: ${one.message}`, placeOf(text, one.path))),
        ...(errors.length ? [] : [make('p.hint', {}, t('edit.text.good'))]),
      );
    } catch (/** @type {any} */ error) {
      if (number !== asked) return;
      faults.replaceChildren(
        error instanceof JsonSyntaxError
          ? fault(
              t('edit.text.wrong', { line: error.line, column: error.column }),
              offset(text, error.line, error.column),
            )
          : make('p.fault', {}, explain(error)),
      );
    }
  };
  area.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(check, CHECK_AFTER_MS);
  });
  const take = button(
    t('edit.keep'),
    () => {
      try {
        editor.change(() => editor.draft.replaceText(area.value));
        sheet.close();
      } catch {
        check();
      }
    },
    '.button-strong',
  );
  const sheet = openSheet(
    t('edit.text'),
    area,
    faults,
    make(
      'div.act',
      {},
      take,
      button(t('copy'), () => copy(area.value, editor.notify)),
    ),
  );
  sheet.classList.add('edit-sheet');
  if (path) select(placeOf(area.value, path));
  check();
}

/** @param {string} text @param {number} line @param {number} column both from 1 */
function offset(text, line, column) {
  const before = text.split('\n').slice(0, line - 1);
  return before.join('\n').length + (line > 1 ? 1 : 0) + column - 1;
}
