// @ts-check
/** @import {Store} from '../store.js' */
/**
 * What a pin of the header is: its number, its name, what else it can do, and who uses it.
 * @typedef {{pin: number, name: string, line?: string|null, held_by?: string|null, functions?: string[], safe_to_try?: boolean}} Pin
 * @typedef {{store: Store, openLine: (name: string) => void}} Whole
 */
import { make, useStyle } from '../dom.js';
import { t, titleOf, useTexts } from '../i18n/text.js';
import { GEOMETRY, HEADER, bcmOf, pinPoint } from '../layout.js';
import { request } from '../session.js';
import { openSheet } from './sheet.js';

/** What the description of a pin is made from. */
const ready = () =>
  Promise.all([
    useTexts('later'),
    useStyle('sheet.css'),
    useStyle('edit.css'),
    useStyle('board.css'),
  ]);

/** @type {Record<string, string>} */
const SUPPLIES = { '5V': 'pin.supply.5V', '3V3': 'pin.supply.3V3', 'GND': 'pin.supply.GND' };

/** @param {number|string} what a BCM number or a supply */
const nameOf = (what) => (typeof what === 'number' ? `GPIO${what}` : what);

/** The header as the gateway knows it, else as every Pi has it. @returns {Promise<Pin[]>} in order, pin 1 first */
async function readHeader() {
  const { pins } = await request('api/v1/pins').catch(() => ({ pins: [] }));
  return HEADER.map((what, place) => ({
    name: nameOf(what),
    ...pins.find((/** @type {Pin} */ one) => one.pin === place + 1),
    pin: place + 1,
  }));
}

/** The line that is at a pin. @param {Pin} pin @param {Store} store */
function userOf(pin, store) {
  const bcm = HEADER[pin.pin - 1];
  const lines = store.circuit?.lines ?? [];
  return lines.find((line) => bcmOf(line) === bcm || line.name === pin.line);
}

/** What it says of a pin in short: who uses it, or what it supplies. @param {Pin} pin @param {Store} store */
function useOf(pin, store) {
  if (typeof HEADER[pin.pin - 1] === 'string') return '';
  const line = userOf(pin, store);
  if (line) return titleOf(line.title, line.name);
  return pin.held_by ? t('pin.held', { who: pin.held_by }) : t('pin.free');
}

// At power-on the chip pulls GPIO0 to 8 up and the others down (BCM2835 ARM Peripherals, table 6-31; RP1
// keeps to it). The board has resistors of its own at I2C 1.
/** @param {number} bcm */
function pullAtBoot(bcm) {
  if (bcm === 2 || bcm === 3) return t('pin.boot.board');
  return t(bcm <= 8 ? 'pin.boot.up' : 'pin.boot.down');
}

/** @param {Pin} pin @param {Store} store */
function factsOf(pin, store) {
  const bcm = HEADER[pin.pin - 1];
  const facts = [t('pin.number'), pin.pin];
  if (typeof bcm === 'string') facts.push(t('pin.supply'), t(SUPPLIES[bcm]));
  else {
    const busy = pin.safe_to_try === false && !userOf(pin, store) && !pin.held_by;
    facts.push(
      t('pin.functions'),
      pin.functions?.join(', ') || t('pin.functions.none'),
      t('pin.boot'),
      pullAtBoot(bcm),
      t('pin.used'),
      busy ? t('pin.busy') : useOf(pin, store),
    );
  }
  return make(
    'dl.facts',
    {},
    ...facts.map((words, n) => make(n % 2 ? 'dd' : 'dt', {}, `${words}`)),
  );
}

/** One pin. @param {Pin} pin @param {Whole} whole */
export async function openPin(pin, { store, openLine }) {
  await ready();
  const bcm = HEADER[pin.pin - 1];
  const line = userOf(pin, store);
  const isFree = typeof bcm === 'number' && !line && !pin.held_by;
  /** @param {string} words @param {() => void} then */
  const go = (words, then) =>
    make(
      'button.button.button-strong',
      {
        type: 'button',
        onclick: () => {
          sheet.close();
          // The sheet's own step back in the history comes first.
          setTimeout(then, 50);
        },
      },
      words,
    );
  const sheet = openSheet(
    pin.name,
    factsOf(pin, store),
    typeof bcm === 'number' ? make('p.hint', {}, t(bcm < 2 ? 'pin.id' : 'pin.level')) : null,
    line
      ? go(t('pin.line', { line: titleOf(line.title, line.name) }), () => openLine(line.name))
      : null,
    isFree && store.circuit?.role === 'admin'
      ? go(t('pin.add'), () => location.assign(`#edit/${pin.name}`))
      : null,
  );
}

