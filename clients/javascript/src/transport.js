import { refusedUpgrade, Unreachable } from './errors.js';

const PROTOCOL = 'gpio-gateway.v1';
const MOST_ANSWER_BYTES = 16 * 1024 * 1024; // 4,096 events of history are about 1 MiB
const HTTP_WITHIN_MS = 5000;

/**
 * How this machine reaches a gateway.
 * @typedef {object} Transport
 * @property {(since: string|null, on: SocketEvents) => {send: (text: string) => void, close: () => void}} open
 * @property {(path: string) => Promise<any>} getJson
 *
 * @typedef {object} SocketEvents
 * @property {() => void} opened
 * @property {(text: string) => void} message
 * @property {(error: Error) => void} ended   called once at most
 */

/** @param {string} text of a user @returns {{url: URL, socketPath?: string}} */
export function parseAddress(text) {
  if (text.startsWith('unix:')) return { url: new URL('http://gateway'), socketPath: text.slice('unix:'.length) };
  let url;
  try {
    url = new URL(text);
  } catch {
    url = null;
  }
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw new Unreachable(
      `"${text}" is no address of a gateway: http://HOST:8080, https://HOST or unix:PATH is expected.`, 'bad-address');
  }
  return { url };
}

const isNode = () => Boolean(globalThis.process?.versions?.node);

/**
 * @param {string} text the gateway's address @param {string|null|undefined} token
 * @returns {Promise<Transport>}
 */
export async function openTransport(text, token) {
  const address = parseAddress(text);
  const given = token === undefined || token === null ? '' : String(token).trim();
  // What no header can carry is no token either.
  if (/[^\x21-\x7e]/.test(given)) throw refusedUpgrade(text, 401, true);
  return isNode() ? nodeTransport(text, address, given) : browserTransport(text, address, given);
}

const wsPath = (since) => (since ? `/ws?since=${since}` : '/ws');
const basePath = (url) => url.pathname.replace(/\/+$/, '');

function unreachable(text, error) {
  const why = error?.code ?? error?.message ?? 'the connection ended';
  return new Unreachable(`No gateway at ${text} (${why}). Check the address, and that the gateway runs.`, 'unreachable');
}

async function nodeTransport(text, address, token) {
  const { NodeWebSocket, request } = await import('./node_websocket.js');
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  const base = basePath(address.url);
  return {
    open(since, on) {
      const socket = new NodeWebSocket(address, base + wsPath(since), { protocol: PROTOCOL, headers });
      socket.onopen = on.opened;
      socket.onmessage = (message) => on.message(message.data);
      socket.onrefused = (status) => on.ended(refusedUpgrade(text, status, Boolean(token)));
      socket.onclose = (error) => on.ended(unreachable(text, error));
      return socket;
    },
    getJson(path) {
      return new Promise((resolve, reject) => {
        const asked = request(address, base + path, headers);
        asked.setTimeout(HTTP_WITHIN_MS, () => asked.destroy(new Error('no answer')));
        asked.on('error', reject);
        asked.on('response', (answer) => {
          let body = '';
          answer.setEncoding('utf8');
          answer.on('data', (part) => {
            body += part;
            if (body.length > MOST_ANSWER_BYTES) asked.destroy(new Error('the answer is too long'));
          });
          answer.on('error', reject);
          answer.on('end', () => {
            if (answer.statusCode !== 200) reject(new Error(`HTTP ${answer.statusCode}`));
            else resolve(JSON.parse(body));
          });
        });
        asked.end();
      });
    },
  };
}

// A browser cannot send a header with an upgrade, so the token becomes the gateway's cookie first.
function browserTransport(text, address, token) {
  const base = address.url.origin + basePath(address.url);
  const login = () =>
    fetch(`${base}/api/v1/session`, {
      method: token ? 'POST' : 'GET',
      headers: token ? { 'Content-Type': 'application/json' } : {},
      body: token ? JSON.stringify({ token }) : undefined,
      credentials: 'include',
    });
  return {
    open(since, on) {
      let socket = null;
      let ended = false;
      const stop = () => {
        ended = true;
        globalThis.removeEventListener?.('pagehide', leave);
        socket?.close();
      };
      const end = (error) => {
        if (ended) return;
        stop();
        on.ended(error);
      };
      // A browser keeps a page that was left, and its sockets, for the way back: the outputs would stay on.
      const leave = () => end(unreachable(text));
      globalThis.addEventListener?.('pagehide', leave);
      login().then((answer) => {
        if (ended) return;
        if (!answer.ok) {
          end(refusedUpgrade(text, answer.status, Boolean(token)));
          return;
        }
        socket = new WebSocket(base.replace(/^http/, 'ws') + wsPath(since), PROTOCOL);
        socket.onopen = on.opened;
        socket.onmessage = (message) => on.message(message.data);
        socket.onclose = () => end(unreachable(text));
      }, (error) => end(unreachable(text, error)));
      return {
        send: (frame) => socket?.send(frame),
        close: stop,
      };
    },
    async getJson(path) {
      const answer = await fetch(base + path, { credentials: 'include', signal: AbortSignal.timeout(HTTP_WITHIN_MS) });
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      return answer.json();
    },
  };
}
