// @ts-check
/** @import {Store} from '../store.js' */
/** @import {Link} from '../link.js' */
/** @import {Commands} from '../commands.js' */
import { find, make, mark, useStyle, write } from '../dom.js';
import { knows, span, t, titleOf, useTexts } from '../i18n/text.js';
import { listedWords, reader } from '../editor/sentence_words.js';
import { pastRow } from './past_row.js';
import { check } from './sheet.js';

const LOOK_MS = 200;
const LATE_MS = 150;
const PAST_EVENTS = 200;
const PAST_SHOWN = 30;
const TIMER_MOST_MS = 2 ** 31 - 1;

/**
 * @typedef {object} Scene
 * @property {string} name @property {any} title @property {boolean} running
 * @property {number} step @property {number} steps
 * @property {string|null} started_at @property {string|null} ends_at
 * @typedef {object} Rule
 * @property {string} name @property {boolean} enabled @property {any} when @property {any} if
 * @property {number} after_ms @property {any[]} do @property {number} waiting
 * @property {string|null} due_at @property {string|null} next_at
 * @property {string|null} last_at @property {string|null} last_result @property {string|null} last_detail
 * @typedef {{root: HTMLElement, store: Store, link: Link, commands: Commands}} Whole
 */

/** @param {Whole} whole */
export async function open(whole) {
  await Promise.all([useTexts('edit'), useStyle('views.css')]);
  return new ProgramsView(whole);
}

/** What runs, what is due, and what became of it. */
class ProgramsView {
  /** @param {Whole} whole */
  constructor({ root, store, link, commands }) {
    this.root = root;
    this.store = store;
    this.link = link;
    this.commands = commands;
    /** @type {Scene[]} */
    this.scenes = [];
    /** @type {Rule[]} */
    this.rules = [];
    this.clockIsSet = true;
    /** How a scene ended last. @type {Map<string, any>} */
    this.ends = new Map();
    /** The latest changes of lines, the newest first. @type {any[]} */
    this.past = [];
    this.log = make('ol.past', { 'aria-labelledby': 'heading-past' });
    /** @type {Map<string, (now: number) => void>} */
    this.rows = new Map();
    this.key = '';
    this.shown = false;
    this.known = false;
    this.timer = 0;
    this.lookAt = Infinity;
    // Steps and refusals make no event of their own, but they come with one or at a time that is known.
    store.listeners.add((/** @type {any} */ event) => {
      if (event.scene && event.state !== 'started') this.ends.set(event.scene, event);
      if (event.line) this.#happened(event);
      this.#lookIn(LOOK_MS);
    });
    store.viewers.add(({ rebuilt }) => {
      if (rebuilt && store.live) this.#lookIn(0);
      if (rebuilt) this.#draw();
    });
    setInterval(() => this.#tick(), 1000);
  }

  show() {
    this.shown = true;
    this.#fillLog();
    this.#draw();
    this.#lookIn(0);
  }

  hide() {
    this.shown = false;
  }

  rerender() {
    this.key = '';
    this.#draw();
  }

  /** @param {number} ms */
  #lookIn(ms) {
    const at = performance.now() + ms;
    if (!this.shown || at >= this.lookAt) return;
    clearTimeout(this.timer);
    this.lookAt = at;
    this.timer = setTimeout(() => this.#look(), Math.min(ms, TIMER_MOST_MS));
  }

  async #look() {
    this.lookAt = Infinity;
    if (!this.store.live) return;
    try {
      if (!this.known) await this.#remember();
      const [{ scenes }, { rules, clock_is_set: clock }] = await Promise.all([
        this.link.call('scene.list', {}),
        this.link.call('rule.list', {}),
      ]);
      Object.assign(this, { scenes, rules, clockIsSet: clock, known: true });
    } catch (error) {
      if (this.store.live) this.commands.notify(this.commands.explain(error), true);
      return;
    }
    this.#draw();
    const now = this.store.now();
    const next = [
      ...this.scenes.map((scene) => scene.ends_at),
      ...this.rules.flatMap((rule) => [rule.next_at, rule.due_at]),
    ].flatMap((time) => (time ? [Date.parse(time) - now] : []));
    if (next.length) this.#lookIn(Math.max(0, Math.min(...next)) + LATE_MS);
  }

