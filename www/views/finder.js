// @ts-check
/** @import {CircuitView} from './circuit.js' */
/** @import {Line} from '../state.js' */
/** Many lines: finding some of them, and rows of one line each. */
import { make, mark, write } from '../dom.js';
import { t, useTexts } from '../i18n/text.js';
import { bcmOf } from '../pins.js';
import { choices, choose } from '../settings.js';

const plain = (/** @type {string} */ text) => text.normalize('NFC').toLowerCase().trim();

/** Whether a line is meant by what was typed: its titles, name, room or GPIO number. @param {Line} line @param {string} typed */
export function matches(line, typed) {
  const words = plain(typed);
  const { name, title = '', group = '' } = line;
  const titles = typeof title === 'string' ? [title] : Object.values(title);
  const bcm = bcmOf(line);
  return (
    [name, group, ...titles].some((one) => plain(one).includes(words)) ||
    (bcm !== null && (`gpio${bcm}` === words || String(bcm) === words)) ||
    plain(line.gpio?.name ?? '') === words
  );
}

/** @param {HTMLElement} box @param {CircuitView} view */
export async function showFinder(box, view) {
  await useTexts('later');
  const before = box.querySelector('input')?.value ?? '';
  const found = make('p.hint', { role: 'status' });
  const field = make('input', {
    'type': 'search',
    'aria-label': t('find'),
    'aria-controls': 'rungs',
    'placeholder': t('find'),
    'autocomplete': 'off',
    'spellcheck': 'false',
  });
  const find = () => {
    const typed = field.value.trim();
    const shown = view.show(typed ? (line) => matches(line, typed) : null);
    const all = view.rungs.size;
    write(found, typed ? t(shown ? 'find.found' : 'find.none', { n: shown, all }) : '');
  };
  field.addEventListener('input', find);
  field.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== 'Escape') return;
    field.value = '';
    find();
  });
  const compact = make('button.button', { type: 'button' }, t('find.compact'));
  const press = () => mark(compact, 'aria-pressed', String(choices.compact));
  compact.addEventListener('click', () => {
    choose({ compact: !choices.compact });
    press();
    view.arrange();
  });
  press();
  box.replaceChildren(field, compact, found);
  field.value = before;
  if (before) find();
}
