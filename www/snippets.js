// @ts-check
/** @import {CommandTable} from './command_table.js' */
/**
 * Any command of the page as a line to paste elsewhere: for curl, for nc, for a WebSocket.
 * @typedef {{method: string, params: any}} Command
 * @typedef {{base: string, host: string, textPort: number, token: boolean}} Place where the gateway is; `base` ends with a slash
 */

/** @param {string} text for a shell, inside single quotes */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** @param {Command} command @param {number} [id] */
export function asWebSocket({ method, params }, id = 1) {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params });
}

/** The command in the words of the text protocol; as JSON-RPC where those have none. @param {Command} command @param {CommandTable} table */
export function asWords(command, table) {
  if (command.method === 'help') return 'help';
  const method = table.byName.get(command.method);
  if (!method?.word) return asWebSocket(command);
  const words = [method.word];
  const left = { ...command.params };
  for (const { name } of method.params.filter((param) => param.plain)) {
    if (!(name in left)) break;
    words.push(String(left[name]));
    delete left[name];
  }
  for (const [name, value] of Object.entries(left)) {
    if (!method.usage?.includes(`${name}=`)) return asWebSocket(command);
    words.push(`${name}=${value}`);
  }
  return words.join(' ');
}

/** @param {Command} command @param {CommandTable} table @returns {{verb: string, path: string, body?: unknown}} */
function asRest({ method: name, params }, table) {
  if (name === 'help') return { verb: 'GET', path: 'api/v1/openapi.json' };
  const method = table.byName.get(name);
  if (!method?.rest || !method.path) {
    return {
      verb: 'POST',
      path: 'api/v1/rpc',
      body: { jsonrpc: '2.0', id: 1, method: name, params },
    };
  }
  const left = { ...params };
  let path = method.path.replace(/^\//, '').replace(/\{(\w+)\}/g, (_, key) => {
    const value = encodeURIComponent(String(left[key]));
    delete left[key];
    return value;
  });
  const names = Object.keys(left);
  if (method.rest === 'GET') {
    if (names.length) path += `?${new URLSearchParams(left)}`;
    return { verb: 'GET', path };
  }
  if (!names.length) return { verb: method.rest, path };
  // These two take the value itself, without a name around it.
  const bare = { 'line.set': 'value', 'lines.set': 'lines' }[name];
  const body = bare && names.length === 1 && bare in left ? left[bare] : left;
  return { verb: method.rest, path, body };
}

/** @param {Command} command @param {Place} place @param {CommandTable} table */
export function asCurl(command, place, table) {
  const rest = asRest(command, table);
  const parts = ['curl'];
  if (rest.verb !== 'GET') parts.push('-X', rest.verb);
  if (place.token) parts.push('-H', '"Authorization: Bearer $TOKEN"');
  if (rest.body !== undefined) {
    const type = quoted('Content-Type: application/json');
    parts.push('-H', type, '-d', quoted(JSON.stringify(rest.body)));
  }
  const address = place.base + rest.path;
  parts.push(/[?&[\]]/.test(address) ? quoted(address) : address);
  return parts.join(' ');
}

/** @param {Command} command @param {Place} place @param {CommandTable} table */
export function asNc(command, place, table) {
  const words = asWords(command, table);
  const host = place.host.replace(/^\[|\]$/g, '');
  const lines = [...(place.token ? ['auth %s'] : []), '%s', 'quit'].join('\\n');
  const values = [...(place.token ? ['"$TOKEN"'] : []), quoted(words)].join(' ');
  return `printf '${lines}\\n' ${values} | nc ${host} ${place.textPort}`;
}

/** @param {string} kind curl, nc or websocket @param {Command} command @param {Place} place @param {CommandTable} table */
export function snippet(kind, command, place, table) {
  if (kind === 'curl') return asCurl(command, place, table);
  if (kind === 'nc') return asNc(command, place, table);
  return asWebSocket(command);
}
