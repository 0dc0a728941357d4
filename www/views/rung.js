// @ts-check
/** @import {Line} from '../state.js' */
/** @import {Store} from '../store.js' */
/** @import {Commands} from '../commands.js' */
import { clone, find, make, draw, write, mark } from '../dom.js';
import { t, titleOf, ago, span, number } from '../i18n/text.js';
import { bcmOf, boardPinOf, railOf, supplyOf } from '../pins.js';
import { pressSwitch, pressInput } from './buttons.js';

const PARTS = ['led', 'button', 'switch', 'relay', 'buzzer', 'motor', 'motion', 'door', 'generic'];
const TONES = ['red', 'green', 'yellow', 'orange', 'blue', 'white', 'violet'];
const ALIASES = { gold: 'yellow', amber: 'yellow', purple: 'violet', pink: 'violet', cyan: 'blue' };
const OWN_TONE = { led: 'red', relay: 'orange', buzzer: 'violet', motor: 'blue' };
// Changing faster than this, a rung shows its level but does not dance.
const BUSY_MS = 400;
const MINUTE_MS = 60000;
const FADE_STEP_MS = 100;
const RING = 2 * Math.PI * 6.5;

/** Whole seconds, rounded up: a countdown ends at its end. @param {number} ms */
const remaining = (ms) => span(Math.max(1, Math.ceil(ms / 1000)) * 1000);

/** The word for a line's value: what the part does, not what the wire has. @param {Line} line @param {number} value */
export function wordOf(line, value) {
  if (line.available === false) return t('state.gone.plain');
  if (line.direction === 'output') return t(value ? 'state.on' : 'state.off');
  switch (line.part) {
    case 'button':
      return t(value ? 'state.pressed' : 'state.released');
    case 'motion':
      return t(value ? 'state.motion' : 'state.still');
    case 'door':
      return t(value ? 'state.open' : 'state.closed');
    case 'switch':
      return t(value ? 'state.on' : 'state.off');
    default:
      return t(value ? 'state.high' : 'state.low');
  }
}

/** How long the value has been so; nobody has touched it where it is from the start. @param {Line} line @param {number} now */
export function ageOf(line, now) {
  if (!line.changed_at) return '';
  if (line.source === 'start' && !line.edges) return t('ago.start');
  return ago(now - Date.parse(line.changed_at));
}

/** A counter in words: what was counted, and how fast it goes. @param {Line} line */
export function counted({ count = 0, total = 0, rate = 0, unit = '' }) {
  const amount = (/** @type {number} */ value) => `${number(value, 2)} ${unit}`.trim();
  return t('note.count', { total: amount(total), rate: amount(rate), count: number(count) });
}

/** After this time without a pulse the rate is another one. @param {Line} line */
function rateHolds({ count = 0, total = 0, rate = 0 }) {
  const pulsesAMinute = total > 0 ? (rate * count) / total : 0;
  return pulsesAMinute > 0 ? Math.min(MINUTE_MS, (10 * MINUTE_MS) / pulsesAMinute) : Infinity;
}

export class Rung {
  /** @param {Line} line @param {Store} store @param {Commands} commands @param {(name: string) => void} openSheet */
  constructor(line, store, commands, openSheet) {
    this.store = store;
    this.commands = commands;
    this.name = line.name;
    /** @type {Line|null} */
    this.shown = null;
    this.shownValue = -1;
    this.changedAt = -Infinity;
    this.noteKey = '';
    this.countedAt = 0;
    /** When its brightness was told. */
    this.toldAt = 0;
    /** @type {number|undefined} */
    this.fading = undefined;
    this.element = clone('rung');
    this.parts = {
      word: find(this.element, '.word'),
      since: find(this.element, '.since'),
      note: find(this.element, '.rung-note'),
      more: find(this.element, '.rung-more'),
    };
    this.#applyTone(line);
    this.press = this.#control(line, commands);
    this.parts.more.addEventListener('click', () => openSheet(line.name));
  }

