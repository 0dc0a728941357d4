// @ts-check
/** @import {Whole, Call} from './sockets.js' */
import { make } from '../dom.js';
import { t, translated, number, span } from '../i18n/text.js';
import { request } from '../session.js';
import { courses, stepRow } from './flow_steps.js';

const DOMAINS = ['AF_INET', 'AF_INET6', 'AF_UNIX', 'AF_PACKET', 'AF_IPX'];
const TYPES = ['SOCK_STREAM', 'SOCK_DGRAM'];
const MESSAGES = 200;
// As many as can be told apart on a phone.
const DRAWN = 16;

/**
 * @typedef {{tries: Map<string, any>, race: any}} Memory
 */

/** The lecture, with the gateway as its blackboard: its two flows, every kind of socket, stream against datagrams. */
export class Lessons {
  /** @param {Whole} whole @param {Memory} memory what was tried before */
  constructor(whole, memory) {
    this.whole = whole;
    this.memory = memory;
    this.drawn = '';
    this.courses = { tcp: make('ol.course'), udp: make('ol.course') };
    this.answer = make('p.try-answer', { role: 'status' });
    /** @type {Map<string, HTMLElement>} */
    this.kinds = new Map();
    this.start = make(
      'button.button.race-start',
      { type: 'button', onclick: () => this.#run() },
      t('race.run', { n: MESSAGES }),
    );
    this.forbidden = make('p.hint', { hidden: true }, t('error.forbidden'));
    this.race = make('div.race', { role: 'status' });
    this.element = make('div.lessons', {}, this.#flows(), this.#matrix(), this.#experiment());
    for (const key of memory.tries.keys()) this.#fill(key);
    if (memory.race) this.#picture();
  }

  /** @param {boolean} operator the experiment needs one */
  permit(operator) {
    this.start.hidden = !operator;
    this.forbidden.hidden = operator;
  }

  /** @param {Iterable<Call>} calls */
  draw(calls) {
    const both = courses([...calls].sort((a, b) => a.n - b.n));
    const drawn = JSON.stringify(both);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    this.courses.tcp.replaceChildren(...both.tcp.map(stepRow));
    this.courses.udp.replaceChildren(...both.udp.map(stepRow));
  }

  #flows() {
    const course = (/** @type {string} */ title, /** @type {HTMLElement} */ list) =>
      make(
        'div.course-box',
        {},
        make('h4', {}, title),
        make(
          'div.flow-ends',
          {},
          make('span', {}, t('flows.client')),
          make('span.end-gateway', {}, t('flows.server')),
        ),
        list,
      );
    return make(
      'section.lesson.flows',
      {},
      make('h3', {}, t('flows.title')),
      make('p.hint', {}, t('flows.why')),
      make('div.courses', {}, course('TCP', this.courses.tcp), course('UDP', this.courses.udp)),
    );
  }

  #matrix() {
    const head = make(
      'tr',
      {},
      make('td'),
      ...TYPES.map((type) => make('th', { scope: 'col' }, type)),
    );
    const rows = DOMAINS.map((domain) =>
      make(
        'tr',
        {},
        make('th', { scope: 'row' }, domain),
        ...TYPES.map((type) => this.#kind(domain, type)),
      ),
    );
    const all = make(
      'button.button.try-all',
      { type: 'button', onclick: () => this.#tryAll(all) },
      t('try.all'),
    );
    return make(
      'section.lesson',
      {},
      make('h3', {}, t('try.title')),
      make('p.hint', {}, t('try.why')),
      all,
      make('table.kinds', {}, make('thead', {}, head), make('tbody', {}, ...rows)),
      this.answer,
    );
  }

  /** @param {string} domain @param {string} type */
  #kind(domain, type) {
    const key = `${domain} ${type}`;
    const cell = make(
      'td',
      {},
      make(
        'button.button.kind',
        {
          'type': 'button',
          'aria-label': `socket(${domain}, ${type}, 0)`,
          'onclick': () => this.#try(key),
        },
        '?',
      ),
      make('p.kind-why'),
    );
    this.kinds.set(key, cell);
    return cell;
  }

  /** @param {HTMLButtonElement} button */
  async #tryAll(button) {
    button.disabled = true;
    // One after another: the gateway's descriptors are few, and so are its manners with the hasty.
    for (const key of this.kinds.keys()) if (!(await this.#try(key))) break;
    button.disabled = false;
  }

  /** @param {string} key */
  async #try(key) {
    const [domain, type] = key.split(' ');
    try {
      this.memory.tries.set(
        key,
        await request('api/v1/sockets/try', { method: 'POST', body: { domain, type } }),
      );
      this.answer.className = 'try-answer';
      this.answer.replaceChildren(make('code', {}, this.#fill(key)));
      return true;
    } catch (error) {
      this.answer.className = 'try-answer error';
      this.answer.textContent = this.#why(error);
      return false;
    }
  }

  /** @param {string} key @returns {string} the call and what came of it */
  #fill(key) {
    const { call, result, errno, why } = this.memory.tries.get(key);
    const [button, words] = /** @type {HTMLElement} */ (this.kinds.get(key)).children;
    const made = result >= 0;
    button.textContent = made ? `✓ fd ${result}` : `✕ ${errno}`;
    button.setAttribute('data-made', String(made));
    button.setAttribute('aria-label', call);
    words.textContent = translated(why?.key, why?.en);
    return call;
  }

  #experiment() {
    return make(
      'section.lesson',
      {},
      make('h3', {}, t('race.title')),
      make('p.hint', {}, t('race.why')),
      this.start,
      this.forbidden,
      this.race,
    );
  }

  async #run() {
    this.start.disabled = true;
    this.race.replaceChildren(make('p.hint', {}, t('loading')));
    try {
      this.memory.race = await request('api/v1/sockets/experiment', {
        method: 'POST',
        body: { messages: MESSAGES },
      });
      this.#picture();
    } catch (error) {
      this.race.replaceChildren(make('p.error', {}, this.#why(error)));
    }
    this.start.disabled = false;
  }

  #picture() {
    const {
      tcp,
      udp,
      message_bytes: size,
      buffer_bytes: buffer,
      duration_us: took,
      whole,
    } = this.memory.race;
    this.race.replaceChildren(
      make(
        'p.hint',
        {},
        t('race.how', { bytes: number(size), buffer: number(buffer), span: span(took / 1000) }),
      ),
      ...(whole ? [] : [make('p.error', {}, t('race.cut'))]),
      ...stream(tcp, size),
      ...datagrams(udp),
    );
  }

  /** @param {any} error */
  #why(error) {
    return error.status === 404 || error.status === 405
      ? t('missing')
      : this.whole.commands.explain(error);
  }
}

