// @ts-check
/** @import {Editor} from './editor.js' */
/** One part: its title, its pin, the settings that come with it, and how to wire it. */
import { clone, make } from '../dom.js';
import { t } from '../i18n/text.js';
import { choice } from '../views/sheet.js';
import { nameFrom } from './draft.js';
import { isContact, settingsOf, suggestPin, wiresOf } from './parts.js';
import { PinPicker } from './pin_picker.js';
import { button, field, openForm } from './form.js';

const COLORS = ['red', 'gold', 'green', 'blue', 'orange', 'white', 'violet'];

/**
 * @param {Editor} editor
 * @param {number} place of the line in the draft; behind the last for a new one
 * @param {string} [part] of a new one
 */
export function openLine(editor, place, part = 'generic') {
  const before = editor.draft.lines[place];
  /** @type {any} */
  const line = before ? structuredClone(before) : newLine(editor, part);
  const title = field(t('edit.title'), { value: editor.titleOf(line), maxlength: 64 });
  const name = field(t('edit.name'), {
    value: line.name,
    required: true,
    pattern: '[a-z0-9][a-z0-9_\\-]{0,31}',
    autocapitalize: 'none',
    spellcheck: 'false',
  });
  let isNamed = Boolean(before);
  name.input.addEventListener('input', () => {
    isNamed = true;
  });
  title.input.addEventListener('input', () => {
    if (isNamed) return;
    name.input.value = editor.draft.freeName(nameFrom(title.input.value, line.part ?? 'part'));
  });

  const rooms = [...new Set(editor.draft.lines.map(({ group }) => group).filter(Boolean))];
  const group = field(t('edit.group'), { value: line.group ?? '', maxlength: 40, list: 'rooms' });
  const known = rooms.map((value) => make('option', { value }));

  const wiring = make('div.wiring');
  const settings = make('div.settings');
  const picker = new PinPicker({
    pins: editor.pins,
    taken: takenPins(editor, place),
    chosen: line.gpio ?? null,
    isInput: line.direction === 'input',
    bias: () => (line.bias === 'pull-down' ? 'pull-down' : 'pull-up'),
    notices: editor.notices,
    choose: (pin, moved) => {
      line.gpio = pin;
      delete line.chip;
      delete line.offset;
      if (moved && line.direction === 'input') takeLevels(line, moved);
      showSettings();
    },
  });
  const showSettings = () => {
    settings.replaceChildren(...settingsFields(line, picker, showSettings));
    wiring.replaceChildren(...drawWiring(line));
  };
  showSettings();

  const more = make(
    'details.more',
    {},
    make('summary', {}, t('edit.more')),
    name.field,
    group.field,
    make('datalist', { id: 'rooms' }, ...known),
    ...numberFields(line),
  );
  const form = openForm({
    title: before ? editor.titleOf(line) : t(`part.${line.part}`),
    content: [title.field, picker.element, settings, wiring, more],
    done: t(before ? 'edit.keep' : 'edit.add'),
    remove: before && (() => editor.change(() => editor.draft.removeLine(place))),
    closed: () => picker.close(),
    save: async () => {
      line.name = name.input.value.trim();
      setTitle(line, before?.title, title.input.value.trim(), editor.language);
      line.group = group.input.value.trim() || undefined;
      const errors = await editor.tryChange(`circuit.lines[${place}]`, () => {
        if (before) editor.draft.changeLine(place, differences(before, line));
        else editor.draft.addLine(line);
        if (before && before.name !== line.name && editor.knowsWas) {
          editor.draft.changeLine(place, { was: before.was ?? before.name });
        }
      });
      picker.fail(
        errors
          .filter(({ path }) => /^(gpio|chip|offset)$/.test(path))
          .map(text)
          .join(' '),
      );
      name.fail(
        errors
          .filter(({ path }) => path === 'name')
          .map(text)
          .join(' '),
      );
      title.fail(
        errors
          .filter(({ path }) => path === 'title')
          .map(text)
          .join(' '),
      );
      if (errors.some(({ path }) => path === 'name')) more.open = true;
      return errors.filter(({ path }) => !/^(gpio|chip|offset|name|title)$/.test(path)).map(text);
    },
    failed: () => picker.fault.hidden === false || name.failed || title.failed,
  });
  return form;
}

const text = (/** @type {{message: string}} */ { message }) => message;

/** @param {Editor} editor @param {string} part */
function newLine(editor, part) {
  const taken = new Set(takenPins(editor, -1).keys());
  const wanted = editor.pins.find(({ name }) => name === editor.wantedPin && !taken.has(name));
  editor.wantedPin = '';
  return {
    name: editor.draft.freeName(part === 'generic' ? 'part' : part),
    title: editor.freeTitle(t(`part.${part}`)),
    part,
    ...(part === 'led' ? { color: 'red' } : {}),
    gpio: wanted?.name ?? suggestPin(editor.pins, taken) ?? undefined,
    ...settingsOf(part),
  };
}

