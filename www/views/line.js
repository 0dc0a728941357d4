// @ts-check
/** @import {Store} from '../store.js' */
/** @import {Commands} from '../commands.js' */
/** @import {Line} from '../state.js' */
/** @import {Command, Place} from '../snippets.js' */
import { make, write } from '../dom.js';
import { t, titleOf, number, span, ago } from '../i18n/text.js';
import { bcmOf, boardPinOf } from '../layout.js';
import { choices } from '../settings.js';
import { request } from '../session.js';
import { asCurl, asNc, asWebSocket } from '../snippets.js';
import { openSheet, choice, amount, copy } from './sheet.js';
import { wordOf } from './rung.js';
import { notify } from './header.js';

/** Where the gateway is, for lines to paste. @returns {Promise<Place>} */
export async function placeOf() {
  const place = { origin: location.origin, host: location.hostname, linePort: 7070, token: true };
  const [session, register] = await Promise.all([
    request('/api/v1/session').catch(() => null),
    request('/api/v1/sockets').catch(() => null),
  ]);
  place.token = session?.mode !== 'none';
  const listener = register?.sockets?.find(
    (/** @type {any} */ one) =>
      one.role === 'listener' && one.owner === 'line' && one.domain !== 'AF_UNIX',
  );
  const port = /:(\d+)$/.exec(listener?.local ?? '');
  if (port) place.linePort = Number(port[1]);
  return place;
}

/**
 * Everything about one line: what it is, what can be asked of it, and each
 * question as a line to paste into a shell.
 * @param {string} name @param {Store} store @param {Commands} commands
 */
export function openLine(name, store, commands) {
  const line = store.line(name);
  if (!line) return;
  const state = make('p.line-state');
  const facts = make('dl.facts');
  const byHand = new ByHand();
  const actions =
    line.direction === 'output'
      ? outputActions(line, store, commands, byHand)
      : inputActions(line, store, commands, byHand);
  const sheet = openSheet(titleOf(line.title, name), state, ...actions, byHand.element, facts);
  const update = () => {
    const now = store.line(name);
    if (!now) return;
    const since = now.changed_at ? ago(store.now() - Date.parse(now.changed_at)) : '';
    write(state, `${wordOf(now, store.value(now))}${since ? `, ${since}` : ''}`);
    showFacts(facts, now);
    for (const part of sheet.querySelectorAll('[data-when]')) {
      /** @type {HTMLElement} */ (part).hidden =
        /** @type {HTMLElement} */ (part).dataset.when !== (now.lock ? 'locked' : 'unlocked');
    }
    for (const button of sheet.querySelectorAll('[data-acts]'))
      button.setAttribute('aria-disabled', String(!store.mayAct));
  };
  update();
  const view = (/** @type {any} */ change) =>
    (change.rebuilt || change.names.has(name)) && update();
  const timer = setInterval(update, 1000);
  store.viewers.add(view);
  sheet.addEventListener('close', () => {
    store.viewers.delete(view);
    clearInterval(timer);
  });
}

/** The same command for other hands. */
class ByHand {
  constructor() {
    /** @type {Command|null} */
    this.command = null;
    this.form = 'curl';
    /** @type {Place} */
    this.place = { origin: location.origin, host: location.hostname, linePort: 7070, token: true };
    this.text = make('pre.by-hand', { 'tabindex': 0, 'aria-label': t('hand.title') });
    const pick = choice(
      t('hand.title'),
      [
        ['curl', 'curl'],
        ['nc', 'nc'],
        ['websocket', 'WebSocket'],
      ],
      'curl',
      (form) => {
        this.form = form;
        this.#write();
      },
    );
    const button = make(
      'button.button',
      { type: 'button', onclick: () => copy(this.text.textContent, notify) },
      t('copy'),
    );
    this.element = make('section.hand', {}, pick, this.text, button);
    placeOf().then((place) => {
      this.place = place;
      this.#write();
    });
  }

  /** @param {string} method @param {any} params */
  show(method, params) {
    this.command = { method, params };
    this.#write();
  }

  #write() {
    const { command, form, place } = this;
    if (!command) return;
    const text =
      form === 'curl'
        ? asCurl(command, place)
        : form === 'nc'
          ? asNc(command, place)
          : asWebSocket(command);
    // Where it is too long it breaks at blanks, and an address at its slashes.
    this.text.replaceChildren(
      ...(text.match(/.+?(\w\/|$)/g) ?? []).flatMap((part) => [part, make('wbr')]),
    );
  }
}

/**
 * A row with its fields and one button; touching it shows it "by hand".
 * @param {string} words @param {string} method @param {() => any} params @param {any[]} fields
 * @param {Store} store @param {Commands} commands @param {ByHand} byHand @param {() => void} [act]
 */
function row(words, method, params, fields, store, commands, byHand, act) {
  const show = () => byHand.show(method, params());
  const button = make('button.button', { 'type': 'button', 'data-acts': true }, words);
  button.addEventListener('click', () => {
    show();
    if (!store.mayAct || !fields.every((field) => field.valid)) return;
    if (act) act();
    else commands.ask(method, params());
  });
  const element = make('div.act', {}, ...fields.map((field) => field.field), button);
  element.addEventListener('focusin', show);
  element.addEventListener('input', show);
  return element;
}

