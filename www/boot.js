// @ts-check
// A classic script in the head, so that the first paint has the right theme
// and the socket is already opening while the modules are still on their way.
(() => {
  /** @type {Record<string, unknown>} */
  let kept = {};
  try {
    kept = JSON.parse(localStorage.getItem('gpio-gateway') || '{}') || {};
  } catch {
    // Private windows may forbid storage: the defaults are fine.
  }
  const root = document.documentElement;
  for (const name of ['theme', 'contrast']) {
    const value = kept[name];
    if (typeof value === 'string' && value !== 'auto') root.dataset[name] = value;
  }
  // Those of i18n/languages.js but English, which is for everybody else.
  const own = ['ko'].find((code) => new RegExp(`^${code}\\b`, 'i').test(navigator.language));
  if (typeof kept.language === 'string' && kept.language !== 'auto') root.lang = kept.language;
  else root.lang = own ?? 'en';

  // Relative to the page, which a proxy may serve below a path of its own.
  const address = new URL('ws', document.baseURI);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(address, 'gpio-gateway.v1');
  /** @type {MessageEvent[]} */
  const missed = [];
  socket.onmessage = (message) => missed.push(message);
  /** @type {any} */ (window).earlySocket = { socket, missed };
})();