/** Pins of the draft's other lines. @param {Editor} editor @param {number} place */
function takenPins(editor, place) {
  /** @type {Map<string, string>} */
  const taken = new Map();
  editor.draft.lines.forEach((line, n) => {
    if (n === place) return;
    const pin = line.gpio ?? editor.pins.find((one) => one.line === line.name)?.name;
    if (pin) taken.set(pin, editor.titleOf(line));
  });
  return taken;
}

/** What moved says how it is wired. @param {any} line @param {any} moved */
function takeLevels(line, moved) {
  line.bias = moved.bias;
  // A door is 1 when it is open: its contact is closed, and low, at rest.
  if (line.part !== 'door') line.active_low = moved.active_low || undefined;
}

/** @param {any} line @param {any} before @param {string} title @param {string} language */
function setTitle(line, before, title, language) {
  if (before && typeof before === 'object') line.title = { ...before, [language]: title };
  else line.title = title || undefined;
}

/** Keys of `after` that differ from `before`; undefined for those that left. @param {any} before @param {any} after */
function differences(before, after) {
  return Object.fromEntries(
    [...new Set([...Object.keys(before), ...Object.keys(after)])].map((key) => [key, after[key]]),
  );
}

/** @param {any} line @param {PinPicker} picker @param {() => void} changed @returns {Node[]} */
function settingsFields(line, picker, changed) {
  /** @type {Node[]} */
  const fields = [];
  if (line.part === 'generic') {
    fields.push(
      choice(
        t('edit.direction'),
        [
          ['output', t('edit.output')],
          ['input', t('edit.input')],
        ],
        line.direction,
        (value) => {
          line.direction = value;
          if (value === 'input') line.bias ??= 'pull-up';
          else delete line.bias;
          picker.setInput(value === 'input');
          changed();
        },
      ),
    );
  }
  if (line.part === 'led') {
    fields.push(
      choice(
        t('edit.color'),
        COLORS.map((color) => [color, t(`color.${color}`)]),
        line.color ?? 'red',
        (color) => {
          line.color = color;
        },
      ),
    );
  }
  if (line.direction === 'output') {
    fields.push(
      choice(
        t(line.part === 'relay' ? 'edit.clicks' : 'edit.on.at'),
        [
          ['high', t('edit.high')],
          ['low', t('edit.low')],
        ],
        line.active_low ? 'low' : 'high',
        (value) => {
          if (value === 'low') line.active_low = true;
          else delete line.active_low;
          changed();
        },
      ),
      button(t('edit.try'), () => picker.wiggle()),
    );
  } else if (isContact(line.part)) {
    fields.push(
      choice(
        t('edit.wired.to'),
        [
          ['pull-up', t('edit.to.ground')],
          ['pull-down', t('edit.to.3v3')],
        ],
        line.bias === 'pull-down' ? 'pull-down' : 'pull-up',
        (bias) => {
          line.bias = bias;
          if (line.part !== 'door') line.active_low = bias === 'pull-up' || undefined;
          changed();
        },
      ),
    );
  }
  return fields;
}

/** @param {any} line @returns {Node[]} */
function numberFields(line) {
  const keys = line.direction === 'input' ? ['debounce_ms'] : ['max_on_ms', 'min_off_ms'];
  return keys.map((key) => {
    const one = field(t(`edit.${key}`), {
      type: 'number',
      inputmode: 'numeric',
      min: 0,
      max: key === 'debounce_ms' ? 10000 : 86400000,
      value: line[key] ?? '',
    });
    one.input.addEventListener('change', () => {
      line[key] = one.input.value === '' ? undefined : Number(one.input.value);
    });
    return one.field;
  });
}

/** The wires, each from its header pin in its colour, and the part at their end. @param {any} line */
function drawWiring(line) {
  const wires = wiresOf(line).map(({ pin, name, colour, end }) =>
    make(
      'li.wire-row',
      { 'data-wire': colour },
      make('span.wire-pin', {}, pin ? make('b', {}, String(pin)) : null, ` ${name}`),
      make('span.wire-run', { 'aria-hidden': 'true' }),
      make('span', {}, t(end)),
    ),
  );
  const picture = make(
    'span.part',
    { 'aria-hidden': 'true' },
    clone(`part-${line.part ?? 'generic'}`),
  );
  return [
    make('h3', {}, t('edit.wiring')),
    make('div.wiring-drawing', {}, make('ul', { role: 'list' }, ...wires), picture),
    make('p.hint', {}, t(line.direction === 'input' ? 'edit.never.5v' : 'edit.never.load')),
  ];
}
