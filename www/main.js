// @ts-check
/** The composition root: the only module that knows all the others. */
import { Link } from './link.js';
import { Store } from './store.js';
import { position } from './state.js';
import { Commands } from './commands.js';
import { choices, applyTheme, keepAwake } from './settings.js';
import { setLanguage, useTexts, t } from './i18n/text.js';
import { find, useStyle } from './dom.js';
import { HeaderView, notify } from './views/header.js';
import { CircuitView } from './views/circuit.js';

const VIEWS = ['circuit', 'programs', 'timeline', 'sockets', 'console', 'edit'];

const store = new Store((run) => requestAnimationFrame(run));
/** What the console shows of the socket. @type {Set<(direction: string, text: string) => void>} */
const frames = new Set();
/** Listeners to notifications that are no events: pins that moved. @type {Set<(method: string, params: any) => void>} */
const notices = new Set();

// Not needed for the first picture, and one request less before it is a round trip less.
const session = () => import('./session.js');

/** @param {string|null} since */
function connect(since) {
  const early = /** @type {any} */ (window).earlySocket;
  /** @type {any} */ (window).earlySocket = null;
  if (early && !since) {
    if (early.socket.readyState > 1) throw new Error('refused already');
    // Its first messages may have come before anybody listened.
    queueMicrotask(() => {
      for (const message of early.missed) early.socket.onmessage?.(message);
    });
    return early.socket;
  }
  const address = new URL('ws', document.baseURI);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  if (since) address.searchParams.set('since', since);
  return new WebSocket(address, 'gpio-gateway.v1');
}

const link = new Link({
  connect,
  admission: async () => (await session()).admission(),
  position: () => position(store.circuit),
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
  hidden: () => document.hidden,
  onStatus: (status) => {
    // The link counts in its own clock; people count in the wall's.
    const wall = Date.now() - performance.now();
    store.takeStatus({ ...status, lostAt: status.lostAt === null ? null : status.lostAt + wall });
    admit(status.phase === 'locked');
    if (status.phase === 'live') commands.releaseHeld();
  },
  onNotice: (method, params) => {
    if (method === 'snapshot') {
      store.takeSnapshot(params);
      checkPage();
      loadTheRest();
    }
    if (method === 'event' && !store.takeEvent(params)) refresh();
    for (const listen of notices) listen(method, params);
  },
  onFrame: (direction, text) => {
    for (const listen of frames) listen(direction, text);
  },
});

const commands = new Commands(store, link, notify);
const header = new HeaderView(store);
const circuit = new CircuitView(store, commands, async (name) => {
  const { openLine } = await withTexts(import('./views/line.js'));
  openLine(name, store, commands, link);
});

/** What the first picture does not need, and what would be missed when the connection is gone. */
async function loadTheRest() {
  if (commands.leases) return;
  useTexts('later');
  const { LeaseKeepalive } = await import('./lease_keepalive.js');
  commands.leases ??= new LeaseKeepalive(store, link);
}

let refreshing = false;
async function refresh() {
  if (refreshing) return;
  refreshing = true;
  const whole = await link.call('circuit.get', {}).catch(() => null);
  refreshing = false;
  if (whole) store.takeSnapshot(whole);
}

// The gateway takes a right token out of the address itself. It leaves it there when the token is wrong,
// and when a page of another site led here: then the person decides, with the token in the form.
const offered = new URLSearchParams(location.search).get('token');
const [visit] = /** @type {any[]} */ (performance.getEntriesByType('navigation'));
const refused = offered !== null && visit?.responseStatus !== 200;
if (offered !== null) history.replaceState(null, '', location.pathname + location.hash);

/** @param {boolean} locked */
async function admit(locked) {
  if (!locked && !loginWired) return;
  const { wireLogin, showLogin } = await withTexts(import('./views/login.js'));
  if (!loginWired) wireLogin(() => link.start(), refused, refused ? '' : offered);
  loginWired = true;
  showLogin(store.link.phase === 'locked');
  showView();
}
let loginWired = false;

