// @ts-check
import { make } from '../dom.js';
import { t } from '../i18n/text.js';

let count = 0;

// One entry of the browser's history stands for all sheets: the Back button closes the one on top.
const SHEET_ENTRY = { sheet: true };

// A page that was loaded anew shows none.
if (history.state?.sheet) history.replaceState(null, '');

function rememberSheet() {
  if (!history.state?.sheet) history.pushState(SHEET_ENTRY, '');
}

addEventListener('popstate', () => {
  if (history.state?.sheet) return;
  const open = [...document.querySelectorAll('dialog[open]')];
  /** @type {HTMLDialogElement|undefined} */ (open.pop())?.close();
  if (open.length) rememberSheet();
});

/**
 * A dialog from below (phone) or in the middle; Escape, the cross, the ground and Back close it.
 * @param {string} title @param {...(Node|string|null)} content
 * @returns {HTMLDialogElement & {head: HTMLElement}}
 */
export function openSheet(title, ...content) {
  const id = `sheet-${++count}`;
  const close = make('button.icon-button', { 'type': 'button', 'aria-label': t('close') }, '✕');
  const heading = make('h2', { id, tabindex: -1 }, title);
  const head = make('div.sheet-head', {}, heading, close);
  const dialog = make('dialog', { 'aria-labelledby': id }, make('div.sheet', {}, head, ...content));
  const opener = /** @type {HTMLElement|null} */ (document.activeElement);
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', (/** @type {Event} */ event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener('close', () => {
    const toasts = dialog.querySelector('#toasts');
    if (toasts) document.body.append(toasts);
    dialog.remove();
    opener?.focus();
    // Another sheet may open in the same turn and take the entry over.
    setTimeout(() => {
      if (history.state?.sheet && !document.querySelector('dialog[open]')) history.back();
    });
  });
  document.body.append(dialog);
  dialog.showModal();
  rememberSheet();
  heading.focus();
  return Object.assign(dialog, { head });
}

/**
 * @param {string} text @param {(text: string, alarm?: boolean) => void} tell
 */
export async function copy(text, notify) {
  try {
    await navigator.clipboard.writeText(text);
    notify(t('copied'));
  } catch {
    // No clipboard without a secure context: a selection is what is left.
    const area = make('textarea.unseen', { 'readonly': true, 'aria-hidden': 'true' }, text);
    (document.querySelector('dialog[open]') ?? document.body).append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    notify(t(done ? 'copied' : 'copy.failed'), !done);
  }
}

/**
 * A row of choices of which one holds.
 * @param {string} label @param {[string, string][]} options value and words
 * @param {string} chosen @param {(value: string) => void} choose
 */
export function choice(label, options, chosen, choose) {
  const name = `choice-${++count}`;
  const boxes = options.map(([value, words]) => {
    const input = make('input', { type: 'radio', name, value, checked: value === chosen });
    input.addEventListener('change', () => choose(value));
    return make('label', {}, input, make('span', {}, words));
  });
  return make('fieldset.choice', {}, make('legend', {}, label), make('div', {}, ...boxes));
}

/** @param {string} label @param {boolean} on @param {(on: boolean) => void} choose @param {string} [hint] */
export function check(label, on, choose, hint) {
  const input = make('input', { type: 'checkbox', checked: on });
  input.addEventListener('change', () => choose(input.checked));
  return make(
    'label.check',
    {},
    input,
    make('span', {}, label, hint ? make('small', {}, hint) : null),
  );
}

/**
 * A number with its unit.
 * @param {string} label @param {string} unit @param {{value: number, min: number, max: number, step?: number|'any'}} range
 */
export function amount(label, unit, range) {
  const input = make('input', {
    type: 'number',
    inputmode: 'decimal',
    step: 'any',
    required: true,
    ...range,
  });
  const field = make(
    'label.amount',
    {},
    make('span', {}, unit ? `${label} (${unit})` : label),
    input,
  );
  return {
    field,
    input,
    get value() {
      return Number(input.value);
    },
    get valid() {
      return input.reportValidity();
    },
  };
}
