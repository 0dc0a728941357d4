// @ts-check
/** @import {Call} from './sockets.js' */
import { make } from '../dom.js';
import { t, number } from '../i18n/text.js';

// Calls that move data are listed so often a second; the gateway counts the others unnamed.
const LISTED_MOST = 32;
const TELLING =
  /^(socket|bind|listen|accept4|connect|recv|recvfrom|recvmsg|send|sendto|sendmsg|shutdown|close)$/;

/**
 * @typedef {{side: 'client'|'server', name: string, text: string, count: number, across: ''|'in'|'out', seen: boolean}} Step
 */

/**
 * The lecture's two flows in calls that were really made: of a pair inside the gateway
 * where there was one (the experiment), else of its server with a peer that we cannot look into.
 * @param {Call[]} calls of every socket, in order
 * @returns {{tcp: Step[], udp: Step[]}}
 */
export function courses(calls) {
  /** @type {Map<number, Call[]>} */
  const sockets = new Map();
  for (const call of calls) {
    const id = call.socket ?? 0;
    if (!sockets.has(id)) sockets.set(id, []);
    sockets.get(id)?.push(call);
  }
  const all = [...sockets.values()];
  return { tcp: tcpCourse(all), udp: udpCourse(all) };
}

/** @param {Call[]} socket @param {RegExp} name */
const did = (socket, name) => socket.find((call) => name.test(call.name ?? ''));
/** Its descriptor. @param {Call[]} socket */
const fdOf = (socket) => did(socket, /^socket$/)?.result;
/** @param {Call[]} socket @param {string} address */
const isAt = (socket, address) =>
  socket.some(({ name = '', text }) => /^(bind|getsockname)$/.test(name) && text.includes(address));

/** @param {Call[][]} all */
function tcpCourse(all) {
  const client = all.findLast(
    (socket) => did(socket, /^connect$/) && socket[0].text.includes('AF_INET'),
  );
  const since = client ? (did(client, /^connect$/)?.n ?? 0) : 0;
  const address = /connect\(\d+, ([^)]+)\)/.exec(
    client ? (did(client, /^connect$/)?.text ?? '') : '',
  )?.[1];
  const accepted = all.filter((socket) => did(socket, /^accept4$/)?.text.includes(':'));
  const listens = (/** @type {Call[]} */ socket) =>
    did(socket, /^listen$/) && socket[0].text.includes('AF_INET');
  const own = address && all.findLast((socket) => listens(socket) && isAt(socket, address));
  const accepts = (/** @type {Call[]} */ listener) => (/** @type {Call[]} */ socket) =>
    Number(did(socket, /^accept4$/)?.n) > since &&
    did(socket, /^accept4$/)?.text.startsWith(`accept4(${fdOf(listener)})`);
  const pair = own && accepted.find(accepts(own));
  if (client && own && pair)
    return steps([
      ['client', client, true],
      ['server', own, false],
      ['server', pair, true],
    ]);
  const busy = accepted.findLast((socket) => did(socket, /^(recv|send)$/)) ?? accepted.at(-1);
  const fd = /accept4\((\d+)\)/.exec(busy ? (did(busy, /^accept4$/)?.text ?? '') : '')?.[1];
  const listener = all.findLast(
    (socket) => listens(socket) && (fd === undefined || String(fdOf(socket)) === fd),
  );
  const server = steps([
    ['server', listener ?? [], false],
    ['server', busy ?? [], true],
  ]);
  return unseen(server, /^accept4$/, ['socket', 'connect']);
}

/** @param {Call[][]} all */
function udpCourse(all) {
  const client = all.findLast((socket) => did(socket, /^sendto$/) && !did(socket, /^bind$/));
  const address = /, ([^ ,)]+)\) =/.exec(client ? (did(client, /^sendto$/)?.text ?? '') : '')?.[1];
  const server = address && all.findLast((socket) => isAt(socket, address));
  if (client && server)
    return steps([
      ['client', client, true],
      ['server', server, true],
    ]);
  const bound = all.filter(
    (socket) =>
      did(socket, /^bind$/) &&
      socket[0].text.includes('SOCK_DGRAM') &&
      socket[0].text.includes('AF_INET'),
  );
  const busy = bound.findLast((socket) => did(socket, /^recv/)) ?? bound[0];
  return unseen(steps([['server', busy ?? [], true]]), /^recv/, ['socket', 'sendto']);
}

/**
 * Each kind of call once for each socket, where it came first, and how often.
 * @param {['client'|'server', Call[], boolean][]} sockets  with their side, and whether what they do is seen by the peer
 * @returns {Step[]}
 */
function steps(sockets) {
  /** @type {(Step & {n: number})[]} */
  const found = [];
  for (const [side, calls, linked] of sockets) {
    /** @type {Map<string, Step & {n: number}>} */
    const kinds = new Map();
    for (const { n, name = '', result = 0, text } of calls) {
      if (!TELLING.test(name)) continue;
      const known = kinds.get(name);
      if (known) known.count += 1;
      else {
        const crosses =
          linked &&
          /^(connect|send|sendto|sendmsg)$/.test(name) &&
          (result >= 0 || name === 'connect');
        kinds.set(name, {
          n,
          side,
          name,
          text,
          count: 1,
          across: !crosses ? '' : side === 'client' ? 'in' : 'out',
          seen: true,
        });
      }
    }
    found.push(...kinds.values());
  }
  return found.sort((a, b) => a.n - b.n).map(({ n: _, ...step }) => step);
}

/** The peer's part, which its own machine alone knows. @param {Step[]} server @param {RegExp} before @param {string[]} names */
function unseen(server, before, names) {
  /** @type {Step[]} */
  const peer = names.map((name) => ({
    side: 'client',
    name,
    text: '',
    count: 1,
    across: name === 'socket' ? '' : 'in',
    seen: false,
  }));
  const place = server.findIndex(({ name }) => before.test(name));
  // Nobody came yet: then nobody asked either.
  return place < 0 ? server : [...server.slice(0, place), ...peer, ...server.slice(place)];
}

/** @param {Step} step */
export function stepRow({ side, name, text, count, across, seen }) {
  const words = make(
    'div.step-call',
    {},
    make('b', {}, `${name}()`),
    count > 1
      ? make('span.step-count', {}, ` × ${number(count)}${count < LISTED_MOST ? '' : '+'}`)
      : null,
    make('code', {}, seen ? text : t('flows.unseen')),
  );
  const arrow = across
    ? make(
        `div.step-way.flow-${across}`,
        {},
        make('span.flow-arrow', {
          'role': 'img',
          'aria-label': t(across === 'in' ? 'flows.to.server' : 'flows.to.client'),
        }),
      )
    : null;
  return make(`li.step.step-${side}${seen ? '' : '.step-unseen'}`, {}, words, arrow);
}
