// @ts-check
/** @import {Store} from '../store.js' */
/** @import {Commands} from '../commands.js' */
/** @import {Link} from '../link.js' */
import { make, write, mark, useStyle } from '../dom.js';
import { t, number, span, useTexts } from '../i18n/text.js';
import { request } from '../session.js';
import { Flow, localOf } from './flow.js';
import { Lessons } from './lessons.js';

const BEAT_MS = 500;
const NARROW = '(max-width: 899px)';
// Counters and ages; what opens and closes is told at once.
const BEATS_A_LOOK = 4;
const CALLS_MOST = 2048;
const CALLS_AT_ONCE = 1024;
const ROLES = ['listener', 'connection', 'datagram', 'packet'];
const CHANGES = new Set('socket accept4 bind listen connect handed inherited close'.split(' '));

/**
 * @typedef {{n: number, time?: string, socket?: number, name?: string, result?: number, text: string}} Call
 * @typedef {object} Socket
 * @property {number} id @property {number} fd @property {string} [domain] @property {string} [type]
 * @property {string} [role] @property {string} [owner] @property {string} [local] @property {string} [peer]
 * @property {string} [state] @property {number|null} [opened_by] @property {number} [age_ms] @property {boolean} [you]
 * @property {Call[]} [calls]
 * @property {{now?: number, limit?: number, accepted?: number, refused?: number}} [queue]
 * @property {Record<string, any>} [tcp] @property {{in?: number, out?: number}} [kernel_queue]
 * @property {Record<string, number>} [datagrams] @property {{pid: number, uid: number, gid: number}} [credentials]
 * @property {string} [ss]
 * @typedef {{root: HTMLElement, store: Store, link: Link, commands: Commands, frames: Set<(direction: string, text: string) => void>, notify: (text: string, alarm?: boolean) => void}} Whole
 */

/** @param {Whole} whole */
export async function open(whole) {
  await useStyle('sockets.css');
  return new SocketsView(whole);
}

/** @param {Whole} whole */
async function openLesson(whole) {
  const [{ Lesson }] = await Promise.all([
    import('../lesson/lesson.js'),
    useTexts('lesson'),
    useStyle('lesson.css'),
  ]);
  return new Lesson(whole);
}

/** Every socket of the gateway, what made it, and what went through. */
class SocketsView {
  /** @param {Whole} whole */
  constructor(whole) {
    this.whole = whole;
    /** @type {Socket[]} */
    this.sockets = [];
    /** Calls by their numbers, oldest first. @type {Map<number, Call>} */
    this.calls = new Map();
    this.nextCall = 0;
    /** Calls came that the lecture's flows do not show yet. */
    this.news = false;
    /** @type {string|undefined} */
    this.boot = undefined;
    /** @type {number|null} */
    this.chosen = null;
    /** Whether that is only what stood first, while our own connection was not known. */
    this.guessed = false;
    /** @type {number|undefined} */
    this.timer = undefined;
    this.beats = 0;
    /** The WebSocket over which the gateway tells us of calls. @type {WebSocket|null} */
    this.followed = null;
    /** Whether it does; null while it has not answered. @type {boolean|null} */
    this.following = null;
    /** Our own connection. @type {number|null} */
    this.own = null;
    /** @type {Map<number, {element: HTMLElement, parts: any, key: string}>} */
    this.cards = new Map();
    /** @type {Map<string, HTMLElement>} */
    this.groups = new Map();
    this.notice = make('p.error', { role: 'status' });
    /** The guided course, once it was opened. @type {import('../lesson/lesson.js').Lesson|null} */
    this.lesson = null;
    /** What was tried, for the other language. */
    this.memory = { tries: new Map(), race: null };
    this.flow = new Flow(whole.notify);
    this.lessons = new Lessons(whole, this.memory);
    this.listen = (/** @type {string} */ direction, /** @type {string} */ text) => {
      if (direction !== 'in' || !text.includes('"sockets.calls"')) return;
      const { method, params } = JSON.parse(text);
      if (method === 'sockets.calls') this.#take(params);
    };
    this.narrow = matchMedia(NARROW);
    this.narrow.addEventListener('change', () => this.#place());
    this.rerender();
  }

  /** Shows what the address names: `#sockets`, or a step as `#sockets/lesson/tcp`. */
  async show() {
    const [, page, step] = location.hash.slice(1).split('/');
    if (page !== 'lesson') {
      this.#turn(false);
      this.#watch();
      return;
    }
    this.#stopWatching();
    this.lesson ??= await openLesson(this.whole);
    if (!location.hash.startsWith('#sockets/lesson')) return;
    this.#turn(true);
    this.lesson.open(step);
  }

  /** @param {boolean} toLesson */
  #turn(toLesson) {
    if (!toLesson) this.lesson?.hide();
    this.watching.hidden = toLesson;
    this.lessonBox.hidden = !toLesson;
    if (this.lesson && this.lesson.element.parentElement !== this.lessonBox)
      this.lessonBox.append(this.lesson.element);
    write(this.title, t(toLesson ? 'lesson.title' : 'sockets.title'));
    write(this.why, t(toLesson ? 'lesson.why' : 'sockets.why'));
    write(this.door, t(toLesson ? 'lesson.back' : 'lesson.open'));
    mark(this.door, 'href', toLesson ? '#sockets' : '#sockets/lesson');
  }

