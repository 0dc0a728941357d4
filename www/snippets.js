// @ts-check
/**
 * Any command of the page as a line to paste elsewhere: for curl, for nc, for a WebSocket.
 * @typedef {{method: string, params: any}} Command
 * @typedef {{origin: string, host: string, linePort: number, token: boolean}} Place where the gateway is
 */

/** @type {Record<string, (p: any) => {verb: string, path: string, body?: unknown}>} */
const REST = {
  'line.set': ({ line, value, ...more }) => ({
    verb: 'PUT',
    path: `/lines/${line}/value`,
    body: Object.keys(more).length ? { value, ...more } : value,
  }),
  'line.toggle': ({ line }) => ({ verb: 'POST', path: `/lines/${line}/toggle` }),
  'line.pulse': ({ line, ...body }) => ({ verb: 'POST', path: `/lines/${line}/pulse`, body }),
  'line.blink': ({ line, ...body }) => ({ verb: 'POST', path: `/lines/${line}/blink`, body }),
  'line.pwm': ({ line, ...body }) => ({ verb: 'POST', path: `/lines/${line}/pwm`, body }),
  'line.stop': ({ line }) => ({ verb: 'POST', path: `/lines/${line}/stop` }),
  'line.get': ({ line }) => ({ verb: 'GET', path: `/lines/${line}` }),
  'lines.set': ({ lines }) => ({ verb: 'PUT', path: '/lines', body: lines }),
  'circuit.get': () => ({ verb: 'GET', path: '/circuit' }),
  'circuit.off': () => ({ verb: 'POST', path: '/off' }),
  'simulator.set': ({ line, value }) => ({
    verb: 'POST',
    path: `/simulator/lines/${line}`,
    body: { value },
  }),
  'help': () => ({ verb: 'GET', path: '/openapi.json' }),
};

/** Words of the line protocol; what has none goes as JSON-RPC. @type {Record<string, (p: any) => string|null>} */
const WORDS = {
  'line.set': ({ line, value, ...more }) =>
    Object.keys(more).length ? null : `set ${line} ${value}`,
  'line.toggle': ({ line }) => `toggle ${line}`,
  'line.pulse': ({ line, ms }) => `pulse ${line} ${ms}`,
  'line.get': ({ line }) => `get ${line}`,
  'circuit.off': () => 'off',
  'help': () => 'help',
};

/** @param {string} text for a shell, inside single quotes */
const quoted = (text) => `'${text.replace(/'/g, `'\\''`)}'`;

/** @param {Command} command @param {number} [id] */
export function asWebSocket({ method, params }, id = 1) {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params });
}

/** The command in the words of the line protocol. @param {Command} command */
export function asWords(command) {
  return WORDS[command.method]?.(command.params ?? {}) ?? asWebSocket(command);
}

/** @param {Command} command @param {Place} place */
export function asCurl(command, place) {
  const { method, params } = command;
  const rest = REST[method]?.(params ?? {}) ?? {
    verb: 'POST',
    path: '/rpc',
    body: { jsonrpc: '2.0', id: 1, method, params },
  };
  const parts = ['curl'];
  if (rest.verb !== 'GET') parts.push('-X', rest.verb);
  if (place.token) parts.push('-H', '"Authorization: Bearer $TOKEN"');
  if (rest.body !== undefined) {
    parts.push(
      '-H',
      quoted('Content-Type: application/json'),
      '-d',
      quoted(JSON.stringify(rest.body)),
    );
  }
  parts.push(`${place.origin}/api/v1${rest.path}`);
  return parts.join(' ');
}

/** @param {Command} command @param {Place} place */
export function asNc(command, place) {
  const words = asWords(command);
  const host = place.host.replace(/^\[|\]$/g, '');
  const lines = [...(place.token ? ['auth %s'] : []), '%s', 'quit'].join('\\n');
  const values = [...(place.token ? ['"$TOKEN"'] : []), quoted(words)].join(' ');
  return `printf '${lines}\\n' ${values} | nc ${host} ${place.linePort}`;
}