  async #remember() {
    const { events = [] } = await this.link.call('history.get', { limit: PAST_EVENTS });
    this.past = events
      .filter((/** @type {any} */ one) => one.line && one.cause !== 'start')
      .reverse();
    for (const event of events.reverse())
      if (event.scene && event.state !== 'started' && !this.ends.has(event.scene))
        this.ends.set(event.scene, event);
  }

  /** @param {any} event */
  #happened(event) {
    this.past.unshift(event);
    this.past.length = Math.min(this.past.length, PAST_SHOWN);
    const row = this.shown && this.#pastRow(event);
    if (!row) return;
    this.log.prepend(row);
    while (this.log.children.length > PAST_SHOWN) this.log.lastElementChild?.remove();
  }

  /** @param {any} event */
  #pastRow(event) {
    const line = this.store.line(event.line);
    return line ? pastRow(event, line, true) : null;
  }

  #draw() {
    const { circuit } = this.store;
    if (!this.shown || !circuit || !this.known) return;
    const names = [this.scenes, this.rules].map((all) => all.map(({ name }) => name));
    const key = JSON.stringify([names, circuit.role, circuit.lines.map(({ name }) => name)]);
    if (key !== this.key) this.#build();
    this.key = key;
    this.#tick();
  }

  #fillLog() {
    const rows = this.past.slice(0, PAST_SHOWN).map((event) => this.#pastRow(event));
    this.log.replaceChildren(...rows.filter((row) => row !== null));
  }

  #build() {
    this.rows.clear();
    const list = (/** @type {string} */ key, /** @type {HTMLElement[]} */ items) =>
      items.length
        ? make(
            'section',
            { 'aria-labelledby': `heading-${key}` },
            make('h2', { id: `heading-${key}` }, t(`programs.${key}`)),
            make('ul.programs', { role: 'list' }, ...items),
          )
        : null;
    this.clock = make('p.error', { hidden: true }, t('programs.clock'));
    this.#fillLog();
    const isEmpty = !this.scenes.length && !this.rules.length;
    const isAdmin = this.store.circuit?.role === 'admin';
    this.root.replaceChildren(
      this.clock,
      ...[
        list(
          'scenes',
          this.scenes.map(({ name }) => this.#program(name)),
        ),
        list(
          'rules',
          this.rules.map(({ name }) => this.#rule(name)),
        ),
        make('section', {}, make('h2', { id: 'heading-past' }, t('past.title')), this.log),
        isEmpty ? make('p.hint', {}, t('programs.none')) : null,
        isEmpty && isAdmin ? make('a.button', { href: '#edit' }, t('tab.edit')) : null,
      ].filter((one) => one !== null),
    );
  }

  #tick() {
    if (!this.shown || document.hidden || !this.known) return;
    if (this.clock) this.clock.hidden = this.clockIsSet;
    for (const update of this.rows.values()) update(this.store.now());
    for (const button of this.root.querySelectorAll('[data-acts]')) {
      if (button instanceof HTMLInputElement) button.disabled = !this.store.mayAct;
      else mark(button, 'aria-disabled', this.store.mayAct ? null : 'true');
    }
  }

  get #mayEver() {
    return this.store.circuit?.role !== 'viewer';
  }

  /** @param {string} words @param {string} of whose it is @param {() => void} act */
  #button(words, of, act) {
    const button = make(
      'button.button',
      { 'type': 'button', 'data-acts': true, 'aria-label': `${words}: ${of}` },
      words,
    );
    button.addEventListener('click', () => {
      if (this.store.mayAct) act();
    });
    return button;
  }

  /** @param {string} name */
  #program(name) {
    const title = titleOf(this.scenes.find((one) => one.name === name)?.title, name);
    const state = make('p.program-state');
    const bar = make('span');
    const track = make('div.program-bar', { 'aria-hidden': 'true' }, bar);
    const ask = async (/** @type {string} */ method) => {
      await this.commands.ask(method, { scene: name });
      this.#lookIn(0);
    };
    const start = this.#button(t('programs.start'), title, () => ask('scene.apply'));
    const stop = this.#button(t('programs.stop'), title, () => ask('scene.stop'));
    const row = make(
      'li.program',
      { 'data-program': name },
      make('div.program-text', {}, make('h3', {}, title), state, track),
      this.#mayEver ? make('div.program-acts', {}, start, stop) : null,
    );
    let drawn = '';
    this.rows.set(`program ${name}`, (now) => {
      const scene = this.scenes.find((one) => one.name === name);
      if (!scene) return;
      write(state, scene.running ? running(scene, now) : this.#ended(name, now));
      state.classList.toggle('error', !scene.running && this.ends.get(name)?.state === 'failed');
      mark(row, 'data-running', scene.running ? '' : null);
      const hasFocus = document.activeElement === start || document.activeElement === stop;
      start.hidden = scene.running;
      stop.hidden = !scene.running;
      if (hasFocus) (scene.running ? stop : start).focus();
      const span = `${scene.running} ${scene.started_at} ${scene.ends_at}`;
      if (span !== drawn) drawProgress(track, bar, scene, now);
      drawn = span;
    });
    return row;
  }

  /** How a scene ended last. @param {string} name @param {number} now */
  #ended(name, now) {
    const event = this.ends.get(name);
    if (!event) return t('programs.idle');
    const time = at(Date.parse(event.time), now);
    if (event.state === 'ended') return t('programs.ended', { time });
    const key = `programs.reason.${event.reason}`;
    const why = knows(key) ? t(key) : this.#refusal(event.reason ?? '');
    return t(`programs.${event.state}`, { time, step: event.step, why });
  }

  /** Why a step was refused: the gateway's sentence, in the reader's language where it is a known one. @param {string} message */
  #refusal(message) {
    const [, locked] = /^Line (\S+) is locked/.exec(message) ?? [];
    const [, other] = /^Line \S+ is interlocked with (\S+?),/.exec(message) ?? [];
    if (locked) {
      const title = titleOf(this.store.line(locked)?.title, locked);
      return `${title}: ${this.commands.explain({ code: 'locked' }, locked)}`;
    }
    if (other) return this.commands.explain({ code: 'interlock', data: { blocked_by: other } });
    return this.commands.explain({ code: 'refused', message });
  }

  /** @param {string} name */
  #rule(name) {
    const words = make('p.rule-words', { id: `rule-${name}` });
    const times = make('p.hint');
    const failed = make('p.error');
    const said = () => words.textContent ?? name;
    const enabled = check(t('programs.enabled'), true, async (on) => {
      await this.commands.ask(on ? 'rule.enable' : 'rule.disable', { rule: name });
      this.#lookIn(0);
    });
    const input = find(enabled, 'input');
    mark(input, 'data-acts', '');
    mark(input, 'aria-describedby', words.id);
    const tryIt = this.#button(t('programs.try'), name, async () => {
      if (await this.commands.ask('rule.run', { rule: name }))
        this.commands.notify(t('edit.tried'));
      this.#lookIn(0);
    });
    mark(tryIt, 'aria-describedby', words.id);
    const row = make(
      'li.program',
      { 'data-rule': name },
      make('div.program-text', {}, words, times, failed),
      this.#mayEver ? make('div.program-acts', {}, enabled, tryIt) : null,
    );
    this.rows.set(`rule ${name}`, (now) => {
      const rule = this.rules.find((one) => one.name === name);
      const { circuit } = this.store;
      if (!rule || !circuit) return;
      write(words, listedWords(reader(circuit.lines, circuit.scenes), rule));
      write(times, timesOf(rule, now));
      write(failed, rule.last_result && rule.last_result !== 'done' ? this.#misfire(rule) : '');
      mark(row, 'data-disabled', rule.enabled ? null : '');
      if (document.activeElement !== input || input.checked !== rule.enabled)
        input.checked = rule.enabled;
    });
    return row;
  }

  /** @param {Rule} rule */
  #misfire({ last_result: code, last_detail: detail }) {
    const why =
      code === 'locked' || code === 'interlock'
        ? this.#refusal(detail ?? '')
        : this.commands.explain({ code, message: detail });
    return t('programs.misfire', { why });
  }
}