/** What was sent above what was read, to one scale: the borders do not meet. @param {any} tcp @param {number} size of a message in bytes */
function stream(
  {
    sent,
    sends,
    waits,
    reads,
    received_bytes: total,
    received_messages: came,
    reads_inside_a_message: inside,
    in_order: ordered,
  },
  size,
) {
  const drawn = Math.min(sent, DRAWN);
  let room = drawn * size;
  const pieces = [];
  for (const read of reads) {
    if (room <= 0) break;
    pieces.push(Math.min(read, room));
    room -= read;
  }
  return [
    make('h4', {}, 'TCP'),
    make('p.hint', {}, t('race.sent', { n: number(drawn) })),
    pipe('pipe-sent', Array(drawn).fill(size), (n) => String(n)),
    make('p.hint', {}, t('race.read')),
    pipe('pipe-read', pieces, () => ''),
    make(
      'p',
      {},
      t(ordered ? 'race.tcp' : 'race.tcp.disorder', {
        sent: number(came),
        reads: number(reads.length),
        bytes: number(total),
      }),
    ),
    make(
      'p',
      {},
      t('race.tcp.more', { inside: number(inside), sends: number(sends), waits: number(waits) }),
    ),
  ];
}

/** @param {string} kind @param {number[]} sizes @param {(n: number) => string} label */
function pipe(kind, sizes, label) {
  return make(
    `div.pipe.${kind}`,
    { 'aria-hidden': 'true' },
    ...sizes.map((size, n) => {
      const piece = make('span', {}, label(n));
      piece.style.flexGrow = String(size);
      return piece;
    }),
  );
}

/** A place for each message: filled where it came. @param {any} udp */
function datagrams({ sent, received, lost, cut, in_order: ordered }) {
  const came = new Set(received);
  const drops = make(
    'div.drops',
    { 'aria-hidden': 'true' },
    ...Array.from({ length: sent }, (_, n) => make(came.has(n) ? 'i.drop.came' : 'i.drop')),
  );
  return [
    make('h4', {}, 'UDP'),
    drops,
    make(
      'p',
      {},
      t('race.udp', { sent: number(sent), came: number(received.length), lost: number(lost) }),
    ),
    make('p', {}, t(ordered ? 'race.udp.order' : 'race.udp.disorder', { cut: number(cut) })),
  ];
}