  #watch() {
    if (this.timer !== undefined) return;
    this.whole.frames.add(this.listen);
    this.timer = setInterval(() => this.#beat(), BEAT_MS);
    this.beats = 0;
    this.#beat();
  }

  hide() {
    this.lesson?.hide();
    this.#stopWatching();
  }

  #stopWatching() {
    if (this.timer === undefined) return;
    clearInterval(this.timer);
    this.timer = undefined;
    this.#unfollow();
    this.whole.frames.delete(this.listen);
  }

  rerender() {
    this.cards = new Map();
    this.groups = new Map(ROLES.map((role) => [role, make('ul.socket-list', { role: 'list' })]));
    // Those that browsers keep for their next request would push everything else out of sight.
    this.idle = {
      list: make('ul.socket-list', { role: 'list' }),
      words: make('summary'),
      item: make('li', { hidden: true }),
    };
    this.idle.item.append(make('details.idle', {}, this.idle.words, this.idle.list));
    this.groups.get('connection')?.append(this.idle.item);
    this.under = make('li');
    const sides = ROLES.map((role) =>
      make(
        'section.socket-group',
        { hidden: true },
        make('h3', {}, t(`sockets.${role}`)),
        make('p.hint', {}, t(`sockets.${role}.why`)),
        this.groups.get(role),
      ),
    );
    this.flow = new Flow(this.whole.notify);
    this.lessons = new Lessons(this.whole, this.memory);
    this.title = make('h2');
    this.why = make('p.hint');
    this.door = make('a.button.button-strong.lesson-door');
    this.columns = make('div.socket-columns', {}, make('div.socket-side', {}, ...sides));
    this.watching = make('div', {}, this.notice, this.columns, this.lessons.element);
    this.lessonBox = make('div');
    this.whole.root.replaceChildren(
      make('div.view-head', {}, this.title, this.door, this.why),
      this.watching,
      this.lessonBox,
    );
    this.lesson?.rerender();
    this.#turn(location.hash.startsWith('#sockets/lesson') && Boolean(this.lesson));
    this.#draw();
    this.lessons.draw(this.calls.values());
    this.#choose(this.sockets.find(({ id }) => id === this.chosen));
  }

  #beat() {
    const { store, link } = this.whole;
    if (document.hidden) {
      this.#unfollow();
      return;
    }
    if (!store.live) return;
    const operator = store.circuit?.role !== 'viewer';
    this.flow.permit(operator);
    this.lessons.permit(operator);
    if (this.followed !== link.socket) this.#follow();
    if (this.beats++ % BEATS_A_LOOK === 0) this.#look();
    this.flow.look();
    if (this.news) this.lessons.draw(this.calls.values());
    this.news = false;
  }

  async #follow() {
    const { store, link } = this.whole;
    this.followed = link.socket;
    this.following = null;
    this.own = null;
    this.beats = 0;
    // Another run of the gateway counts from one again.
    if (this.boot !== store.circuit?.boot) {
      this.boot = store.circuit?.boot;
      this.calls.clear();
      this.news = true;
      this.nextCall = 0;
      this.chosen = null;
    }
    this.following = await link.call('sockets.follow', { on: 1 }).then(
      () => true,
      () => false,
    );
    // Left in the meantime: what was asked for late is taken back.
    if (this.following && this.timer === undefined)
      link.call('sockets.follow', { on: 0 }).catch(() => {});
    this.#catchUp();
  }

  #unfollow() {
    const { link } = this.whole;
    if (this.following && this.followed === link.socket)
      link.call('sockets.follow', { on: 0 }).catch(() => {});
    this.followed = null;
    this.following = null;
  }

  /** What was called before we followed, or while nobody tells. */
  async #catchUp() {
    const answer = await request(
      `api/v1/sockets/calls?since=${this.nextCall}&limit=${CALLS_AT_ONCE}`,
    ).catch(() => null);
    if (answer) this.#take(answer);
  }

  /** @param {{calls?: Call[], next?: number}} params */
  #take({ calls = [], next = 0 }) {
    this.nextCall = Math.max(this.nextCall, next);
    let changed = false;
    for (const call of calls) {
      if (this.calls.has(call.n)) continue;
      this.calls.set(call.n, call);
      this.news = true;
      this.flow.take(call);
      changed ||= CHANGES.has(call.name ?? '');
    }
    for (const n of this.calls.keys()) {
      if (this.calls.size <= CALLS_MOST) break;
      this.calls.delete(n);
    }
    // The list is asked for with the next beat.
    if (changed) this.beats = 0;
  }

  async #look() {
    if (this.following === false) this.#catchUp();
    const { boot } = this;
    try {
      const answer = this.own === null ? await this.#ask() : await request('api/v1/sockets');
      if (boot !== this.boot) return; // of the run before this one
      this.sockets = answer.sockets ?? [];
      for (const socket of this.sockets) socket.you = socket.id === this.own;
      write(this.notice, '');
    } catch (error) {
      const missing = /** @type {any} */ (error).status === 404;
      write(this.notice, missing ? t('missing') : this.whole.commands.explain(error));
      return;
    }
    this.#draw();
    const socket = this.sockets.find(({ id }) => id === this.chosen);
    const own = this.sockets.find(({ you }) => you);
    if (socket && !(this.guessed && own)) this.flow.show(socket, this.calls.values());
    else if (this.chosen !== null && !this.guessed) this.flow.end();
    // On a phone nothing opens before somebody taps.
    else if (!this.narrow.matches) {
      this.#choose(own ?? this.sockets[0]);
      this.guessed = !own;
    }
  }

  // Asked once through the WebSocket, so that it is this connection that counts as ours;
  // then by HTTP, so that its picture does not fill with the looking at it.
  async #ask() {
    const answer = await this.whole.link
      .call('sockets.list', {})
      .catch(() => request('api/v1/sockets'));
    this.own =
      answer.sockets?.find((/** @type {Socket} */ { you, owner }) => you && owner === 'websocket')
        ?.id ?? null;
    return answer;
  }

  /** @param {number} id */
  #press(id) {
    this.guessed = false;
    if (this.narrow.matches && id === this.chosen) {
      this.chosen = null;
      this.#place();
      this.#draw();
      return;
    }
    this.#choose(this.sockets.find((socket) => socket.id === id));
    const story = this.flow.element;
    const { top } = story.getBoundingClientRect();
    if (top < 0 || top > innerHeight * 0.8)
      (this.narrow.matches ? this.cards.get(id)?.element : story)?.scrollIntoView();
  }

  /** @param {Socket|undefined} socket */
  #choose(socket) {
    if (!socket) return;
    this.chosen = socket.id;
    this.flow.show(socket, this.calls.values());
    this.flow.look();
    this.#draw();
    this.#place();
  }

  /** The story stands beside the list, on a phone under its card. */
  #place() {
    const card = this.cards.get(this.chosen ?? 0)?.element;
    const { element } = this.flow;
    element.hidden = this.chosen === null;
    const details = card?.closest('details');
    if (details) details.open = true;
    if (!this.narrow.matches) this.columns.append(element);
    else if (card) card.after(this.under);
    if (this.narrow.matches) this.under.append(element);
    else this.under.remove();
  }

  #draw() {
    const here = new Set(this.sockets.map(({ id }) => id));
    for (const [id, card] of this.cards) if (!here.has(id)) this.#drop(id, card);
    for (const socket of this.sockets) this.#card(socket);
    const idle = this.idle.list.querySelectorAll('.socket').length;
    this.idle.item.hidden = !this.idle.list.children.length;
    write(this.idle.words, t('sockets.idle', { n: idle }));
    for (const list of this.groups.values()) {
      const group = /** @type {HTMLElement} */ (list.parentElement);
      if (group) group.hidden = list.children.length === 0;
    }
  }

  /** @param {number} id @param {{element: HTMLElement}} card */
  #drop(id, card) {
    card.element.remove();
    this.cards.delete(id);
  }

  /** @param {Socket} socket */
  #card(socket) {
    let card = this.cards.get(socket.id);
    // Another run has other sockets under the same numbers, and which one is ours is learnt late.
    const key = `${this.boot} ${Boolean(socket.you)}`;
    if (card && card.key !== key) {
      this.#drop(socket.id, card);
      card = undefined;
    }
    if (!card) {
      const parts = {
        what: make('span.socket-what'),
        where: make('span.socket-where'),
        state: make('span.socket-state'),
        room: make('span.room'),
      };
      const button = make(
        'button.socket',
        { 'type': 'button', 'data-id': socket.id, 'onclick': () => this.#press(socket.id) },
        make('span.socket-fd', {}, make('small', {}, 'fd'), String(socket.fd)),
        make(
          'span.socket-text',
          {},
          parts.what,
          parts.where,
          parts.state,
          socket.role === 'listener' ? parts.room : null,
        ),
        socket.you ? make('span.you', {}, t('sockets.you')) : null,
      );
      card = { element: make('li', {}, button), parts: { ...parts, button }, key };
      this.cards.set(socket.id, card);
      const { list } = this.idle;
      const home = this.groups.get(socket.role ?? '') ?? this.groups.get('connection');
      if (socket.role === 'connection' && socket.owner === 'http') list.append(card.element);
      else if (socket.you) home?.prepend(card.element);
      else
        home?.insertBefore(
          card.element,
          this.idle.item.parentElement === home ? this.idle.item : null,
        );
    }
    const { parts } = card;
    write(parts.what, [socket.domain, socket.type, socket.owner].filter(Boolean).join(' · '));
    write(parts.where, socket.peer ? `${socket.peer} → ${socket.local ?? ''}` : localOf(socket));
    write(
      parts.state,
      [
        socket.state,
        socket.age_ms === undefined ? '' : t('sockets.age', { span: span(socket.age_ms) }),
      ]
        .filter(Boolean)
        .join(' · '),
    );
    mark(parts.button, 'aria-pressed', String(socket.id === this.chosen));
    if (socket.role === 'listener') this.#room(parts.room, socket);
  }

  // The accept queue is a waiting room: a few chairs, who sits there, and the door.
  /** @param {HTMLElement} room @param {Socket} socket */
  #room(room, { queue }) {
    if (!queue) return;
    const { now = 0, limit = 0, accepted = 0, refused = 0 } = queue;
    const words = t('sockets.queue', {
      now: number(now),
      limit: number(limit),
      accepted: number(accepted),
      refused: number(refused),
    });
    if (room.lastChild?.textContent === words) return;
    const chairs = Math.min(limit, 8);
    const taken = limit ? Math.min(chairs, Math.ceil((now / limit) * chairs)) : 0;
    room.replaceChildren(
      ...Array.from({ length: chairs }, (_, n) =>
        make(n < taken ? 'i.chair.taken' : 'i.chair', { 'aria-hidden': 'true' }),
      ),
      make('span', {}, words),
    );
  }
}
