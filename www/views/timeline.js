// @ts-check
/** @import {Store} from '../store.js' */
/** @import {Commands} from '../commands.js' */
/** @import {Line} from '../state.js' */
import { make, write, mark, useStyle } from '../dom.js';
import { t, titleOf, number, span } from '../i18n/text.js';
import { request } from '../session.js';
import { choices, choose } from '../settings.js';
import { Recorder } from '../trace.js';
import { HistoryPages, PAGE_EVENTS } from '../history_pages.js';
import { momentOf } from '../state.js';
import { wordOf } from './rung.js';
import { fit, paintRuler, paintLanes, paintCursors, savePicture } from './waveform.js';
import { Gestures } from './gestures.js';
import { PastSlider, Trigger, showLaneNames } from './strip_parts.js';

/** Of the strip, after the edge at which it stopped. */
const AFTER_EDGE = 0.25;
const FRAME_MS = 33;
const CALM_FRAME_MS = 250;
const LABELS_EVERY_MS = 400;
const RETRY_MS = 2000;

/** @param {{root: HTMLElement, store: Store, commands: Commands, notify: (text: string, alarm?: boolean) => void}} whole */
export async function open(whole) {
  await useStyle('views.css');
  return new TimelineView(whole);
}

/** The logic analyser's strip: one lane a line, now at the right. */
class TimelineView {
  /** @param {{root: HTMLElement, store: Store, commands: Commands, notify: (text: string, alarm?: boolean) => void}} whole */
  constructor({ root, store, commands, notify }) {
    this.notify = notify;
    this.root = root;
    this.store = store;
    this.commands = commands;
    this.recorder = new Recorder();
    this.early = /** @type {any[]|null} */ ([]);
    this.pages = new HistoryPages(this.recorder, (query) => request(`api/v1/history?${query}`));
    this.paging = false;
    this.width = 600;
    this.spanMs = 20000;
    /** The right edge; null follows now. @type {number|null} */
    this.end = null;
    /** @type {number[]} */
    this.cursors = [];
    /** @type {string|null} */
    this.picked = null;
    this.laneHeight = 44;
    this.trigger = new Trigger();
    /** At which edge it stopped, in words. */
    this.stopped = '';
    this.shown = false;
    this.paintedAt = 0;
    this.notifiedAt = 0;
    this.laneKey = '';
    this.#build();
    store.listeners.add((event) => this.#take(event));
    store.viewers.add((change) => this.#follow(change));
    this.#load();
  }

  show() {
    this.shown = true;
    this.#lanes();
    this.#beat();
  }

  hide() {
    this.shown = false;
  }

  rerender() {
    this.#build();
    if (this.shown) this.show();
  }

  #build() {
    const button = (
      /** @type {string} */ key,
      /** @type {() => void} */ act,
      /** @type {string} */ text = t(key),
    ) => make('button.button', { 'type': 'button', 'aria-label': t(key), 'onclick': act }, text);
    this.pause = button('time.pause', () =>
      this.#hold(this.end === null ? this.store.now() : null),
    );
    this.readout = make('p.readout', { role: 'status' });
    this.notice = make('p.hint', { hidden: true });
    this.names = make('div.lane-names');
    this.menus = make('div.trigger');
    this.slider = new PastSlider((end) => {
      this.fitting = false;
      this.#hold(end);
    });
    this.ruler = make('canvas.ruler', { 'aria-hidden': 'true' });
    this.canvas = make('canvas.lanes', {
      'tabindex': 0,
      'role': 'img',
      'aria-label': t('time.lanes'),
    });
    const save = make(
      'div.saves',
      {},
      make('span.hint', {}, t('time.save')),
      make('a.button', { href: 'api/v1/history?format=vcd', download: 'circuit.vcd' }, 'VCD'),
      make('a.button', { href: 'api/v1/history?format=csv', download: 'circuit.csv' }, 'CSV'),
      make(
        'button.button',
        { type: 'button', onclick: () => savePicture(this.ruler, this.canvas, this.inks.paper) },
        'PNG',
      ),
    );
    this.root.replaceChildren(
      make(
        'div.view-head',
        {},
        this.pause,
        make(
          'div.zoom',
          {},
          button('time.out', () => this.zoom(2), '−'),
          button('time.in', () => this.zoom(0.5), '+'),
          button('time.fit', () => this.fitAll()),
        ),
        this.menus,
        save,
      ),
      this.readout,
      this.notice,
      this.slider.element,
      make('div.strip', {}, this.names, make('div.waves-box', {}, this.ruler, this.canvas)),
    );
    new Gestures(this.canvas, this);
    new ResizeObserver(() => this.#beat(true)).observe(this.canvas);
    this.laneKey = '';
    this.#measure();
  }

  async #load() {
    try {
      const history = await request(`api/v1/history?limit=${PAGE_EVENTS}`);
      for (const event of history.events ?? []) this.recorder.take(event);
    } catch (error) {
      this.#warn(t('time.failed', { why: this.commands.explain(error) }));
    }
    for (const event of this.early ?? []) this.recorder.take(event);
    this.early = null;
    this.#beat(true);
  }

  async #loadOlder() {
    if (this.paging || this.early || !this.pages.more) return;
    this.paging = true;
    const outcome = await this.pages.loadOlder();
    if (outcome === 'failed') await new Promise((done) => setTimeout(done, RETRY_MS));
    if (outcome === 'forgotten') this.#warn(t('time.gone'));
    if (outcome === 'enough') this.#warn(t('time.enough'));
    this.paging = false;
    if (this.fitting && outcome === 'more') this.fitAll();
    this.#beat(true);
  }

