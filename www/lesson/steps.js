// @ts-check
/**
 * The lesson's steps in the lecture's order: what is asked, which answer is right, and what a run
 * of the step shows. The words stand in i18n, `lesson.<step>.title` and so on.
 *
 * @typedef {{state: string, queue?: number, queue_limit?: number, in: number, out: number}|null} State
 * @typedef {object} Call
 * @property {number} socket index in `sockets` @property {string} name @property {string} text
 * @property {number} result @property {string|null} [errno] @property {string|null} [data] @property {State[]} [after]
 * @property {string} [time] @property {{key?: string, en?: string}} [why]
 * @typedef {{name: string, number: number, side: 'client'|'server'}} Actor
 * @typedef {{call: number, to: 'client'|'server', client_port: number, flags: string[], length: number}} Packet
 * @typedef {{available: boolean, reason?: string, reason_key?: string, list: Packet[]}} Packets
 * @typedef {{step: string, port: number, sockets: Actor[], calls: Call[], packets?: Packets}} Run
 * @typedef {Record<string, string|number>} Values
 * @typedef {object} Step
 * @property {string} id @property {number} chapter 1 to 5, those of the lecture
 * @property {number} right the answer, from 1 @property {(run: Run) => Values} outcome values for what happened
 */

/** @param {Run} run @param {string} name */
const all = (run, name) => run.calls.filter((call) => call.name === name);

/** @param {Run} run @param {string} name @param {number} [n] from 0 */
const nth = (run, name, n = 0) =>
  all(run, name)[n] ?? { socket: 0, name, text: '', result: 0, errno: null, data: '' };

/** The descriptor that a call was made on. @param {Call} call */
const fdOf = (call) => Number(/\((\d+)/.exec(call.text)?.[1] ?? 0);

/** Who a connection or a datagram came from. @param {Call} call */
const senderOf = (call) => / from ([^ ,]+)/.exec(call.text)?.[1] ?? '';

/** The states after the last call. @param {Run} run */
const last = (run) => run.calls.at(-1)?.after ?? [];

/** @param {Call} call */
const told = (call) => call.errno ?? String(call.result);

/** @param {Run} run */
function queueOutcome(run) {
  const states = last(run);
  const clients = states.filter((_, n) => run.sockets[n].side === 'client');
  const waiting = clients.filter((one) => one?.state !== 'ESTABLISHED');
  return {
    connected: clients.length - waiting.length,
    waiting: waiting.length,
    state: waiting[0]?.state ?? 'SYN_SENT',
    now: states[0]?.queue ?? 0,
    limit: states[0]?.queue_limit ?? 0,
  };
}

/** @type {Step[]} */
export const STEPS = [
  {
    id: 'socket',
    chapter: 1,
    right: 2,
    outcome: (run) => ({
      port: run.port,
      first: senderOf(nth(run, 'accept4')),
      second: senderOf(nth(run, 'accept4', 1)),
    }),
  },
  {
    id: 'tcp',
    chapter: 2,
    right: 1,
    outcome: (run) => ({
      answer: nth(run, 'recv', 1).data ?? '',
      fd: fdOf(nth(run, 'close')),
    }),
  },
  {
    id: 'udp',
    chapter: 2,
    right: 1,
    outcome: (run) => ({
      from: senderOf(nth(run, 'recvmsg')),
      fd: fdOf(nth(run, 'recvmsg')),
    }),
  },
  {
    id: 'compare',
    chapter: 3,
    right: 1,
    outcome: (run) => ({
      bytes: nth(run, 'recv').result,
      text: nth(run, 'recv').data ?? '',
      reads: all(run, 'recvmsg').length,
      sizes: all(run, 'recvmsg')
        .map(({ result }) => result)
        .join(', '),
    }),
  },
  {
    id: 'loss',
    chapter: 3,
    right: 3,
    outcome: (run) => {
      const sent = all(run, 'sendto').filter(({ result }) => result > 0).length;
      const came = all(run, 'recvmsg').filter(({ result }) => result > 0).length;
      return { sent, came, lost: sent - came };
    },
  },
  {
    id: 'many',
    chapter: 3,
    right: 1,
    outcome: (run) => {
      const clients = run.sockets.filter(({ side }) => side === 'client').length;
      return { fd: nth(run, 'socket').result, clients, tcp: clients + 1 };
    },
  },
  {
    id: 'limit',
    chapter: 3,
    right: 3,
    outcome: (run) => ({
      most: nth(run, 'sendto').result.toLocaleString('en'),
      more: (nth(run, 'sendto').result + 1).toLocaleString('en'),
      errno: told(nth(run, 'sendto', 1)),
      cut: nth(run, 'recvmsg', 1).data ?? '',
    }),
  },
  {
    id: 'domains',
    chapter: 4,
    right: 3,
    outcome: (run) => {
      const of = (/** @type {string} */ domain) =>
        run.calls.find(({ text }) => text.includes(`${domain}, SOCK_DGRAM`));
      const packet = of('AF_PACKET');
      const ipx = of('AF_IPX');
      return {
        tried: run.calls.length,
        made: run.calls.filter(({ result }) => result >= 0).length,
        ipx: ipx ? told(ipx) : '',
        packet: packet ? (packet.errno ?? `fd ${packet.result}`) : '',
      };
    },
  },
  {
    id: 'bind',
    chapter: 4,
    right: 2,
    outcome: (run) => ({
      port: run.port,
      second: told(nth(run, 'bind', 1)),
      third: told(nth(run, 'bind', 2)),
    }),
  },
  { id: 'listen', chapter: 4, right: 2, outcome: queueOutcome },
  {
    id: 'accept',
    chapter: 4,
    right: 1,
    outcome: (run) => {
      const accepted = nth(run, 'accept4');
      const before = run.calls[run.calls.indexOf(accepted) - 1]?.after ?? [];
      return {
        state: before[1]?.state ?? '',
        bytes: nth(run, 'send').result,
        listener: fdOf(accepted),
        fd: accepted.result,
        again: told(nth(run, 'accept4', 1)),
      };
    },
  },
  {
    id: 'connect',
    chapter: 4,
    right: 2,
    outcome: (run) => ({
      refused: /: (\w+)$/.exec(nth(run, 'getsockopt').text)?.[1] ?? told(nth(run, 'connect')),
      udp: all(run, 'connect').at(-1)?.result ?? 0,
      late: told(nth(run, 'send', 1)),
    }),
  },
  {
    id: 'close',
    chapter: 4,
    right: 1,
    outcome: (run) => ({
      bye: nth(run, 'recv', 1).data ?? '',
      error: told(nth(run, 'send', 2)),
    }),
  },
  {
    id: 'circuit',
    chapter: 5,
    right: 1,
    outcome: (run) => /** @type {any} */ (run).values ?? {},
  },
];

export const ANSWERS = [1, 2, 3];
