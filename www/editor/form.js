// @ts-check
/** Sheets that change something: fields with their own fault, one button that keeps, one that removes. */
import { make, write } from '../dom.js';
import { t } from '../i18n/text.js';
import { openSheet } from '../views/sheet.js';

let count = 0;

/** @param {string} label @param {() => void} run @param {string} [kind] */
export function button(label, run, kind = '') {
  const element = make(`button.button${kind}`, { type: 'button' }, label);
  element.addEventListener('click', run);
  return element;
}

/**
 * A labelled input and the place where its fault stands.
 * @param {string} label @param {Record<string, any>} attributes
 */
export function field(label, attributes) {
  const id = `fault-${++count}`;
  const input = make('input', { type: 'text', ...attributes });
  const fault = make('span.fault', { id, hidden: true });
  return {
    field: make('label.field', {}, make('span', {}, label), input, fault),
    input,
    get failed() {
      return !fault.hidden;
    },
    /** @param {string} text "" for none */
    fail(text) {
      fault.hidden = !text;
      write(fault, text);
      input.setAttribute('aria-invalid', String(Boolean(text)));
      if (text) input.setAttribute('aria-describedby', id);
    },
  };
}

/**
 * A menu; what is chosen is its value.
 * @param {string} label for those who do not see where it stands
 * @param {[string, string][]} options value and words
 * @param {string} chosen @param {(value: string) => void} choose
 */
export function menu(label, options, chosen, choose) {
  const items = options.map(([value, words]) =>
    make('option', { value, selected: value === chosen }, words),
  );
  const select = make('select', { 'aria-label': label }, ...items);
  select.addEventListener('change', () => choose(select.value));
  return select;
}

/**
 * @param {object} options
 * @param {string} options.title
 * @param {Node[]} options.content
 * @param {string} options.done what the button says
 * @param {() => Promise<string[]>} options.save the faults that stand at no field; none keeps it
 * @param {() => boolean} [options.failed] a field has a fault
 * @param {(() => void)|undefined|false} [options.remove]
 * @param {() => void} [options.closed]
 */
export function openForm({ title, content, done, save, failed, remove, closed }) {
  const faults = make('p.fault', { role: 'alert', hidden: true });
  const keep = make('button.button.button-strong', { type: 'submit' }, done);
  const form = make('form', { novalidate: true }, ...content, faults);
  const foot = make('div.form-foot', {}, keep);
  if (remove) {
    foot.append(
      button(t('edit.remove'), () => {
        remove();
        dialog.close();
      }),
    );
  }
  form.append(foot);
  const dialog = openSheet(title, form);
  dialog.classList.add('edit-sheet');
  if (closed) dialog.addEventListener('close', closed);
  form.addEventListener('submit', async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!form.reportValidity()) return;
    keep.disabled = true;
    const found = await save();
    keep.disabled = false;
    faults.hidden = found.length === 0;
    write(faults, found.join(' '));
    if (found.length === 0 && !failed?.()) dialog.close();
    else form.querySelector('.fault:not([hidden])')?.scrollIntoView({ block: 'nearest' });
  });
  return dialog;
}
