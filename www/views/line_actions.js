// @ts-check
/** @import {Store} from '../store.js' */
/** @import {Commands} from '../commands.js' */
/** @import {Line} from '../state.js' */
/** @import {CommandTable} from '../command_table.js' */
/** @import {SnippetPanel} from './snippet_panel.js' */
import { make, write } from '../dom.js';
import { t, number, span } from '../i18n/text.js';
import { choices } from '../settings.js';
import { amount, check } from './sheet.js';

/** While a slider moves, the line follows at most so often. */
const PREVIEW_MS = 80;
const PRESETS_MS = [500, 1000, 5000];
const SLOWEST_HZ = 0.5;
const FASTEST_HZ = 10;
/** Parts that have something between off and on. A relay or a buzzer has not. */
const DIMMABLE = { led: 'act.brightness', motor: 'act.speed', generic: 'act.power' };

/** What one line can be asked, as rows of a sheet. Ranges are those of the gateway's table. */
export class LineActions {
  /** @param {Line} line @param {Store} store @param {Commands} commands @param {CommandTable} table @param {SnippetPanel} panel */
  constructor(line, store, commands, table, panel) {
    this.line = line;
    this.store = store;
    this.commands = commands;
    this.table = table;
    this.panel = panel;
  }

  /** @returns {HTMLElement[]} */
  rows() {
    if (this.line.direction === 'input') return this.#inputRows();
    this.panel.show('line.toggle', { line: this.line.name });
    return [
      ...this.#dimmer(),
      make(
        'div.act-row',
        {},
        this.#set(t('act.switch.on'), 1),
        this.#set(t('act.switch.off'), 0),
        this.#row(t('act.toggle'), 'line.toggle', () => ({})),
        this.#row(t('act.stop'), 'line.stop', () => ({})),
      ),
      this.#pulse(),
      this.#blink(),
      make('details.more', {}, make('summary', {}, t('act.more')), ...this.#numbers()),
      this.#lock(),
      when(
        'locked',
        this.#row(t('act.unlock'), 'line.unlock', () => ({})),
      ),
    ];
  }

  #counter() {
    if (this.line.count === undefined || !this.table.has('line.count')) return [];
    const { maximum: max = Number.MAX_SAFE_INTEGER } = this.table.schema('line.count', 'count');
    const count = amount(t('act.counter'), '', {
      value: this.line.count,
      min: 0,
      max,
      step: 1,
    });
    return [this.#row(t('act.counter.set'), 'line.count', () => ({ count: count.value }), [count])];
  }

  #inputRows() {
    const { name } = this.line;
    if (!this.store.circuit?.simulated) {
      this.panel.show('line.get', { line: name });
      return [make('p.hint', {}, t('act.input.real')), ...this.#counter()];
    }
    this.panel.show('simulator.set', { line: name, value: 1 });
    const drive = (/** @type {string} */ words, /** @type {number} */ value) =>
      this.#row(
        words,
        'simulator.set',
        () => ({ value }),
        [],
        () => this.commands.drive(name, value),
      );
    return [
      make('p.hint', {}, t('act.input.simulated')),
      make('div.act-row', {}, drive(t('act.hold'), 1), drive(t('act.release'), 0)),
      ...this.#counter(),
    ];
  }

