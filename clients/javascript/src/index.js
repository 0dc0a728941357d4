import { Gateway } from './gateway.js';

export { Gateway };
export { Conflict, GatewayError, NotFound, Unauthorized, Uncertain, Unreachable } from './errors.js';

/**
 * Connects to a gateway. Rejects when the first attempt fails; afterwards a lost connection is made
 * again until `close()`.
 * @param {string} url http://HOST:8080, https://HOST or unix:PATH
 * @param {{token?: string, lease?: 'connection'|null, since?: object|null,
 *   onPhase?: (phase: string, error: Error|null) => void}} [options]
 * @returns {Promise<Gateway>}
 */
export function connect(url, options = {}) {
  return new Promise((resolve, reject) => {
    let settled = false;
    const onPhase = (phase, error) => {
      if (settled) {
        options.onPhase?.(phase, error);
        return;
      }
      if (phase === 'connecting') return;
      settled = true;
      if (phase === 'connected') {
        resolve(gateway);
        return;
      }
      gateway.close();
      reject(error);
    };
    const gateway = new Gateway(url, { ...options, onPhase });
    gateway.start().catch(reject);
  });
}
