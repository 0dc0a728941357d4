// @ts-check
/** @import {Socket} from './sockets.js' */
import { make, write } from '../dom.js';
import { t, number, span } from '../i18n/text.js';
import { request } from '../session.js';
import { copy } from './sheet.js';

const ROWS_MOST = 300;

/**
 * One socket's story between two life lines: the gateway's calls on its side,
 * the segments across. A datagram socket has no life line, only arrows.
 */
export class Flow {
  /** @param {(text: string, alarm?: boolean) => void} tell */
  constructor(tell) {
    this.tell = tell;
    /** @type {number|null} */
    this.id = null;
    this.next = 0;
    this.packetsSeen = true;
    /** False once the gateway has said that it shows none at all. */
    this.packetsOffered = true;
    this.calls = 0;
    this.title = make('h3');
    this.numbers = make('dl.numbers');
    this.bars = make('div.bars');
    this.ends = { peer: make('span.end-peer'), gateway: make('span.end-gateway') };
    this.rows = make('ol.flow-rows', { tabindex: 0 });
    this.note = make('p.hint');
    this.ss = make('div.ss');
    this.element = make('section.flow', { hidden: true }, this.title, this.numbers, this.bars,
      make('div.flow-ends', {}, this.ends.peer, this.ends.gateway), this.rows, this.note, this.ss);
  }

  /** @param {Socket} socket */
  show(socket) {
    if (socket.id !== this.id) this.#begin(socket);
    this.#count(socket);
    const calls = socket.calls ?? [];
    for (const call of calls.slice(this.calls)) this.#row(call.time, make('li.flow-call', {}, make('code', {}, call.text)));
    this.calls = Math.max(this.calls, calls.length);
    if (this.packetsSeen && socket.role !== 'listener') this.#packets(socket.id);
  }

  /** The socket was closed; what it did stays on the table. */
  end() {
    write(this.note, t('sockets.closed'));
  }

  /** @param {Socket} socket */
  #begin(socket) {
    this.id = socket.id;
    this.next = 0;
    this.calls = 0;
    this.packetsSeen = this.packetsOffered;
    this.element.hidden = false;
    this.rows.replaceChildren();
    write(this.note, '');
    write(this.title, `fd ${socket.fd} · ${t(`sockets.one.${socket.role ?? 'connection'}`)}`);
    this.element.dataset.role = socket.role ?? '';
    const peer = socket.peer ?? t(socket.role === 'listener' ? 'sockets.anyone' : 'sockets.nobody');
    write(this.ends.peer, socket.you ? `${peer} (${t('sockets.you')})` : peer);
    write(this.ends.gateway, `${t('sockets.gateway')} ${socket.local ?? ''}`);
    this.rows.setAttribute('aria-label', t('sockets.story'));
    const { ss } = socket;
    this.ss.replaceChildren(...(ss ? [make('code', {}, ss), make('button.button', { type: 'button', onclick: () => copy(ss, this.tell) }, t('copy'))] : []));
  }

  /** @param {Socket} socket */
  #count(socket) {
    const { tcp, queue, datagrams, credentials: who } = socket;
    /** @type {[string, string][]} */
    const facts = [];
    const fact = (/** @type {string} */ key, /** @type {any} */ value, words = (/** @type {any} */ n) => number(n)) => {
      if (value !== undefined && value !== null) facts.push([t(`tcp.${key}`), words(value)]);
    };
    fact('state', tcp?.state ?? socket.state, String);
    fact('rtt', tcp?.rtt_us, (us) => `${span(us / 1000)}${tcp?.rttvar_us === undefined ? '' : ` ± ${span(tcp?.rttvar_us / 1000)}`}`);
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
    this.numbers.replaceChildren(...facts.map(([label, value]) => make('div', {}, make('dt', {}, label), make('dd', {}, value))));
    const waiting = socket.kernel_queue;
    this.bars.replaceChildren(...(waiting ? [bar('tcp.waiting.in', waiting.in ?? 0), bar('tcp.waiting.out', waiting.out ?? 0)] : []));
  }

  /** @param {number} id */
  async #packets(id) {
    /** @type {any} */
    let answer;
    try {
      answer = await request(`/api/v1/sockets/${id}/packets?since=${this.next}`);
    } catch (error) {
      // Without segments the calls alone are the story.
      this.packetsSeen = false;
      if (/** @type {any} */ (error).status === 404) this.packetsOffered = false;
      return;
    }
    if (id !== this.id) return;
    if (!answer.available) {
      this.packetsSeen = false;
      write(this.note, t('sockets.packets.none', { reason: answer.reason ?? '' }));
      return;
    }
    this.next = answer.next ?? this.next;
    for (const packet of answer.packets ?? []) this.#row(packet.time, segment(packet));
  }

  // Calls and segments come by different ways: each goes to its place in time.
  /** @param {string|undefined} time @param {HTMLElement} row */
  #row(time, row) {
    row.dataset.time = time ?? '';
    let after = this.rows.lastElementChild;
    while (time && after && (/** @type {HTMLElement} */ (after).dataset.time ?? '') > time) after = after.previousElementSibling;
    if (after) after.after(row);
    else this.rows.prepend(row);
    while (this.rows.children.length > ROWS_MOST) this.rows.firstElementChild?.remove();
  }
}

/** @param {{direction: string, flags?: string[], seq?: number, ack?: number, window?: number, length?: number}} packet */
function segment({ direction, flags = [], seq, ack, window, length = 0 }) {
  const words = [flags.join(', ') || 'UDP', length ? t('sockets.len', { n: number(length) }) : ''].filter(Boolean).join(' · ');
  const detail = [seq === undefined ? '' : `seq ${seq}`, ack === undefined ? '' : `ack ${ack}`, window === undefined ? '' : `win ${number(window)}`].filter(Boolean).join(' ');
  return make(`li.flow-segment.flow-${direction}`, {}, make('span.flow-words', {}, words),
    make('span.flow-arrow', { role: 'img', 'aria-label': t(`sockets.${direction}`) }), make('span.flow-detail', {}, detail));
}

/** @param {number} n @param {number|undefined} segments */
function bytes(n, segments) {
  const text = n < 10000 ? `${number(n)} B` : n < 1e7 ? `${number(n / 1000)} kB` : `${number(n / 1e6)} MB`;
  return segments === undefined ? text : `${text}, ${t('tcp.segments', { n: number(segments) })}`;
}

/** A queue in the kernel; its length grows by powers, so that a byte and a megabyte both show. @param {string} key @param {number} n */
function bar(key, n) {
  const fill = make('span');
  fill.style.width = `${Math.min(100, n ? 8 + Math.log10(n) * 14 : 0)}%`;
  return make('div.bar-row', {}, make('span', {}, t(key)), make('span.bar-box', { 'aria-hidden': 'true' }, fill), make('span', {}, `${number(n)} B`));
}
