'use strict';

const VALUES = new Map([[0, 0], [1, 1], [false, 0], [true, 1], ['0', 0], ['1', 1], ['off', 0], ['on', 1]]);
// The commands of one line, and those that may carry a lease: a test compares both with the gateway's own list.
const ACTIONS = ['set', 'toggle', 'pulse', 'blink', 'pwm', 'fade', 'stop', 'lock', 'unlock', 'count'];
const LEASED = ['set', 'toggle', 'blink', 'pwm', 'fade'];

/**
 * The command for a message.
 * @param {string} line @param {any} payload @param {boolean} lease outputs go safe when the connection ends
 * @returns {{method: string, params: object}}
 * @throws {Error} that says what a payload may be
 */
function commandOf(line, payload, lease) {
  const { action, params } = read(payload);
  const leased = lease && LEASED.includes(action) && params.lease === undefined && params.lease_ms === undefined;
  return { method: `line.${action}`, params: { ...params, ...(leased && { lease: 'connection' }), line } };
}

function read(payload) {
  const word = typeof payload === 'string' ? payload.trim().toLowerCase() : payload;
  if (word === 'toggle') return { action: 'toggle', params: {} };
  if (VALUES.has(word)) return { action: 'set', params: { value: VALUES.get(word) } };
  if (typeof payload === 'object' && payload !== null && ACTIONS.includes(payload.do)) {
    const { do: action, ...params } = payload;
    return { action, params };
  }
  throw new Error(`msg.payload is ${JSON.stringify(payload)}; expected 0, 1, true, false, "on", "off", "toggle", `
    + `or an object such as {"do": "pulse", "ms": 500} ("do": ${ACTIONS.join(', ')})`);
}

module.exports = { ACTIONS, LEASED, commandOf };
