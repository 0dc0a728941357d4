// @ts-check
/** The header to tap on: which pin a part is wired to. Finds it by pressing, or shows it by blinking. */
import { make, write } from '../dom.js';
import { t } from '../i18n/text.js';
import { wigglePin, watchPins } from './config_api.js';
import { explain } from './problems.js';

let count = 0;

export class PinPicker {
  /**
   * @param {object} options
   * @param {any[]} options.pins as the gateway lists them
   * @param {Map<string, string>} options.taken names of pins that the draft uses, and by what
   * @param {string|null} options.chosen
   * @param {boolean} options.isInput
   * @param {() => string} options.bias how the pins are pulled while they are watched
   * @param {(pin: string, moved?: any) => void} options.choose
   * @param {Set<(method: string, params: any) => void>} options.notices
   */
  constructor(options) {
    this.options = options;
    this.group = `pin-${++count}`;
    /** @type {Map<string, HTMLInputElement>} */
    this.inputs = new Map();
    this.said = make('p.hint', { 'role': 'status', 'aria-live': 'polite' });
    this.tools = make('div.act');
    this.header = make('div.pin-grid', { 'data-header': options.pins.some(({ pin }) => pin) });
    this.fault = make('p.fault', { id: `${this.group}-fault`, hidden: true });
    for (const pin of options.pins) this.header.append(this.#place(pin));
    this.listen = (/** @type {string} */ method, /** @type {any} */ params) =>
      this.#hear(method, params);
    this.setInput(options.isInput);
    this.element = make(
      'fieldset.pins',
      { 'aria-describedby': this.fault.id },
      make('legend', {}, t('edit.pin')),
      this.tools,
      this.said,
      this.fault,
      this.header,
    );
  }

  get chosen() {
    return [...this.inputs.values()].find((input) => input.checked)?.value ?? null;
  }

  /** @param {string} name */
  select(name) {
    const input = this.inputs.get(name);
    if (!input || input.disabled) return;
    input.checked = true;
    input.scrollIntoView({ block: 'nearest' });
    this.options.choose(name);
  }

  /** @param {any} pin */
  #place(pin) {
    const { taken, chosen } = this.options;
    const number = pin.pin ? make('span.pin-no', {}, String(pin.pin)) : null;
    if (!pin.chip) {
      return make('span.pin-place', { 'data-supply': pin.name }, number, make('b', {}, pin.name));
    }
    const user = taken.get(pin.name) ?? pin.held_by;
    const note = user ?? pin.functions[0] ?? '';
    const input = make('input', {
      type: 'radio',
      name: this.group,
      value: pin.name,
      checked: pin.name === chosen,
      disabled: Boolean(user),
    });
    input.addEventListener('change', () => this.options.choose(pin.name));
    this.inputs.set(pin.name, input);
    return make(
      'label.pin-place',
      { 'data-used': Boolean(user) },
      input,
      number,
      make('b', {}, pin.name),
      note && make('small', {}, note),
    );
  }

  /** An input is found by pressing it, an output by making it blink. @param {boolean} isInput */
  setInput(isInput) {
    const button = make(
      'button.button',
      { type: 'button' },
      t(isInput ? 'edit.find' : 'edit.which'),
    );
    button.addEventListener('click', () => (isInput ? this.#watch(button) : this.wiggle()));
    this.tools.replaceChildren(button);
  }

  /** @param {boolean} [anyway] */
  async wiggle(anyway = false) {
    const pin = this.chosen;
    if (!pin) return;
    try {
      await wigglePin(pin, anyway);
      write(this.said, t('edit.which.on', { pin }));
    } catch (/** @type {any} */ error) {
      write(this.said, explain(error));
      if (error.code !== 'forbidden-pin') return;
      const again = make('button.button', { type: 'button' }, t('edit.anyway'));
      again.addEventListener('click', () => {
        again.remove();
        this.wiggle(true);
      });
      this.tools.append(again);
    }
  }

  /** @param {HTMLElement} button */
  async #watch(button) {
    try {
      await watchPins(this.options.bias());
    } catch (/** @type {any} */ error) {
      write(this.said, explain(error));
      return;
    }
    this.options.notices.add(this.listen);
    button.setAttribute('aria-pressed', 'true');
    write(this.said, t('edit.find.on'));
  }

  /** @param {string} method @param {any} params */
  #hear(method, params) {
    if (!this.element.isConnected) this.close();
    else if (method === 'pins.moved' && this.inputs.has(params.pin)) {
      this.close();
      this.select(params.pin);
      this.options.choose(params.pin, params);
      write(this.said, t('edit.found', { pin: params.pin }));
    } else if (method === 'pins.watched') {
      this.close();
      write(this.said, t('edit.find.none'));
    }
  }

  close() {
    this.options.notices.delete(this.listen);
    this.tools.firstElementChild?.removeAttribute('aria-pressed');
  }

  /** @param {string} text "" for none */
  fail(text) {
    this.fault.hidden = !text;
    write(this.fault, text);
  }
}
