import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { load } from './page.mjs';
import { METHODS } from './methods.mjs';

const { parse, complete, wordPlace } = await load('command_parser.js');
const { CommandTable } = await load('command_table.js');
const { asCurl, asNc, asWebSocket } = await load('snippets.js');

const table = new CommandTable(METHODS);
const PLACE = {
  base: 'http://10.0.0.5:8080/',
  host: '10.0.0.5',
  textPort: 7070,
  token: true,
};
const OPEN = { ...PLACE, token: false };

const refusal = (text) => {
  try {
    parse(text, table);
  } catch (error) {
    return { code: error.code, ...error.values };
  }
  return { code: 'accepted' };
};

test('words_become_the_same_command_as_their_method', () => {
  const commands = {
    ' toggle  red ': { method: 'line.toggle', params: { line: 'red' } },
    'set red 1': { method: 'line.set', params: { line: 'red', value: 1 } },
    'set red on for_ms=500': { method: 'line.set', params: { line: 'red', value: 1, for_ms: 500 } },
    'pwm fan 0.25 200': { method: 'line.pwm', params: { line: 'fan', duty: 0.25, hz: 200 } },
    'pwm fan 0.25': { method: 'line.pwm', params: { line: 'fan', duty: 0.25 } },
    'lock red being repaired': {
      method: 'line.lock',
      params: { line: 'red', reason: 'being repaired' },
    },
    'get': { method: 'lines.get', params: {} },
    'line.set {"line":"red","value":1}': {
      method: 'line.set',
      params: { line: 'red', value: 1 },
    },
    '{"jsonrpc":"2.0","id":4,"method":"system.ping"}': { method: 'system.ping', params: {} },
  };
  for (const [text, command] of Object.entries(commands)) {
    assert.deepEqual(parse(text, table), command, text);
  }
});

test('press_is_another_word_for_simulate', () => {
  assert.deepEqual(parse('press button 1', table), parse('simulate button 1', table));
});

test('wrong_word_is_named_with_its_place', () => {
  assert.equal(refusal('').code, 'empty');
  assert.equal(refusal('constructor').code, 'verb');
  assert.deepEqual(refusal('togle red'), {
    code: 'verb.near',
    word: 'togle',
    at: 0,
    near: 'toggle',
  });
  assert.deepEqual(refusal('pulse red soon'), {
    code: 'number',
    word: 'soon',
    at: 2,
    param: 'ms',
    usage: 'pulse LINE MS',
  });
  assert.equal(refusal('toggle red now').word, 'now');
  assert.equal(refusal('set red 2').code, 'switch');
  assert.equal(refusal('watch red').code, 'elsewhere');
  assert.equal(refusal('{"id":1').code, 'json');
  assert.equal(refusal('{"id":1}').code, 'method');
  assert.deepEqual(wordPlace('  pulse red soon', 2), [12, 16]);
});

test('missing_word_shows_how_the_command_goes', () => {
  assert.deepEqual(refusal('pulse red'), { code: 'missing', param: 'ms', usage: 'pulse LINE MS' });
});

test('range_is_the_one_that_the_gateway_says', () => {
  assert.equal(refusal('pwm fan 0.5 500').code, 'accepted');
  const { code, minimum, maximum, unit } = refusal('pwm fan 0.5 501');
  assert.deepEqual([code, minimum, maximum, unit], ['range', 0.1, 500, 'Hz']);
});

test('completion_offers_lines_and_methods_and_no_more_than_asked', () => {
  const names = { line: ['red', 'relay', 'fan'], scene: ['night'] };
  assert.deepEqual(complete('toggle r', table, names, 9), ['toggle red', 'toggle relay']);
  assert.deepEqual(complete('system.', table, names, 9), ['system.ping']);
  assert.equal(complete('', table, names, 5).length, 5);
});

test('curl_takes_its_route_from_the_table', () => {
  assert.equal(
    asCurl({ method: 'line.toggle', params: { line: 'red' } }, OPEN, table),
    'curl -X POST http://10.0.0.5:8080/api/v1/lines/red/toggle',
  );
  assert.match(
    asCurl({ method: 'line.pulse', params: { line: 'red', ms: 5 } }, PLACE, table),
    /Bearer \$TOKEN" .*'\{"ms":5\}' .*\/lines\/red\/pulse$/,
  );
  assert.match(
    asCurl({ method: 'line.set', params: { line: 'red', value: 1 } }, PLACE, table),
    /-X PUT .*-d '1' .*\/lines\/red\/value$/,
  );
  assert.match(asCurl({ method: 'system.ping', params: {} }, PLACE, table), /\/api\/v1\/rpc$/);
});

/** What the shell makes of a line, with a stand-in for its program. */
const shell = (line, program) =>
  execFileSync('sh', ['-c', `${program}() { printf '%s\\n' "$@"; }; ${line}`], {
    encoding: 'utf8',
    env: { ...process.env, TOKEN: 'secret' },
  });

test('curl_passes_the_shell_unharmed_whatever_is_in_it', () => {
  const reason = `it's "so" $HOME \`date\``;
  const command = { method: 'line.lock', params: { line: 'red', reason } };
  const words = shell(asCurl(command, PLACE, table), 'curl').split('\n');
  assert.deepEqual(JSON.parse(words[words.indexOf('-d') + 1]), { reason });
  assert.ok(words.includes('Authorization: Bearer secret'));
});

/** What a line would send to nc. */
const piped = (line) =>
  execFileSync('sh', ['-c', line.replace(/\| nc .*/, '')], {
    encoding: 'utf8',
    env: { ...process.env, TOKEN: 'secret' },
  });

test('nc_gets_the_token_the_words_and_a_quit_each_on_a_line', () => {
  const line = asNc({ method: 'line.pulse', params: { line: 'red', ms: 500 } }, PLACE, table);
  assert.ok(line.endsWith('| nc 10.0.0.5 7070'));
  assert.equal(piped(line), 'auth secret\npulse red 500\nquit\n');
});

test('nc_gets_named_values_where_the_word_takes_them', () => {
  const params = { line: 'red', value: 1, for_ms: 500 };
  const line = asNc({ method: 'line.set', params }, OPEN, table);
  assert.equal(piped(line), 'set red 1 for_ms=500\nquit\n');
});

test('command_without_words_goes_to_nc_as_json_rpc', () => {
  const line = asNc({ method: 'lines.set', params: { lines: { red: 1 } } }, OPEN, table);
  assert.equal(JSON.parse(piped(line).split('\n')[0]).method, 'lines.set');
});

test('websocket_message_is_json_rpc', () => {
  assert.deepEqual(JSON.parse(asWebSocket({ method: 'circuit.off', params: {} }, 3)), {
    jsonrpc: '2.0',
    id: 3,
    method: 'circuit.off',
    params: {},
  });
});
