'use strict';

const LOOKS = {
  connected: { fill: 'green', shape: 'dot', text: 'connected' },
  connecting: { fill: 'yellow', shape: 'ring', text: 'connecting' },
  waiting: { fill: 'yellow', shape: 'ring', text: 'waiting' },
  refused: { fill: 'red', shape: 'ring', text: 'refused' },
  closed: { fill: 'grey', shape: 'ring', text: 'closed' },
};

/**
 * The status dot for a phase of the connection, or for a value.
 * @param {object} RED @param {string} phase @param {0|1} [value]
 */
function statusOf(RED, phase, value) {
  const look = LOOKS[phase] ?? LOOKS.closed;
  if (phase === 'connected' && value !== undefined) return { ...look, text: String(value) };
  return { ...look, text: RED._(`@gpio-gateway/node-red/gpio-gateway:status.${look.text}`) };
}

module.exports = { statusOf };
