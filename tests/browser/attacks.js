// What a page of another origin may try on a gateway that the operator's browser knows. Each returns a list of what it
// could read; null is nothing.

const TOGGLE = '/api/v1/lines/red/toggle';
const RPC = '/api/v1/rpc';
const CALL = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'line.toggle', params: { line: 'red' } });

/** The answer's text, where the browser shows it. */
async function ask(url, options) {
  try {
    const answer = await fetch(url, { credentials: 'include', ...options });
    return answer.type === 'opaque' ? null : await answer.text();
  } catch {
    return null;
  }
}

const post = (url, body, options) => ask(url, { method: 'POST', body, ...options });

/** Loads something by an element; its name when the browser lets it in. */
function include(name, fields) {
  return new Promise((done) => {
    const one = Object.assign(document.createElement(name), fields);
    one.onload = () => done(`${name} ${fields.src ?? fields.href}`);
    one.onerror = () => done(null);
    document.body.append(one);
  });
}

/** Sends a form into a frame of its own. */
function submit(action, enctype, fields) {
  const name = `frame${document.querySelectorAll('iframe').length}`;
  const frame = Object.assign(document.createElement('iframe'), { name });
  const form = Object.assign(document.createElement('form'), { action, enctype, method: 'POST', target: name });
  for (const [field, value] of Object.entries(fields))
    form.append(Object.assign(document.createElement('input'), { type: 'hidden', name: field, value }));
  document.body.append(frame, form);
  form.submit();
}

/** Whether a socket or a stream opens. */
function opens(source) {
  return new Promise((done) => {
    source.addEventListener('open', () => done(source.url));
    source.addEventListener('error', () => done(null));
  }).finally(() => source.close());
}

const attacks = {
  simple: (target) => Promise.all([post(target + TOGGLE), post(target + RPC, CALL),
    post(target + RPC, new URLSearchParams({ call: CALL }))]),

  json: (target) => Promise.all([
    post(target + RPC, CALL, { headers: { 'Content-Type': 'application/json' } }),
    ask(`${target}/api/v1/lines/red/value`, { method: 'PUT', body: '1' }),
    ask(`${target}/api/v1/session`, { method: 'DELETE' })]),

  opaque: (target) => {
    const mode = { mode: 'no-cors' };
    return Promise.all([post(target + TOGGLE, undefined, mode), post(target + RPC, CALL, mode),
      post(target + RPC, new Blob([CALL]), mode), post(target + RPC, new TextEncoder().encode(CALL), mode),
      post(target + RPC, CALL, { ...mode, headers: { 'Content-Type': 'text/plain; application/json' } })]);
  },

  beacon: (target) => {
    navigator.sendBeacon(target + TOGGLE);
    navigator.sendBeacon(target + RPC, new Blob([CALL]));
    navigator.sendBeacon(target + RPC, CALL);
    return [];
  },

  form: (target) => {
    submit(target + TOGGLE, 'application/x-www-form-urlencoded', {});
    submit(target + TOGGLE, 'multipart/form-data', { a: 'b' });
    submit(target + RPC, 'text/plain', { [CALL.replace(/}$/, ',"x":"')]: '"}' });
    return [];
  },

  websocket: (target) => {
    const url = `${target.replace('http', 'ws')}/ws`;
    return Promise.all([[], ['gpio-gateway.v1']].map((protocols) => {
      const socket = new WebSocket(url, protocols);
      socket.addEventListener('open', () => socket.send(CALL));
      return opens(socket);
    }));
  },

  events: (target) => Promise.all(['/api/v1/events', '/api/v1/lines/red'].map((path) =>
    opens(new EventSource(target + path, { withCredentials: true })))),

  read: (target) => Promise.all([ask(`${target}/api/v1/circuit`), ask(`${target}/`),
    ask(`${target}/api/v1/circuit`, { mode: 'no-cors' }),
    ask(`${target}/api/v1/circuit`, { headers: { Authorization: 'Bearer x' } }),
    import(`${target}/state.js`).then((found) => Object.keys(found).join(), () => null)]),

  include: (target) => Promise.all([
    include('script', { src: `${target}/state.js`, type: 'module' }), include('script', { src: `${target}/boot.js` }),
    include('script', { src: `${target}/api/v1/circuit` }), include('img', { src: `${target}/icons/icon.svg` }),
    include('img', { src: `${target}/api/v1/circuit` }),
    include('link', { href: `${target}/page.css`, rel: 'stylesheet' })]),

  popup: (target) => {
    window.opened = window.open(`${target}/`);
    return [];
  },

  frame: (target) => {
    for (const path of ['/', '/api/v1/circuit', '/healthz'])
      document.body.append(Object.assign(document.createElement('iframe'), { src: target + path }));
    return [];
  },
};
window.attacks = attacks;
