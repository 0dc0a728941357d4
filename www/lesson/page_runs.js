// @ts-check
/** @import {Whole} from '../views/sockets.js' */
/** @import {Run, Call} from './steps.js' */
/** Steps that the page runs with what the gateway offers anyway. */
import { request } from '../session.js';
import { titleOf } from '../i18n/text.js';

const DOMAINS = ['AF_INET', 'AF_INET6', 'AF_UNIX', 'AF_PACKET', 'AF_IPX'];
const TYPES = ['SOCK_STREAM', 'SOCK_DGRAM'];

/** Every domain with every type of the lecture. @returns {Promise<Run>} */
export async function runDomains() {
  /** @type {Call[]} */
  const calls = [];
  // One after another: the gateway's descriptors are few.
  for (const domain of DOMAINS) {
    for (const type of TYPES) {
      const { call, result, errno, why } = await request('api/v1/sockets/try', {
        method: 'POST',
        body: { domain, type },
      });
      calls.push({ socket: 0, name: 'socket', text: call, result, errno, why });
    }
  }
  return { step: 'domains', port: 0, sockets: [{ name: 'try', number: 0, side: 'server' }], calls };
}

class NoOutput extends Error {
  code = 'no-output';
}

/** Switches an output twice by the page's own connection, and tells what went through it. @param {Whole} whole @returns {Promise<Run>} */
export async function runCircuit({ store, link, frames }) {
  const line = store.circuit?.lines.find(
    ({ direction, available = true, lock }) => direction === 'output' && available && !lock,
  );
  if (!line) throw new NoOutput();
  const own = (await link.call('sockets.list', {})).sockets.find(
    (/** @type {any} */ { you, owner }) => you && owner === 'websocket',
  );
  const before = own?.tcp?.bytes_in ?? 0;
  /** @type {Call[]} */
  const calls = [];
  const listen = (/** @type {string} */ direction, /** @type {string} */ text) => {
    if (!/"line\.toggle"|"event"|"seq"/.test(text) || text.includes('sockets.calls')) return;
    calls.push({
      socket: direction === 'out' ? 0 : 1,
      name: 'send',
      text,
      result: text.length,
      errno: null,
    });
  };
  frames.add(listen);
  try {
    await link.call('line.toggle', { line: line.name });
    await link.call('line.toggle', { line: line.name });
  } finally {
    frames.delete(listen);
  }
  const after = await request(`api/v1/sockets/${own.id}`);
  return /** @type {Run} */ ({
    step: 'circuit',
    port: 0,
    sockets: [
      { name: 'page', number: 0, side: 'client' },
      { name: 'gateway', number: 0, side: 'server' },
    ],
    calls,
    values: {
      title: titleOf(line.title, line.name),
      peer: own.peer ?? '',
      fd: own.fd,
      bytes: (after.tcp?.bytes_in ?? 0) - before,
    },
  });
}