/** A moment, as short as it can be understood. @param {number} ms @param {number} now */
function at(ms, now) {
  const isNear = Math.abs(ms - now) < 12 * 3600 * 1000;
  return new Date(ms).toLocaleString(document.documentElement.lang, {
    weekday: isNear ? undefined : 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: isNear ? '2-digit' : undefined,
  });
}

/** @param {Scene} scene @param {number} now */
function running({ step, steps, ends_at: ends }, now) {
  const place = step === 0 ? t('programs.begins') : t('programs.step', { step, steps });
  const left = ends ? Math.max(0, Date.parse(ends) - now) : null;
  if (left === null) return `${place}, ${t('programs.endless')}`;
  return `${place}, ${t('programs.left', { span: span(Math.ceil(left / 1000) * 1000) })}`;
}

/** @param {HTMLElement} track @param {HTMLElement} bar @param {Scene} scene @param {number} now */
function drawProgress(track, bar, scene, now) {
  for (const old of bar.getAnimations()) old.cancel();
  track.hidden = !scene.running || !scene.ends_at || !scene.started_at;
  if (track.hidden) return;
  const begin = Date.parse(scene.started_at ?? '');
  const end = Date.parse(scene.ends_at ?? '');
  const done = Math.min(1, Math.max(0, (now - begin) / Math.max(1, end - begin)));
  bar.animate([{ transform: `scaleX(${done})` }, { transform: 'scaleX(1)' }], {
    duration: Math.max(0, end - now),
    fill: 'forwards',
  });
}

/** @param {Rule} rule @param {number} now */
function timesOf(rule, now) {
  const parts = [rule.name];
  if (!rule.enabled) parts.push(t('programs.disabled'));
  const due = rule.waiting && rule.due_at ? Date.parse(rule.due_at) : 0;
  if (due > now) parts.push(t('programs.due', { time: at(due, now), span: span(due - now) }));
  const next = rule.next_at ? Date.parse(rule.next_at) : 0;
  if (next > now) parts.push(t('programs.next', { time: at(next, now), span: span(next - now) }));
  if (rule.last_at) parts.push(t('programs.last', { time: at(Date.parse(rule.last_at), now) }));
  return parts.join(' · ');
}
