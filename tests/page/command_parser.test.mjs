import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { load } from './page.mjs';

const { parse, complete, VERBS, usage } = await load('command_parser.js');
const { asCurl, asNc, asWebSocket } = await load('snippets.js');

const PLACE = { origin: 'http://10.0.0.5:8080', host: '10.0.0.5', linePort: 7070, token: true };

test('words_become_the_same_command_as_their_method', () => {
  assert.deepEqual(parse(' toggle  red '), { method: 'line.toggle', params: { line: 'red' } });
  assert.deepEqual(parse('set red 1'), { method: 'line.set', params: { line: 'red', value: 1 } });
  assert.deepEqual(parse('pwm fan 0.25 200'), {
    method: 'line.pwm',
    params: { line: 'fan', duty: 0.25, hz: 200 },
  });
  assert.deepEqual(parse('scene night'), { method: 'scene.apply', params: { scene: 'night' } });
  assert.deepEqual(parse('get'), { method: 'circuit.get', params: {} });
  assert.deepEqual(parse('line.set {"line":"red","value":1}'), {
    method: 'line.set',
    params: { line: 'red', value: 1 },
  });
  assert.deepEqual(parse('{"jsonrpc":"2.0","id":4,"method":"system.ping"}'), {
    method: 'system.ping',
    params: {},
  });
});

test('words_that_are_wrong_say_how_they_go', () => {
  const code = (text) => {
    try {
      parse(text);
    } catch (error) {
      return error.code;
    }
    return 'fine';
  };
  assert.equal(code(''), 'empty');
  assert.equal(code('dance red'), 'verb');
  assert.equal(code('constructor'), 'verb');
  assert.equal(code('pulse red'), 'usage');
  assert.equal(code('pulse red soon'), 'usage');
  assert.equal(code('off red'), 'usage');
  assert.equal(code('{"id":1'), 'json');
  assert.equal(code('{"id":1}'), 'method');
});

test('every_verb_shows_its_usage', () => {
  for (const verb of Object.keys(VERBS)) assert.ok(usage(verb).startsWith(verb));
  assert.equal(usage('pulse'), 'pulse LINE MS');
});

test('rate_of_pwm_may_be_left_to_the_gateway', () => {
  assert.deepEqual(parse('pwm fan 0.25'), {
    method: 'line.pwm',
    params: { line: 'fan', duty: 0.25 },
  });
  assert.equal(usage('pwm'), 'pwm LINE DUTY [HZ]');
});

test('completion_offers_lines_and_methods_and_no_more_than_asked', () => {
  assert.deepEqual(complete('toggle r', ['red', 'relay', 'fan'], [], 9), [
    'toggle red',
    'toggle relay',
  ]);
  assert.deepEqual(complete('system.', [], ['system.ping', 'line.set'], 9), ['system.ping']);
  assert.equal(complete('', ['red', 'relay', 'fan'], [], 5).length, 5);
});

test('curl_names_the_route_of_each_command', () => {
  assert.equal(
    asCurl({ method: 'line.toggle', params: { line: 'red' } }, { ...PLACE, token: false }),
    'curl -X POST http://10.0.0.5:8080/api/v1/lines/red/toggle',
  );
  assert.match(
    asCurl({ method: 'line.pulse', params: { line: 'red', ms: 5 } }, PLACE),
    /Bearer \$TOKEN" .*'\{"ms":5\}' .*\/lines\/red\/pulse$/,
  );
  assert.match(asCurl({ method: 'line.lock', params: { line: 'red' } }, PLACE), /\/api\/v1\/rpc$/);
});

/** What the shell makes of a line, with a stand-in for its program. */
const shell = (line, program) =>
  execFileSync('sh', ['-c', `${program}() { printf '%s\\n' "$@"; }; ${line}`], {
    encoding: 'utf8',
    env: { ...process.env, TOKEN: 'secret' },
  });

test('curl_passes_the_shell_unharmed_whatever_is_in_it', () => {
  const reason = `it's "so" $HOME \`date\``;
  const words = shell(
    asCurl({ method: 'line.lock', params: { line: 'red', reason } }, PLACE),
    'curl',
  ).split('\n');
  assert.deepEqual(JSON.parse(words[words.indexOf('-d') + 1]).params, { line: 'red', reason });
  assert.ok(words.includes('Authorization: Bearer secret'));
});

test('nc_gets_the_token_the_words_and_a_farewell_each_on_a_line', () => {
  const line = asNc({ method: 'line.pulse', params: { line: 'red', ms: 500 } }, PLACE);
  assert.ok(line.endsWith('| nc 10.0.0.5 7070'));
  const piped = execFileSync('sh', ['-c', line.replace(/\| nc .*/, '')], {
    encoding: 'utf8',
    env: { ...process.env, TOKEN: 'secret' },
  });
  assert.equal(piped, 'auth secret\npulse red 500\nquit\n');
});

test('command_without_words_goes_to_nc_as_json_rpc', () => {
  const line = asNc(
    { method: 'line.blink', params: { line: 'red', on_ms: 1, off_ms: 2 } },
    { ...PLACE, token: false },
  );
  const piped = execFileSync('sh', ['-c', line.replace(/\| nc .*/, '')], { encoding: 'utf8' });
  assert.equal(JSON.parse(piped.split('\n')[0]).method, 'line.blink');
});

test('websocket_message_is_json_rpc', () => {
  assert.deepEqual(JSON.parse(asWebSocket({ method: 'circuit.off', params: {} }, 3)), {
    jsonrpc: '2.0',
    id: 3,
    method: 'circuit.off',
    params: {},
  });
});