/** Views that came on demand. @type {Map<string, {show: () => void, hide: () => void, rerender?: () => void}>} */
const late = new Map();
let shown = 'circuit';

async function showView() {
  const [wanted] = location.hash.slice(1).split('/');
  shown = VIEWS.includes(wanted) ? wanted : 'circuit';
  const locked = store.link.phase === 'locked';
  for (const name of VIEWS) {
    find(document, `#view-${name}`).hidden = locked || name !== shown;
    const tab = find(document, `#tab-${name}`);
    if (name === shown) tab.setAttribute('aria-current', 'page');
    else tab.removeAttribute('aria-current');
    if (name !== shown) late.get(name)?.hide();
  }
  if (shown === 'circuit' || locked) return;
  if (!late.has(shown)) late.set(shown, await load(shown));
  late.get(shown)?.show();
}

/** @param {string} name @returns {Promise<any>} */
async function load(name) {
  const root = find(document, `#view-${name}`);
  const whole = { root, store, link, commands, frames, notices, notify };
  const modules = {
    programs: () => import('./views/programs.js'),
    timeline: () => import('./views/timeline.js'),
    sockets: () => import('./views/sockets.js'),
    console: () => import('./views/console.js'),
    edit: () => import('./editor/editor.js'),
  };
  const wanted = /** @type {keyof typeof modules} */ (name);
  const own = ['sockets', 'edit'].filter((texts) => texts === name);
  return (await withTexts(modules[wanted](), ...own)).open(whole);
}

/** A module that came on demand, together with its texts. @template T @param {Promise<T>} module @param {...string} texts @returns {Promise<T>} */
async function withTexts(module, ...texts) {
  try {
    const [loaded] = await Promise.all([
      module,
      useTexts('later', ...texts),
      useStyle('sheet.css'),
    ]);
    return loaded;
  } catch (error) {
    notify(t('page.incomplete'), true, RELOAD());
    throw error;
  }
}

const RELOAD = () => ({ label: t('page.reload'), run: () => location.reload() });

/** The page that the gateway served when this one was loaded. @type {string|null} */
let servedPage = null;
let servedBy = '';

/** After a restart of the gateway: is this still the page that belongs to it? */
async function checkPage() {
  const boot = store.circuit?.boot;
  if (!boot || boot === servedBy) return;
  servedBy = boot;
  const version = await (await session()).pageVersion();
  if (servedPage && version && version !== servedPage) {
    if (isBusy()) notify(t('page.changed'), true, RELOAD());
    else location.reload();
  }
  servedPage = version ?? servedPage;
}

/** Somebody types, holds a button or has a sheet open: a reload would take it away. */
function isBusy() {
  const focus = document.activeElement;
  const typing = focus instanceof HTMLInputElement && focus.value !== '';
  return typing || document.querySelector('dialog[open], :active') !== null;
}

async function rerender() {
  await setLanguage(choices.language);
  header.update();
  circuit.rerender();
  for (const view of late.values()) view.rerender?.();
}

store.viewers.add((change) => {
  header.update();
  circuit.update(change);
});

find(document, '#retry').addEventListener('click', () => link.wake());
find(document, '#off').addEventListener('click', () => {
  if (store.mayAct) commands.off();
});
find(document, '#share').addEventListener('click', async () => {
  (await withTexts(import('./views/share.js'))).openShare(notify, commands);
});
find(document, '#settings').addEventListener('click', async () => {
  (await withTexts(import('./views/settings.js'))).openSettings({
    store,
    link,
    rerender,
  });
});

document.addEventListener('visibilitychange', () => {
  if (!document.hidden) link.wake();
  keepAwake();
});
// A page put aside keeps its socket open for nobody; it comes back by itself.
addEventListener('pagehide', () => link.stop());
addEventListener('pageshow', (event) => {
  link.start();
  // Only a page that was put aside has a reason to doubt its connection.
  if (event.persisted) link.wake();
});
addEventListener('online', () => link.wake());
addEventListener('hashchange', showView);

applyTheme();
link.start();
rerender();
showView();
keepAwake();
session();