  /** @param {string} text */
  #warn(text) {
    this.notice.hidden = false;
    write(this.notice, text);
  }

  /** @param {any} event */
  #take(event) {
    if (this.early) this.early.push(event);
    else this.recorder.take(event);
    if (this.trigger.meets(event) && this.shown && this.end === null) this.#stopAt(event);
  }

  /** Stops around an edge; what comes after it fills the rest of the strip. @param {any} event */
  #stopAt(event) {
    const at = momentOf(event);
    const line = /** @type {Line} */ (this.store.line(event.line));
    const state = wordOf(line, event.value);
    const time = new Date(at).toLocaleTimeString(document.documentElement.lang);
    this.fitting = false;
    this.#hold(at + this.spanMs * AFTER_EDGE);
    this.stopped = t('time.stopped', { time, line: titleOf(line.title, line.name), state });
    this.cursors = [at];
    this.picked = line.name;
    this.#measure();
    this.#beat(true);
  }

  // A snapshot out of turn: ask what happened between, before anything is drawn over it.
  /** @param {{rebuilt: boolean}} change */
  async #follow(change) {
    if (change.rebuilt) this.laneKey = '';
    const { circuit } = this.store;
    const { recorder } = this;
    if (!change.rebuilt || !circuit || this.early || !this.store.live) return;
    const behind = recorder.seq && (circuit.boot !== recorder.boot || circuit.seq > recorder.seq);
    if (!behind) return;
    this.early = [];
    const since = circuit.boot === recorder.boot ? `&since=${recorder.boot}-${recorder.seq}` : '';
    const history = await request(`api/v1/history?limit=${PAGE_EVENTS}${since}`).catch(() => null);
    for (const event of history?.events ?? []) recorder.take(event);
    for (const event of this.early ?? []) recorder.take(event);
    this.early = null;
    this.#beat(true);
  }

  /** @returns {Line[]} pinned ones first */
  #order() {
    const lines = this.store.circuit?.lines ?? [];
    const pinned = (/** @type {Line} */ line) => (choices.pins.includes(line.name) ? 0 : 1);
    return [...lines].sort((a, b) => pinned(a) - pinned(b));
  }

  #lanes() {
    const lines = this.#order();
    const key = JSON.stringify([
      lines.map(({ name }) => name),
      choices.pins,
      this.store.circuit?.boot,
    ]);
    if (key === this.laneKey) return;
    this.laneKey = key;
    this.labels = showLaneNames(this.names, lines, (name) => this.#pin(name));
    this.trigger.show(this.menus, this.store.circuit?.lines ?? []);
    this.inks = this.#inks();
  }

  /** @param {string} name */
  #pin(name) {
    const pins = choices.pins.includes(name)
      ? choices.pins.filter((one) => one !== name)
      : [...choices.pins, name];
    choose({ pins });
    this.#lanes();
    this.#beat(true);
    /** @type {HTMLElement|null} */ (this.names.querySelector(`[data-line="${name}"]`))?.focus();
  }

  // A canvas knows no custom properties: ask what they come to.
  #inks() {
    const probe = make('span');
    this.root.append(probe);
    const ink = (/** @type {string} */ name) => {
      probe.style.color = name;
      return getComputedStyle(probe).color;
    };
    /** @type {any} */
    const inks = { theme: this.#theme(), before: t('time.before') };
    for (const name of ['ink', 'soft', 'rule', 'paper', 'accent', 'alarm'])
      inks[name] = ink(`var(--${name})`);
    /** @type {Map<string, string>} */
    this.colours = new Map(
      this.#order().map((line) => {
        const rung = document.getElementById(`rung-${line.name}`);
        return [
          line.name,
          rung ? ink(getComputedStyle(rung).getPropertyValue('--part')) : inks.ink,
        ];
      }),
    );
    probe.remove();
    return inks;
  }

  #theme() {
    return (
      getComputedStyle(document.documentElement).getPropertyValue('color-scheme') +
      matchMedia('(prefers-color-scheme: dark)').matches +
      document.documentElement.dataset.theme +
      document.documentElement.dataset.contrast
    );
  }

  /** Older events are on their way into a view of everything. */
  fitting = false;

  /** @param {number|null} end */
  #hold(end) {
    this.end = end;
    if (end === null && this.stopped) {
      this.stopped = '';
      this.#measure();
    }
    write(this.pause, t(end === null ? 'time.pause' : 'time.live'));
    mark(this.pause, 'aria-label', t(end === null ? 'time.pause' : 'time.live'));
    this.#beat(true);
  }

  #beating = false;

  /** @param {boolean} [once] */
  #beat(once = false) {
    if (once) this.paintedAt = 0;
    if (this.#beating) return;
    this.#beating = true;
    requestAnimationFrame((at) => {
      this.#beating = false;
      if (!this.shown) return;
      const calm = matchMedia('(prefers-reduced-motion: reduce)').matches
        ? CALM_FRAME_MS
        : FRAME_MS;
      // Nothing moves by less than a pixel.
      const pause = Math.max(calm, this.spanMs / this.width);
      if (at - this.paintedAt >= pause - 4) {
        this.paintedAt = at;
        this.#paint(at);
      }
      if (this.end === null || this.end > this.window.now) this.#beat();
    });
  }

  /** What the strip shows now. */
  get window() {
    const now = this.store.live ? this.store.now() : Math.max(this.recorder.last, this.store.now());
    const to = this.end ?? now;
    return { from: to - this.spanMs, to, width: this.width, laneHeight: this.laneHeight, now };
  }

  /** @param {number} at */
  #paint(at) {
    this.#lanes();
    if (this.inks.theme !== this.#theme()) this.inks = this.#inks();
    const box = this.canvas.clientWidth;
    if (!box) return;
    this.width = box;
    this.laneHeight = /** @type {any} */ (this.names.lastElementChild).offsetHeight;
    const lines = this.#order();
    const view = this.window;
    if (view.from < this.recorder.first) this.#loadOlder();
    paintRuler(fit(this.ruler, box, 28), view, this.inks, span);
    const lanes = lines.map((line) => ({
      name: line.name,
      value: line.value,
      colour: this.colours?.get(line.name) ?? this.inks.ink,
    }));
    const pen = fit(this.canvas, box, Math.max(1, lanes.length) * this.laneHeight);
    paintLanes(pen, view, lanes, this.recorder, this.inks);
    paintCursors(pen, view, this.cursors, lanes.length * this.laneHeight, this.inks);
    if (at - this.notifiedAt > LABELS_EVERY_MS) {
      this.notifiedAt = at;
      this.#showLanes(lines, view);
    }
    this.slider.show(view, this.recorder.first);
  }

  /** @param {Line[]} lines @param {{from: number, to: number}} view */
  #showLanes(lines, view) {
    if (this.recorder.gaps.length) this.#warn(t('time.lost'));
    for (const line of lines) {
      const label = this.labels?.get(line.name);
      if (!label) continue;
      const { edges, hz, duty } = this.recorder.trace(line.name).measure(view.from, view.to);
      write(label.word, wordOf(line, line.value));
      const rate =
        hz === null
          ? ''
          : ` · ${t('time.rate', { hz: number(hz, hz < 10 ? 2 : 0), duty: number((duty ?? 0) * 100) })}`;
      write(
        label.fact,
        `${edges === 1 ? t('time.edge') : t('time.edges', { n: number(edges) })}${rate}`,
      );
    }
  }

  /** @param {number} factor above 1 shows more @param {number} [x] the pixel that stays */
  zoom(factor, x = this.width) {
    const view = this.window;
    this.fitting = false;
    const still = view.from + (x / this.width) * this.spanMs;
    this.spanMs = Math.min(86400000, Math.max(1, this.spanMs * factor));
    if (this.end !== null || x < this.width - 1)
      this.end = Math.min(still + (1 - x / this.width) * this.spanMs, view.now);
    this.#resumeOrPause();
  }

  /** @param {number} px to the right */
  pan(px) {
    const view = this.window;
    this.fitting = false;
    this.end = view.to - (px / this.width) * this.spanMs;
    this.#resumeOrPause();
  }

  fitAll() {
    const now = this.window.now;
    this.fitting = true;
    if (this.recorder.first < now) this.spanMs = Math.max(1000, (now - this.recorder.first) * 1.05);
    this.#hold(null);
  }

  goLive() {
    this.fitting = false;
    this.#hold(null);
  }

  // Drawn to the right end, the strip is live again.
  #resumeOrPause() {
    const now = this.window.now;
    this.#hold(this.end !== null && this.end < now - this.spanMs / 200 ? this.end : null);
  }

  /** A cursor at a place: first A, then B, then A anew. @param {number} x @param {number} [y] */
  mark(x, y = -1) {
    const view = this.window;
    const ms = view.from + (x / this.width) * this.spanMs;
    if (this.cursors.length === 2) this.cursors = [];
    this.cursors.push(ms);
    if (y >= 0) this.picked = this.#order()[Math.floor(y / this.laneHeight)]?.name ?? null;
    this.#measure();
    this.#beat(true);
  }

  clearCursors() {
    this.cursors = [];
    this.#measure();
    this.#beat(true);
  }

  #measure() {
    const [a, b] = this.cursors;
    const parts = this.stopped ? [this.stopped] : [];
    const line = this.picked ? this.store.line(this.picked) : null;
    const pulse = line ? this.recorder.trace(line.name).pulseAt(b ?? a ?? 0) : null;
    if (a === undefined) parts.push(t('time.tap'));
    else if (b === undefined) parts.push(t('time.one'));
    else
      parts.push(
        t('time.delta', {
          span: span(Math.abs(b - a)),
          hz: a === b ? '∞' : number(1000 / Math.abs(b - a), 2),
        }),
      );
    if (line && pulse) {
      const width = pulse.until === null ? '…' : span(pulse.until - pulse.from);
      parts.push(
        `${titleOf(line.title, line.name)}: ${wordOf(line, pulse.value)}, ${t('time.width', { span: width })}`,
      );
    }
    write(this.readout, parts.join('   '));
  }
}
