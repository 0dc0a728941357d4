// @ts-check
/** @import {Whole} from './sockets.js' */
import { make } from '../dom.js';
import { t, spoken, number } from '../i18n/text.js';
import { request } from '../session.js';

const DOMAINS = ['AF_INET', 'AF_INET6', 'AF_UNIX', 'AF_PACKET'];
const TYPES = ['SOCK_STREAM', 'SOCK_DGRAM', 'SOCK_SEQPACKET', 'SOCK_RAW'];
const MESSAGES = 200;

/** Two things to try: every kind of socket, and what a stream keeps that datagrams lose. */
export class Lessons {
  /** @param {Whole} whole */
  constructor(whole) {
    this.whole = whole;
    this.answer = make('div.try-answer', { role: 'status' });
    this.race = make('div.race', { role: 'status' });
    this.element = make('div.lessons', {}, this.#kinds(), this.#experiment());
  }

  #kinds() {
    const head = make('tr', {}, make('td'), ...TYPES.map((type) => make('th', { scope: 'col' }, type.replace('SOCK_', ''))));
    const rows = DOMAINS.map((domain) => make('tr', {}, make('th', { scope: 'row' }, domain), ...TYPES.map((type) => make('td', {},
      make('button.button.kind', { type: 'button', 'aria-label': `socket(${domain}, ${type}, 0)`, onclick: (/** @type {any} */ event) => this.#try(event.currentTarget, domain, type) }, '?')))));
    return make('section.lesson', {}, make('h3', {}, t('try.title')), make('p.hint', {}, t('try.why')),
      make('div.kinds-box', { tabindex: 0, role: 'region', 'aria-label': t('try.title') }, make('table.kinds', {}, make('thead', {}, head), make('tbody', {}, ...rows))), this.answer);
  }

  /** @param {HTMLElement} button @param {string} domain @param {string} type */
  async #try(button, domain, type) {
    try {
      const { call, result, errno, why } = await request('/api/v1/sockets/try', { method: 'POST', body: { domain, type } });
      const made = typeof result !== 'number' || result >= 0;
      button.textContent = made ? '✓' : '✕';
      button.dataset.made = String(made);
      const words = typeof why === 'string' ? why : why?.[spoken()] ?? why?.en ?? '';
      this.answer.replaceChildren(make('code', {}, `${call ?? `socket(${domain}, ${type}, 0)`} = ${made ? result ?? 'fd' : `-1 ${errno ?? ''}`}`), make('p', {}, words));
    } catch (error) {
      this.answer.replaceChildren(make('p.error', {}, this.#why(error)));
    }
  }

  #experiment() {
    const button = make('button.button', { type: 'button', onclick: () => this.#run(button) }, t('race.run', { n: MESSAGES }));
    return make('section.lesson', {}, make('h3', {}, t('race.title')), make('p.hint', {}, t('race.why')), button, this.race);
  }

  /** @param {HTMLButtonElement} button */
  async #run(button) {
    button.disabled = true;
    this.race.replaceChildren(make('p.hint', {}, t('loading')));
    try {
      const { tcp, udp } = await request('/api/v1/sockets/experiment', { method: 'POST', body: { messages: MESSAGES } });
      this.race.replaceChildren(...stream(tcp), ...datagrams(udp));
    } catch (error) {
      this.race.replaceChildren(make('p.error', {}, this.#why(error)));
    }
    button.disabled = false;
  }

  /** @param {any} error */
  #why(error) {
    return error.status === 404 || error.status === 405 ? t('missing') : this.whole.commands.explain(error);
  }
}

/** One pipe, cut where reads happened to end. @param {any} tcp */
function stream(tcp) {
  const { sent = 0, reads = [], received_bytes: total = 0, in_order: ordered = true } = tcp ?? {};
  const pipe = make('div.pipe', { 'aria-hidden': 'true' }, ...reads.slice(0, 120).map((/** @type {number} */ size) => {
    const piece = make('span');
    piece.style.flexGrow = String(Math.max(1, size));
    return piece;
  }));
  return [make('h4', {}, 'TCP'), pipe, make('p', {}, t(ordered ? 'race.tcp' : 'race.tcp.disorder', { sent: number(sent), reads: number(reads.length), bytes: number(total) }))];
}

/** A place for each message: filled where it came. @param {any} udp */
function datagrams(udp) {
  const { sent = 0, received = [], lost = Math.max(0, sent - received.length) } = udp ?? {};
  const came = new Set(received);
  // Numbered from 0 or from 1: the highest number that came tells.
  const base = came.has(0) || !came.has(sent) ? 0 : 1;
  const drops = make('div.drops', { 'aria-hidden': 'true' }, ...Array.from({ length: Math.min(sent, 1000) }, (_, n) => make(came.has(n + base) ? 'i.drop.came' : 'i.drop')));
  return [make('h4', {}, 'UDP'), drops, make('p', {}, t('race.udp', { sent: number(sent), came: number(received.length), lost: number(lost) }))];
}
