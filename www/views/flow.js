// @ts-check
/** @import {Socket, Call} from './sockets.js' */
import { make, write } from '../dom.js';
import { t, translated, number, span } from '../i18n/text.js';
import { request } from '../session.js';
import { copy } from './sheet.js';

const ROWS_MOST = 400;
// FIN and RST come after close(): so many more looks at the wire.
const LOOKS_AFTER_END = 6;

/** The gateway's own address of a socket; that of a packet socket may be in words. @param {Socket} socket */
export const localOf = ({ local = '' }) =>
  local === 'every interface' ? t('sockets.interfaces') : local;

/**
 * One socket's story between two life lines: the gateway's calls on its side,
 * the segments across. A datagram socket has no life line, only arrows.
 */
export class Flow {
  /** @param {(text: string, alarm?: boolean) => void} notify */
  constructor(notify) {
    this.notify = notify;
    /** @type {Socket|null} */
    this.socket = null;
    this.operator = false;
    /** Numbers of the calls that stand there. @type {Set<number>} */
    this.calls = new Set();
    /** The next segment to ask for. */
    this.next = 0;
    this.looksLeft = 0;
    this.looking = false;
    this.packetsSeen = false;
    this.greeted = false;
    this.arrows = false;
    this.title = make('h3');
    this.numbers = make('dl.numbers');
    this.bars = make('div.bars');
    this.ends = { peer: make('span.end-peer'), gateway: make('span.end-gateway') };
    this.rows = make('ol.flow-rows', { tabindex: 0 });
    this.ended = make('p.hint');
    this.note = make('p.hint.flow-note', { role: 'status' });
    this.save = make('a.button.flow-save', { hidden: true }, t('sockets.save'));
    this.ss = make('div.ss');
    this.element = make(
      'section.flow',
      { hidden: true },
      this.title,
      this.numbers,
      this.bars,
      make('div.flow-ends', {}, this.ends.peer, this.ends.gateway),
      this.rows,
      this.ended,
      this.note,
      this.save,
      this.ss,
    );
  }

