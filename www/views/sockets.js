// @ts-check
/** @import {Store} from '../store.js' */
/** @import {Commands} from '../commands.js' */
/** @import {Link} from '../link.js' */
import { make, write, mark } from '../dom.js';
import { t, number, span } from '../i18n/text.js';
import { request } from '../session.js';
import { Flow } from './flow.js';
import { Lessons } from './lessons.js';

const LOOK_EVERY_MS = 2000;
const ROLES = ['listener', 'connection', 'datagram', 'packet'];

/**
 * @typedef {object} Socket
 * @property {number} id @property {number} fd @property {string} [domain] @property {string} [type]
 * @property {string} [role] @property {string} [owner] @property {string} [local] @property {string} [peer]
 * @property {string} [state] @property {number|null} [opened_by] @property {number} [age_ms] @property {boolean} [you]
 * @property {{n: number, time?: string, text: string}[]} [calls]
 * @property {{now?: number, limit?: number, accepted?: number, refused?: number}} [queue]
 * @property {Record<string, any>} [tcp] @property {{in?: number, out?: number}} [kernel_queue]
 * @property {Record<string, number>} [datagrams] @property {{pid: number, uid: number, gid: number}} [credentials]
 * @property {string} [ss]
 * @typedef {{root: HTMLElement, store: Store, link: Link, commands: Commands, tell: (text: string, alarm?: boolean) => void}} Whole
 */

/** @param {Whole} whole */
export async function open(whole) {
  const sheet = make('link', { rel: 'stylesheet', href: 'sockets.css' });
  await new Promise((done) => {
    sheet.onload = sheet.onerror = done;
    document.head.append(sheet);
  });
  return new SocketsView(whole);
}

/** Every socket of the gateway, what made it, and what went through. */
class SocketsView {
  /** @param {Whole} whole */
  constructor(whole) {
    this.whole = whole;
    /** @type {Socket[]} */
    this.sockets = [];
    /** @type {number|null} */
    this.chosen = null;
    /** @type {number|undefined} */
    this.timer = undefined;
    /** @type {Map<number, {element: HTMLElement, parts: any}>} */
    this.cards = new Map();
    /** @type {Map<string, HTMLElement>} */
    this.groups = new Map();
    this.notice = make('p.error', { role: 'status' });
    this.flow = new Flow(whole.tell);
    this.retell();
  }

  show() {
    clearInterval(this.timer);
    this.timer = setInterval(() => {
      if (!document.hidden && this.whole.store.live) this.#look();
    }, LOOK_EVERY_MS);
    this.#look();
  }

  hide() {
    clearInterval(this.timer);
  }

  retell() {
    this.cards = new Map();
    this.groups = new Map(ROLES.map((role) => [role, make('ul.socket-list', { role: 'list' })]));
    const columns = ROLES.map((role) => make('section.socket-group', { hidden: true }, make('h3', {}, t(`sockets.${role}`)),
      make('p.hint', {}, t(`sockets.${role}.why`)), this.groups.get(role)));
    this.flow = new Flow(this.whole.tell);
    const lessons = new Lessons(this.whole);
    this.whole.root.replaceChildren(make('div.view-head', {}, make('h2', {}, t('sockets.title')), make('p.hint', {}, t('sockets.why'))),
      this.notice, make('div.socket-columns', {}, make('div.socket-side', {}, ...columns), this.flow.element), lessons.element);
    this.#draw();
  }

  async #look() {
    try {
      // Asked through the WebSocket, so that it is this connection that counts as ours.
      const answer = await this.whole.link.call('sockets.list', {}).catch(() => request('/api/v1/sockets'));
      this.sockets = answer.sockets ?? [];
      write(this.notice, '');
    } catch (error) {
      const missing = /** @type {any} */ (error).status === 404;
      write(this.notice, missing ? t('missing') : this.whole.commands.explain(error));
      return;
    }
    this.#draw();
    const socket = this.sockets.find(({ id }) => id === this.chosen);
    if (socket) this.flow.show(socket);
    else if (this.chosen !== null) this.flow.end();
    else this.#choose(this.sockets.find(({ you }) => you) ?? this.sockets[0]);
  }

  /** @param {Socket|undefined} socket */
  #choose(socket) {
    if (!socket) return;
    this.chosen = socket.id;
    this.flow.show(socket);
    this.#draw();
  }

  #draw() {
    const here = new Set(this.sockets.map(({ id }) => id));
    for (const [id, card] of this.cards) {
      if (here.has(id)) continue;
      card.element.remove();
      this.cards.delete(id);
    }
    for (const socket of this.sockets) this.#card(socket);
    for (const list of this.groups.values()) {
      const group = /** @type {HTMLElement} */ (list.parentElement);
      if (group) group.hidden = list.children.length === 0;
    }
  }

  /** @param {Socket} socket */
  #card(socket) {
    let card = this.cards.get(socket.id);
    if (!card) {
      const parts = { what: make('span.socket-what'), where: make('span.socket-where'), state: make('span.socket-state'), room: make('span.room') };
      const button = make('button.socket', { type: 'button', onclick: () => this.#choose(this.sockets.find(({ id }) => id === socket.id)) },
        make('span.socket-fd', {}, make('small', {}, 'fd'), String(socket.fd)),
        make('span.socket-text', {}, parts.what, parts.where, parts.state, socket.role === 'listener' ? parts.room : null),
        socket.you ? make('span.you', {}, t('sockets.you')) : null);
      card = { element: make('li', {}, button), parts: { ...parts, button } };
      this.cards.set(socket.id, card);
      const list = /** @type {HTMLElement} */ (this.groups.get(socket.role ?? '') ?? this.groups.get('connection'));
      if (socket.you) list.prepend(card.element);
      else list.append(card.element);
    }
    const { parts } = card;
    write(parts.what, [socket.domain, socket.type, socket.owner].filter(Boolean).join(' · '));
    write(parts.where, socket.peer ? `${socket.peer} → ${socket.local ?? ''}` : socket.local ?? '');
    write(parts.state, [socket.state, socket.age_ms === undefined ? '' : t('sockets.age', { span: span(socket.age_ms) })].filter(Boolean).join(' · '));
    mark(parts.button, 'aria-pressed', String(socket.id === this.chosen));
    if (socket.role === 'listener') this.#room(parts.room, socket);
  }

  // The accept queue is a waiting room: a few chairs, who sits there, and the door.
  /** @param {HTMLElement} room @param {Socket} socket */
  #room(room, { queue }) {
    if (!queue) return;
    const { now = 0, limit = 0, accepted = 0, refused = 0 } = queue;
    const words = t('sockets.queue', { now: number(now), limit: number(limit), accepted: number(accepted), refused: number(refused) });
    if (room.lastChild?.textContent === words) return;
    const chairs = Math.min(limit, 8);
    const taken = limit ? Math.min(chairs, Math.ceil((now / limit) * chairs)) : 0;
    room.replaceChildren(...Array.from({ length: chairs }, (_, n) => make(n < taken ? 'i.chair.taken' : 'i.chair', { 'aria-hidden': 'true' })), make('span', {}, words));
  }
}