/** A part of the sheet for one state of the lock only. @param {'locked'|'unlocked'} state @param {HTMLElement} part */
function when(state, part) {
  part.dataset.when = state;
  return part;
}

/** @param {Line} line @param {Store} store @param {Commands} commands @param {ByHand} byHand */
function outputActions(line, store, commands, byHand) {
  const { name } = line;
  /** @type {[Store, Commands, ByHand]} */
  const whole = [store, commands, byHand];
  const pulse = amount(t('act.length'), 'ms', { value: choices.pulseMs, min: 1, max: 3600000 });
  const on = amount(t('act.on'), 'ms', { value: 200, min: 1, max: 3600000 });
  const off = amount(t('act.off'), 'ms', { value: 300, min: 1, max: 3600000 });
  const count = amount(t('act.count'), t('act.times'), { value: 5, min: 0, max: 1000000 });
  const duty = amount(t('act.duty'), '%', { value: 25, min: 0, max: 100 });
  const hz = amount(t('act.rate'), 'Hz', { value: 200, min: 0.1, max: 10000 });
  const reason = make('input', { type: 'text', maxlength: 90 });
  const blink = () => ({
    line: name,
    on_ms: on.value,
    off_ms: off.value,
    ...(count.value ? { count: count.value } : {}),
  });
  const plain = (/** @type {string} */ words, /** @type {number} */ value) =>
    row(
      words,
      'line.set',
      () => ({ line: name, value }),
      [],
      ...whole,
      () => commands.set(name, value),
    );
  byHand.show('line.toggle', { line: name });
  return [
    make(
      'div.act-row',
      {},
      plain(t('act.switch.on'), 1),
      plain(t('act.switch.off'), 0),
      row(t('act.toggle'), 'line.toggle', () => ({ line: name }), [], ...whole),
      row(t('act.stop'), 'line.stop', () => ({ line: name }), [], ...whole),
    ),
    row(t('act.pulse'), 'line.pulse', () => ({ line: name, ms: pulse.value }), [pulse], ...whole),
    row(t('act.blink'), 'line.blink', blink, [on, off, count], ...whole),
    row(
      t('act.pwm'),
      'line.pwm',
      () => ({ line: name, duty: duty.value / 100, hz: hz.value }),
      [duty, hz],
      ...whole,
    ),
    when(
      'unlocked',
      row(
        t('act.lock'),
        'line.lock',
        () => ({ line: name, reason: reason.value }),
        [
          {
            field: make('label.amount', {}, make('span', {}, t('act.lock.why')), reason),
            valid: true,
          },
        ],
        ...whole,
      ),
    ),
    when(
      'locked',
      row(t('act.unlock'), 'line.unlock', () => ({ line: name }), [], ...whole),
    ),
  ];
}

/** @param {Line} line @param {Store} store @param {Commands} commands @param {ByHand} byHand */
function inputActions(line, store, commands, byHand) {
  const { name } = line;
  byHand.show('line.get', { line: name });
  if (!store.circuit?.simulated) return [make('p.hint', {}, t('act.input.real'))];
  byHand.show('simulator.set', { line: name, value: 1 });
  const hold = (/** @type {string} */ words, /** @type {number} */ value) =>
    row(
      words,
      'simulator.set',
      () => ({ line: name, value }),
      [],
      store,
      commands,
      byHand,
      () => commands.drive(name, value),
    );
  return [
    make('p.hint', {}, t('act.input.simulated')),
    make('div.act-row', {}, hold(t('act.hold'), 1), hold(t('act.release'), 0)),
  ];
}

/** @param {HTMLElement} list @param {Line} line */
function showFacts(list, line) {
  const { gpio = {} } = line;
  const bcm = bcmOf(line);
  const pin = boardPinOf(line);
  /** @type {[string, string|undefined][]} */
  const facts = [
    [t('fact.pin'), bcm !== null && pin ? t('pin.of', { bcm, pin }) : gpio.name],
    [
      t('fact.chip'),
      [
        gpio.label ?? gpio.chip,
        gpio.offset === undefined ? '' : t('fact.offset', { n: gpio.offset }),
      ]
        .filter(Boolean)
        .join(', '),
    ],
    [t('fact.bias'), gpio.bias],
    [t('fact.drive'), line.direction === 'output' ? gpio.drive : undefined],
    [t('fact.low'), gpio.active_low ? t('fact.low.yes') : undefined],
    [t('fact.edges'), line.edges === undefined ? undefined : number(line.edges)],
    [t('fact.source'), line.role ? `${line.source} (${t(`role.${line.role}`)})` : line.source],
    [t('fact.interlock'), line.interlock],
    [t('fact.press'), line.last_press_ms ? span(line.last_press_ms) : undefined],
    [
      t('fact.signal'),
      line.hz
        ? t('note.signal', { hz: number(line.hz, 1), duty: number((line.duty ?? 0) * 100) })
        : undefined,
    ],
    [t('fact.name'), line.name],
  ];
  const rows = facts.filter(([, value]) => value).map(([label, value]) => `${label}\t${value}`);
  const key = rows.join('\n');
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(
    ...rows.flatMap((text) => {
      const [label, value] = text.split('\t');
      return [make('dt', {}, label), make('dd', {}, value)];
    }),
  );
}