  /** @param {Socket} socket @param {Iterable<Call>} calls of every socket, in order */
  show(socket, calls) {
    if (socket.id !== this.socket?.id) this.#begin(socket);
    this.socket = socket;
    this.#count(socket);
    this.#still(() => {
      for (const call of socket.calls ?? []) this.#call(call);
      for (const call of calls) if (call.socket === socket.id) this.#call(call);
    });
  }

  /** A call that was just made. @param {Call} call */
  take(call) {
    if (call.socket === this.socket?.id) this.#still(() => this.#call(call));
  }

  /** The socket was closed; what it did stays on the table. */
  end() {
    if (this.looksLeft === Infinity) this.looksLeft = LOOKS_AFTER_END;
    write(this.ended, t('sockets.closed'));
  }

  /** @param {boolean} operator */
  permit(operator) {
    this.operator = operator;
    this.save.hidden = !operator || !this.packetsSeen;
  }

  /** What passed on the wire since the last look. */
  async look() {
    const { socket } = this;
    if (!socket || !this.looksLeft || this.looking) return;
    this.looksLeft -= 1;
    this.looking = true;
    const answer = await request(`api/v1/sockets/${socket.id}/packets?since=${this.next}`).catch(
      (error) => error,
    );
    this.looking = false;
    if (socket.id !== this.socket?.id) return;
    if (answer instanceof Error) {
      // Gone before anybody looked: without segments the calls alone are the story.
      if (/** @type {any} */ (answer).status === 404) this.looksLeft = 0;
      return;
    }
    this.packetsSeen = answer.available;
    this.permit(this.operator);
    if (!answer.available) {
      this.looksLeft = 0;
      write(
        this.note,
        t('sockets.packets.none', { reason: translated(answer.reason_key, answer.reason) }),
      );
      return;
    }
    write(
      this.note,
      answer.dropped ? t('sockets.packets.dropped', { n: number(answer.dropped) }) : '',
    );
    const packets = answer.packets ?? [];
    // Numbers that fall: the capture was begun anew.
    this.next = answer.next < this.next ? 0 : answer.next;
    this.#still(() => {
      if (!this.greeted) this.#greet(packets);
      for (const packet of packets) this.#row(packet.time, segment(packet));
    });
  }

  /** @param {Socket} socket */
  #begin(socket) {
    const { role, domain, ss } = socket;
    const local = domain === 'AF_UNIX';
    this.next = 0;
    this.calls = new Set();
    this.packetsSeen = false;
    this.greeted = false;
    this.looksLeft = role === 'connection' && !local ? Infinity : 0;
    // Where no segments are to be seen, the calls that move data are the arrows.
    this.arrows = role === 'datagram' || local;
    this.element.hidden = false;
    this.rows.replaceChildren();
    write(this.ended, '');
    write(this.note, local && role === 'connection' ? t('sockets.packets.unix') : '');
    this.save.hidden = true;
    this.save.href = `api/v1/sockets/${socket.id}/packets.pcapng`;
    this.save.download = `socket-${socket.id}.pcapng`;
    write(this.title, `fd ${socket.fd} · ${t(`sockets.one.${role ?? 'connection'}`)}`);
    this.element.dataset.role = role ?? '';
    const peer =
      socket.peer ??
      t(role === 'listener' || role === 'datagram' ? 'sockets.anyone' : 'sockets.nobody');
    write(this.ends.peer, socket.you ? `${peer} (${t('sockets.you')})` : peer);
    write(this.ends.gateway, `${t('sockets.gateway')} ${localOf(socket)}`);
    this.rows.setAttribute('aria-label', t('sockets.story'));
    this.ss.replaceChildren(
      ...(ss
        ? [
            make('code', {}, ss),
            make(
              'button.button',
              { type: 'button', onclick: () => copy(ss, this.notify) },
              t('copy'),
            ),
          ]
        : []),
    );
  }

  /** @param {Socket} socket */
  #count(socket) {
    const { tcp, queue, datagrams, credentials: who } = socket;
    /** @type {[string, string][]} */
    const facts = [];
    const fact = (
      /** @type {string} */ key,
      /** @type {any} */ value,
      words = (/** @type {any} */ n) => number(n),
    ) => {
      if (value !== undefined && value !== null) facts.push([t(`tcp.${key}`), words(value)]);
    };
    fact('state', tcp?.state ?? socket.state, String);
    fact(
      'rtt',
      tcp?.rtt_us,
      (us) =>
        `${span(us / 1000)}${tcp?.rttvar_us === undefined ? '' : ` ± ${span(tcp?.rttvar_us / 1000)}`}`,
    );
    fact('retransmits', tcp?.retransmits);
    fact('cwnd', tcp?.cwnd, (n) => t('tcp.segments', { n: number(n) }));
    fact('unacked', tcp?.unacked, (n) => t('tcp.segments', { n: number(n) }));
    fact('in', tcp?.bytes_in, (n) => bytes(n, tcp?.segments_in));
    fact('out', tcp?.bytes_out, (n) => bytes(n, tcp?.segments_out));
    fact('accepted', queue?.accepted);
    fact('refused', queue?.refused);
    fact('datagrams.in', datagrams?.in);
    fact('datagrams.out', datagrams?.out);
    fact('datagrams.cut', datagrams?.cut);
    fact('datagrams.dropped', datagrams?.dropped);
    fact('who', who, ({ pid, uid, gid }) => `pid ${pid}, uid ${uid}, gid ${gid}`);
    this.numbers.replaceChildren(
      ...facts.map(([label, value]) =>
        make('div', {}, make('dt', {}, label), make('dd', {}, value)),
      ),
    );
    const waiting = socket.kernel_queue;
    this.bars.replaceChildren(
      ...(waiting
        ? [bar('tcp.waiting.in', waiting.in ?? 0), bar('tcp.waiting.out', waiting.out ?? 0)]
        : []),
    );
  }

  /** @param {Call} call */
  #call({ n, time, name = '', result = 0, text }) {
    if (this.calls.has(n)) return;
    this.calls.add(n);
    const way = /^recv/.test(name) ? 'in' : /^send/.test(name) ? 'out' : '';
    const moved = this.arrows && way && result >= 0;
    this.#row(
      time,
      moved
        ? across(way, t('sockets.len', { n: number(result) }), text)
        : make('li.flow-call', {}, make('code', {}, text)),
    );
  }

  // The kernel shook hands before accept4() could return, and that was before anybody looked.
  /** @param {any[]} packets */
  #greet(packets) {
    this.greeted = true;
    if (packets.some(({ flags = [] }) => flags.includes('SYN'))) return;
    const rows = [
      ['in', 'SYN'],
      ['out', 'SYN, ACK'],
      ['in', 'ACK'],
    ].map(([way, words]) => across(way, words, t('sockets.before')));
    for (const row of rows) row.classList.add('flow-unseen');
    this.rows.prepend(...rows);
  }

  // Who reads further up is left there; who stands at the end stays at the end.
  /** @param {() => void} change */
  #still(change) {
    const { rows } = this;
    const had = rows.children.length;
    const atEnd = rows.scrollHeight - rows.scrollTop - rows.clientHeight < 30;
    change();
    if (atEnd && had && rows.children.length !== had) rows.scrollTop = rows.scrollHeight;
  }

  // Calls and segments come by different ways: each goes to its place in time.
  /** @param {string|undefined} time @param {HTMLElement} row */
  #row(time, row) {
    row.dataset.time = time ?? '';
    let after = this.rows.lastElementChild;
    while (time && after && /** @type {HTMLElement} */ (after.dataset.time ?? '') > time)
      after = after.previousElementSibling;
    if (after) after.after(row);
    else this.rows.prepend(row);
    // The calls that made the socket stay; segments pass.
    if (this.rows.children.length > ROWS_MOST)
      (
        this.rows.querySelector('.flow-segment:not(.flow-unseen)') ?? this.rows.firstElementChild
      )?.remove();
  }
}