  /** What never changes while the circuit is the same. @param {Line} line */
  #applyTone(line) {
    const { element } = this;
    const part = PARTS.includes(line.part ?? '') ? /** @type {string} */ (line.part) : 'generic';
    const wanted = line.color ?? /** @type {any} */ (OWN_TONE)[part];
    const tone = /** @type {any} */ (ALIASES)[wanted] ?? wanted;
    element.id = `rung-${line.name}`;
    element.dataset.line = line.name;
    element.dataset.part = part;
    element.dataset.direction = line.direction;
    element.dataset.bias = line.gpio?.bias ?? 'as-is';
    this.#wire(line);
    if (TONES.includes(tone)) element.dataset.tone = tone;
    else if (line.color && CSS.supports('color', line.color))
      element.style.setProperty('--part', line.color);
    find(element, '.part').append(clone(`part-${part}`));
    const bcm = bcmOf(line);
    const pin = boardPinOf(line);
    write(find(element, '.bcm'), String(bcm ?? line.gpio?.offset ?? '·'));
    write(find(element, '.board-pin'), pin ? t('pin', { pin }) : '');
    const title = titleOf(line.title, line.name);
    const heading = find(element, '.rung-title');
    heading.id = `title-${line.name}`;
    write(heading, title);
    find(element, '.rung-state').id = `state-${line.name}`;
    this.parts.note.id = `note-${line.name}`;
    this.parts.more.setAttribute('aria-label', t('line.more', { line: title }));
  }

  /** Which rails the part ends at. @param {Line} line */
  #wire(line) {
    const { element } = this;
    const supply = supplyOf(line);
    const branch = find(element, '.rung-branch');
    element.dataset.rail = branch.dataset.rail = railOf(line);
    if (!supply) return;
    element.dataset.module = supply;
    const feed = branch.cloneNode();
    feed.classList.add('rung-supply');
    feed.dataset.rail = supply;
    branch.after(feed);
  }

  /** @param {Line} line @param {Commands} commands @returns {HTMLElement|null} */
  #control(line, commands) {
    const output = line.direction === 'output';
    if (!output && !this.store.circuit?.simulated) return null;
    const button = clone(output ? 'press-switch' : 'press-input');
    if (!output) button.title = t('press.me');
    button.setAttribute('aria-labelledby', `title-${line.name}`);
    button.setAttribute('aria-describedby', `state-${line.name} note-${line.name}`);
    (output ? pressSwitch : pressInput)(button, line.name, this.store, commands);
    this.parts.more.before(button);
    return button;
  }

  update() {
    const line = this.store.line(this.name);
    if (!line) return;
    const value = this.store.value(line);
    if (value !== this.shownValue) this.#turn(line, value);
    if (line !== this.shown || value !== this.shownValue) this.#describe(line, value);
    this.shown = line;
    this.shownValue = value;
    this.#permit(line);
  }

  /** @param {Line} line @param {number} value */
  #turn(line, value) {
    const now = performance.now();
    mark(this.element, 'data-busy', now - this.changedAt < BUSY_MS ? '' : null);
    if (this.shown) this.changedAt = now;
    const lit = value ? '1' : '0';
    mark(this.element, 'data-on', lit);
    // A door contact conducts when it is closed, everything else when it is on.
    mark(this.element, 'data-flow', line.part === 'door' ? String(1 - value) : lit);
    if (this.press)
      mark(
        this.press,
        line.direction === 'output' ? 'aria-checked' : 'aria-pressed',
        String(Boolean(value)),
      );
  }

  /** @param {Line} line @param {number} value */
  #describe(line, value) {
    write(this.parts.word, wordOf(line, value));
    mark(this.element, 'data-pending', this.store.pending.has(this.name) ? '' : null);
    mark(this.element, 'data-gone', line.available === false ? '' : null);
    this.countedAt = performance.now();
    this.tick();
    this.#note(line);
    if (line.pwm !== this.shown?.pwm) this.toldAt = this.store.now();
    this.#dim(line.pwm);
  }

  /** As bright as it is, on its way too. @param {Line['pwm']} pwm */
  #dim(pwm) {
    clearTimeout(this.fading);
    // Another rung may stand in its place.
    if (!this.element.isConnected) return;
    const { duty, to = duty, ends_at, hz } = pwm ?? { duty: 1, hz: 0 };
    const whole = Date.parse(ends_at ?? '') - this.toldAt;
    const gone = whole > 0 ? Math.min(1, (this.store.now() - this.toldAt) / whole) : 1;
    const is = duty + (to - duty) * gone;
    // A little even at the least duty: a dim LED is not a dark one.
    const level = pwm ? `${is && Math.max(10, 100 * is)}%` : '';
    if (this.element.style.getPropertyValue('--level') !== level) {
      // The board's wire and pin, too.
      for (const one of /** @type {NodeListOf<HTMLElement>} */ (
        document.querySelectorAll(`[data-line="${this.name}"]`)
      ))
        one.style.setProperty('--level', level);
    }
    const bar = this.parts.note.querySelector('.note-pwm .drain span');
    if (!pwm || !bar) return;
    /** @type {HTMLElement} */ (bar).style.transform = `scaleX(${is})`;
    const says = t('note.pwm', { duty: number(is * 100, gone < 1 ? 0 : 1), hz: number(hz, 1) });
    write(/** @type {Element} */ (bar.parentElement?.nextElementSibling), says);
    if (gone < 1) this.fading = setTimeout(() => this.#dim(pwm), FADE_STEP_MS);
  }

  /** Once a second: only words that age. */
  tick() {
    if (performance.now() - this.changedAt > BUSY_MS) mark(this.element, 'data-busy', null);
    const line = this.store.line(this.name);
    if (!line) return;
    if (performance.now() - this.countedAt > rateHolds(line) && this.store.live) {
      this.countedAt = performance.now();
      this.commands.look(this.name);
    }
    write(this.parts.since, ageOf(line, this.store.now()));
    for (const left of this.parts.note.querySelectorAll('[data-ends]')) {
      write(
        left,
        t(left.dataset.says, { span: remaining(Number(left.dataset.ends) - this.store.now()) }),
      );
    }
  }

  /** @param {Line} line */
  #permit(line) {
    if (!this.press) return;
    const may = this.store.mayAct && line.available !== false;
    mark(this.press, 'aria-disabled', may ? null : 'true');
  }

  /** @param {Line} line */
  #note(line) {
    const { action, pwm, lease, lock, interlock, available } = line;
    const signal =
      line.direction === 'input' && (line.hz ?? 0) >= 1
        ? [Math.round(line.hz ?? 0), Math.round((line.duty ?? 0) * 100)]
        : null;
    const key = JSON.stringify([
      action,
      pwm,
      lease,
      lock,
      lock && line.value,
      interlock,
      available,
      line.unavailable_reason,
      signal,
      line.count,
      line.rate,
    ]);
    if (key === this.noteKey) return;
    this.noteKey = key;
    const notes = [];
    if (available === false)
      notes.push(make('span.note.note-gone', {}, line.unavailable_reason ?? t('state.gone.plain')));
    if (lock) notes.push(this.#lockNote(lock, Boolean(line.value || pwm)));
    if (action) notes.push(...this.#running(action));
    if (pwm)
      notes.push(
        make(
          'span.note.note-pwm',
          {},
          make('span.drain', { 'aria-hidden': 'true' }, make('span')),
          make('span'),
        ),
      );
    if (line.count !== undefined) notes.push(make('span.note', {}, counted(line)));
    if (signal)
      notes.push(make('span.note', {}, t('note.signal', { hz: signal[0], duty: signal[1] })));
    if (lease) notes.push(this.#lease(lease));
    if (interlock) notes.push(make('span.note', {}, t('note.interlock', { group: interlock })));
    this.parts.note.replaceChildren(...notes);
  }

  /** A locked line that is on is no safe line: it says so loudly. @param {{reason?: string}} lock @param {boolean} live */
  #lockNote({ reason }, live) {
    const key = `note.lock${live ? '.live' : ''}${reason ? '' : '.plain'}`;
    return make(
      live ? 'span.note.note-live' : 'span.note.note-lock',
      {},
      t(key, { reason: reason ?? '' }),
    );
  }

  /** @param {import('../state.js').Action} action */
  #running(action) {
    if (action.kind === 'blink') {
      const beat = draw('circle', { class: 'beat', cx: 9, cy: 9, r: 5 });
      const on = action.on_ms ?? 500;
      const off = action.off_ms ?? 500;
      const says = action.count ? 'note.blink.count' : 'note.blink';
      return [
        make(
          'span.note',
          {},
          draw('svg', { 'viewBox': '0 0 18 18', 'aria-hidden': 'true' }, beat),
          t(says, { on: span(on), off: span(off), count: action.count ?? '' }),
        ),
      ];
    }
    const ends = Date.parse(action.ends_at ?? '');
    const left = ends - this.store.now();
    if (!(left > 0)) return [];
    const ring = draw('circle', {
      'class': 'ring',
      'cx': 9,
      'cy': 9,
      'r': 6.5,
      'stroke-dasharray': RING,
    });
    ring.animate([{ strokeDashoffset: 0 }, { strokeDashoffset: RING }], {
      duration: left,
      fill: 'forwards',
    });
    const says = { pulse: 'note.pulse', gap: 'note.gap', set: 'note.set' }[action.kind];
    return [
      make(
        'span.note',
        {},
        draw(
          'svg',
          { 'viewBox': '0 0 18 18', 'aria-hidden': 'true' },
          draw('circle', { cx: 9, cy: 9, r: 6.5 }),
          ring,
        ),
        make('span', { 'data-ends': ends, 'data-says': says }, t(says, { span: remaining(left) })),
      ),
    ];
  }

  /** @param {{ms: number, ends_at: string|null}} lease */
  #lease(lease) {
    if (!lease.ends_at) return make('span.note', {}, t('note.lease.connection'));
    const ends = Date.parse(lease.ends_at);
    const left = Math.max(0, ends - this.store.now());
    const bar = make('span');
    const drain = bar.animate(
      [{ transform: `scaleX(${Math.min(1, left / lease.ms)})` }, { transform: 'scaleX(0)' }],
      { duration: left, fill: 'forwards' },
    );
    // Who renews a lease makes no event: when its end is there and it is not over, it was renewed.
    drain.onfinish = () => {
      if (this.store.live && this.shown?.lease === lease) this.commands.look(this.name);
    };
    return make(
      'span.note',
      {},
      make('span.drain', { 'aria-hidden': 'true' }, bar),
      make(
        'span',
        { 'data-ends': ends, 'data-says': 'note.lease' },
        t('note.lease', { span: remaining(left) }),
      ),
    );
  }
}