  /**
   * A row with its fields and one button; touching it shows the same command to paste.
   * @param {string} words @param {string} method @param {() => any} params without the line
   * @param {{field: HTMLElement, valid: boolean}[]} [fields] @param {() => void} [act]
   */
  #row(words, method, params, fields = [], act) {
    const whole = () => ({ line: this.line.name, ...params() });
    const show = () => this.panel.show(method, whole());
    const button = make('button.button', { 'type': 'button', 'data-acts': true }, words);
    button.addEventListener('click', () => {
      show();
      if (!this.store.mayAct || !fields.every((field) => field.valid)) return;
      if (act) act();
      else this.commands.ask(method, whole());
    });
    const element = make('div.act', {}, ...fields.map(({ field }) => field), button);
    element.addEventListener('focusin', show);
    element.addEventListener('input', show);
    return element;
  }

  /** @param {string} words @param {number} value */
  #set(words, value) {
    return this.#row(
      words,
      'line.set',
      () => ({ value }),
      [],
      () => this.commands.set(this.line.name, value),
    );
  }

  /** @param {string} label @param {string} method @param {string} param @param {number} value */
  #amount(label, method, param, value) {
    const { minimum, maximum, type, 'x-unit': unit = '' } = this.table.schema(method, param);
    const step = type === 'integer' ? 1 : 'any';
    return amount(t(label), unit, { value, min: minimum, max: maximum, step });
  }

  #dimmer() {
    const label = /** @type {Record<string, string>} */ (DIMMABLE)[this.line.part ?? 'generic'];
    if (!label || !this.table.has('line.pwm')) return [];
    const now = this.line.pwm ? this.line.pwm.duty : this.line.value;
    const { box, input } = slider(
      t(label),
      { min: 0, max: 100, value: Math.round(now * 100) },
      (percent) => `${number(percent)} %`,
    );
    const params = () => ({ line: this.line.name, duty: Number(input.value) / 100 });
    const follow = throttled(() => {
      this.panel.show('line.pwm', params());
      if (this.store.mayAct) this.commands.ask('line.pwm', params());
    });
    input.addEventListener('input', follow);
    return [box];
  }

  #pulse() {
    const length = this.#amount('act.length', 'line.pulse', 'ms', choices.pulseMs);
    const row = this.#row(t('act.pulse'), 'line.pulse', () => ({ ms: length.value }), [length]);
    for (const ms of PRESETS_MS) {
      const preset = make(
        'button.button.preset',
        { 'type': 'button', 'data-acts': true, 'aria-label': `${t('act.pulse')} ${span(ms)}` },
        span(ms),
      );
      preset.addEventListener('click', () => {
        this.panel.show('line.pulse', { line: this.line.name, ms });
        if (this.store.mayAct) this.commands.pulse(this.line.name, ms);
      });
      row.append(preset);
    }
    return row;
  }

  #blink() {
    const steps = 20;
    const hzOf = (/** @type {number} */ step) =>
      SLOWEST_HZ * (FASTEST_HZ / SLOWEST_HZ) ** (step / steps);
    const { box, input } = slider(t('act.blink.rate'), { min: 0, max: steps, value: 5 }, (step) =>
      t('act.per.second', { n: number(hzOf(step), 1) }),
    );
    const halfMs = () => Math.round(500 / hzOf(Number(input.value)));
    return this.#row(t('act.blink'), 'line.blink', () => ({ on_ms: halfMs(), off_ms: halfMs() }), [
      { field: box, valid: true },
    ]);
  }

  // Everything that the commands take, in numbers.
  #numbers() {
    const on = this.#amount('act.on', 'line.blink', 'on_ms', 200);
    const off = this.#amount('act.off', 'line.blink', 'off_ms', 300);
    const count = this.#amount('act.count', 'line.blink', 'count', 5);
    count.input.min = '0';
    const { maximum: whole = 1 } = this.table.schema('line.pwm', 'duty');
    const duty = amount(t('act.duty'), '%', { value: 25, min: 0, max: whole * 100 });
    const hz = this.#amount('act.rate', 'line.pwm', 'hz', 200);
    return [
      this.#row(
        t('act.blink'),
        'line.blink',
        () => ({
          on_ms: on.value,
          off_ms: off.value,
          ...(count.value ? { count: count.value } : {}),
        }),
        [on, off, count],
      ),
      this.#row(t('act.pwm'), 'line.pwm', () => ({ duty: duty.value / 100, hz: hz.value }), [
        duty,
        hz,
      ]),
    ];
  }

  #lock() {
    const { maxLength = 96 } = this.table.schema('line.lock', 'reason');
    const reason = make('input', { type: 'text', maxlength: maxLength, required: true });
    const field = make('label.amount', {}, make('span', {}, t('act.lock.why')), reason);
    // A lock alone leaves on what is on.
    let off = true;
    const alsoOff = check(t('act.lock.off'), off, (on) => {
      off = on;
    });
    const lock = this.#row(
      t('act.lock'),
      'line.lock',
      () => ({ reason: reason.value, ...(off && { off }) }),
      [
        {
          field,
          get valid() {
            return reason.reportValidity();
          },
        },
      ],
    );
    return when('unlocked', make('div.lock', {}, lock, alsoOff));
  }
}

/** A part of the sheet for one state of the lock only. @param {'locked'|'unlocked'} state @param {HTMLElement} part */
function when(state, part) {
  part.dataset.when = state;
  return part;
}

/**
 * @param {string} label @param {{min: number, max: number, value: number}} range
 * @param {(value: number) => string} words what the value is called
 */
function slider(label, range, words) {
  const shown = make('output', {}, words(range.value));
  const input = make('input', { type: 'range', step: 1, ...range });
  input.addEventListener('input', () => {
    write(shown, words(Number(input.value)));
    input.setAttribute('aria-valuetext', words(Number(input.value)));
  });
  input.setAttribute('aria-valuetext', words(range.value));
  const box = make('label.slider', {}, make('span', {}, label), shown, input);
  return { box, input };
}

/** Runs at once, and then not more often than a preview needs; the last value always comes through. @param {() => void} run */
function throttled(run) {
  let waiting = false;
  let again = false;
  return function turn() {
    if (waiting) {
      again = true;
      return;
    }
    waiting = true;
    run();
    setTimeout(() => {
      waiting = false;
      if (!again) return;
      again = false;
      turn();
    }, PREVIEW_MS);
  };
}