/** @param {{direction: string, flags?: string[], seq?: number, ack?: number, window?: number, length?: number}} packet */
function segment({ direction, flags = [], seq, ack, window, length = 0 }) {
  const words = [flags.join(', '), length ? t('sockets.len', { n: number(length) }) : '']
    .filter(Boolean)
    .join(' · ');
  const detail = [
    seq === undefined ? '' : `seq ${seq}`,
    ack === undefined ? '' : `ack ${ack}`,
    window === undefined ? '' : `win ${number(window)}`,
  ]
    .filter(Boolean)
    .join(' ');
  return across(direction, words, detail);
}

/** @param {string} way in or out @param {string} words @param {string} detail */
function across(way, words, detail) {
  return make(
    `li.flow-segment.flow-${way}`,
    {},
    make('span.flow-words', {}, words),
    make('span.flow-arrow', { 'role': 'img', 'aria-label': t(`sockets.${way}`) }),
    make('span.flow-detail', {}, detail),
  );
}

/** @param {number} n @param {number|undefined} segments */
function bytes(n, segments) {
  const text =
    n < 10000 ? `${number(n)} B` : n < 1e7 ? `${number(n / 1000)} kB` : `${number(n / 1e6)} MB`;
  return segments === undefined ? text : `${text}, ${t('tcp.segments', { n: number(segments) })}`;
}

/** A queue in the kernel; its length grows by powers, so that a byte and a megabyte both show. @param {string} key @param {number} n */
function bar(key, n) {
  const fill = make('span');
  fill.style.width = `${Math.min(100, n ? 8 + Math.log10(n) * 14 : 0)}%`;
  return make(
    'div.bar-row',
    {},
    make('span', {}, t(key)),
    make('span.bar-box', { 'aria-hidden': 'true' }, fill),
    make('span', {}, `${number(n)} B`),
  );
}