/** All forty, for narrow screens, which show no board beside the rungs. @param {Whole} whole */
export async function openPins(whole) {
  const [pins] = await Promise.all([readHeader(), ready()]);
  const sheet = openSheet(
    t('pins.title'),
    make(
      'div.pin-grid',
      { 'data-header': true },
      ...pins.map((pin) =>
        make(
          'button.pin-place',
          {
            'type': 'button',
            'data-supply': typeof HEADER[pin.pin - 1] === 'string' ? pin.name : null,
            'onclick': () => {
              sheet.close();
              openPin(pin, whole);
            },
          },
          make('span.pin-no', {}, String(pin.pin)),
          make('b', {}, pin.name),
          make('small', {}, useOf(pin, whole.store)),
        ),
      ),
    ),
  );
}

/** The words of a pin before it is asked. @param {number} number @param {Store} store */
function shortOf(number, store) {
  const pin = { pin: number, name: nameOf(HEADER[number - 1]) };
  const use = useOf(pin, store);
  return `${pin.name}, ${t('pin', { pin: number })}${use && `: ${use}`}`;
}

/** From pin to pin by the keyboard. */
const STEPS = { ArrowUp: -2, ArrowDown: 2, ArrowLeft: -1, ArrowRight: 1, Home: -40, End: 40 };

/** The drawn header's pins as buttons: hover and focus tell of a pin, a click opens all about it. */
export class PinButtons {
  /** @param {Whole} whole */
  constructor(whole) {
    this.whole = whole;
    /** @type {Promise<Pin[]>|null} */
    this.header = null;
    this.card = make('div.pin-card', { role: 'tooltip', id: 'pin-card', hidden: true });
    this.buttons = HEADER.map((_, place) => this.#button(place + 1));
    this.element = make('div.pin-buttons', { role: 'toolbar' }, ...this.buttons, this.card);
    this.element.addEventListener('keydown', (/** @type {KeyboardEvent} */ e) => this.#key(e));
    this.element.addEventListener('pointerleave', () => this.#hide());
    this.element.addEventListener('focusout', () => this.#hide());
    ready().then(() => this.label());
  }

  /** @param {number} number */
  #button(number) {
    const button = make('button.pin-button', {
      'type': 'button',
      'tabindex': number === 1 ? 0 : -1,
      'aria-describedby': 'pin-card',
    });
    const { x, y } = pinPoint(number, GEOMETRY);
    button.style.left = `${x}px`;
    button.style.top = `${y}px`;
    button.addEventListener('pointerenter', (/** @type {PointerEvent} */ event) => {
      // A finger that comes is a tap.
      if (event.pointerType !== 'touch') this.#show(number);
    });
    button.addEventListener('focus', () => this.#show(number));
    button.addEventListener('click', async () => {
      const pins = await this.#read();
      this.#hide();
      openPin(pins[number - 1], this.whole);
    });
    return button;
  }

  /** In the words of the language, and with the users that the pins have now. */
  label() {
    this.header = null;
    this.element.setAttribute('aria-label', t('pins.title'));
    this.buttons.forEach((button, place) =>
      button.setAttribute('aria-label', shortOf(place + 1, this.whole.store)),
    );
  }

  /** Who else holds a pin may change: each look asks anew, every look of a while does not. */
  #read() {
    this.header ??= readHeader();
    return this.header;
  }

  /** @param {number} number */
  async #show(number) {
    this.wanted = number;
    const pins = await this.#read();
    if (this.wanted !== number) return;
    const pin = pins[number - 1];
    this.card.replaceChildren(make('b', {}, pin.name), factsOf(pin, this.whole.store));
    const { y } = pinPoint(number, GEOMETRY);
    this.card.style.top = `${y}px`;
    this.card.hidden = false;
  }

  #hide() {
    this.wanted = 0;
    this.card.hidden = true;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === 'Escape') this.#hide();
    const step = STEPS[/** @type {keyof typeof STEPS} */ (event.key)];
    const from = this.buttons.indexOf(/** @type {any} */ (event.target));
    if (!step || from < 0) return;
    event.preventDefault();
    const to = Math.max(0, Math.min(39, from + step));
    // Two steps beyond an end would change the column.
    if (Math.abs(step) === 2 && (to - from) % 2) return;
    this.buttons[from].tabIndex = -1;
    this.buttons[to].tabIndex = 0;
    this.buttons[to].focus();
  }
}

/** Below the circuit: its pins to be asked, and pictures of it to be kept. @param {HTMLElement} box @param {Whole} whole */
export async function showTools(box, whole) {
  await ready();
  const { circuit } = whole.store;
  /** @param {string} key @param {() => void} onclick */
  const button = (key, onclick) =>
    make('button.button.button-quiet', { type: 'button', onclick }, t(key));
  /** @param {string} kind */
  const save = async (kind) => {
    const { pictureOf, asPng } = await import('./picture.js');
    const svg = await pictureOf(whole.store);
    const href = URL.createObjectURL(kind === 'svg' ? svg : await asPng(svg));
    make('a', { href, download: `${titleOf(circuit?.title, circuit?.name)}.${kind}` }).click();
  };
  box.replaceChildren(
    button('pins.title', () => openPins(whole)),
    button('picture.svg', () => save('svg')),
    button('picture.png', () => save('png')),
  );
}
