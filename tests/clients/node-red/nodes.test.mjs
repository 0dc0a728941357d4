import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, afterEach, test } from 'node:test';
import { GatewayProcess, waitUntil } from '../javascript/gateway_process.mjs';
import { Relay } from '../javascript/relay.mjs';

const require = createRequire(import.meta.url);
const helper = require('node-red-node-test-helper');
const nodes = ['gateway', 'line-in', 'line-out', 'scene'].map((name) => require(`@gpio-gateway/node-red/nodes/${name}.js`));
const { ACTIONS, LEASED, commandOf } = require('@gpio-gateway/node-red/lib/command.js');

const FLOW = [
  { id: 'gw', type: 'gpio-gateway' },
  { id: 'in', type: 'gpio-gateway line in', gateway: 'gw', line: 'button', wires: [['seen']] },
  { id: 'out', type: 'gpio-gateway line out', gateway: 'gw', line: 'red' },
  { id: 'scene', type: 'gpio-gateway scene', gateway: 'gw', scene: 'both' },
  { id: 'seen', type: 'helper' },
];

let gateway;
let userDir;
before(async () => {
  gateway = await GatewayProcess.start();
  userDir = mkdtempSync(path.join(tmpdir(), 'node-red-'));
  helper.init(require.resolve('node-red'), { userDir, logging: { console: { level: 'off' } } });
  await new Promise((done) => helper.startServer(done));
});
afterEach(() => helper.unload());
after(async () => {
  await new Promise((done) => helper.stopServer(done));
  await gateway.end();
  rmSync(userDir, { recursive: true, force: true });
});

/** Loads the flow; the messages of "line in" come into the returned list. */
async function load({ url = gateway.url, token = gateway.token, change = (flow) => flow } = {}) {
  const messages = [];
  const flow = change(FLOW.map((node) => (node.id === 'gw' ? { ...node, url } : { ...node })));
  await helper.load(nodes, flow, { gw: { token } });
  helper.getNode('seen').on('input', (message) => messages.push(message));
  return messages;
}

const rule = (name, run) => test(name, { timeout: 30000 }, run);
const edges = (messages) => messages.filter((message) => message.retained === false).map((message) => message.payload);
const statusText = (id) => helper.getNode(id).status.lastCall?.args[0];
const failed = (node) => new Promise((resolve) => node.once('call:error', (call) => resolve(call.args[0])));

rule('line in sends the state at the start as retained, then each edge with its event', async () => {
  const messages = await load();
  await waitUntil(() => messages.length === 1, 'retained message');
  const [{ payload, topic, retained }] = messages;
  assert.deepEqual({ payload, topic, retained }, { payload: 0, topic: 'button', retained: true });
  await gateway.press(1);
  await gateway.press(0);
  await waitUntil(() => messages.length === 3, 'two edges');
  assert.deepEqual(edges(messages), [1, 0]);
  assert.equal(messages[1].event.cause, 'edge');
  assert.equal(messages[2].event.seq, messages[1].event.seq + 1);
});

rule('line out takes each kind of payload', async () => {
  await load();
  const out = helper.getNode('out');
  for (const [payload, value] of [[1, 1], [0, 0], [true, 1], [false, 0], ['on', 1], ['off', 0], ['toggle', 1], [{ do: 'stop' }, 1],
    [{ do: 'set', value: 0 }, 0], [{ do: 'pulse', ms: 60000 }, 1]]) {
    out.receive({ payload });
    await waitUntil(async () => await gateway.value('red') === value, `${JSON.stringify(payload)} on the line`);
  }
  out.receive({ payload: { do: 'pwm', duty: 0.25 } });
  await waitUntil(async () => (await gateway.request('GET', '/api/v1/lines/red')).pwm?.duty === 0.25, 'PWM');
});

rule('line out tells a payload that it does not know', async () => {
  await load();
  const told = failed(helper.getNode('out'));
  helper.getNode('out').receive({ payload: 'maybe' });
  assert.match(String((await told).message ?? await told), /msg\.payload is "maybe"; expected 0, 1/);
});

rule('line out tells a line that is an input', async () => {
  await load({ change: (flow) => flow.map((node) => (node.id === 'out' ? { ...node, line: 'button' } : node)) });
  const told = failed(helper.getNode('out'));
  helper.getNode('out').receive({ payload: 1 });
  assert.equal((await told).code, 'not-an-output');
});

rule('scene applies the scene', async () => {
  await load();
  await gateway.request('PUT', '/api/v1/lines', { red: 0, green: 0 });
  helper.getNode('scene').receive({});
  await waitUntil(async () => await gateway.value('red') && await gateway.value('green'), 'scene');
});

rule('an output goes to its safe value when the flow ends', async () => {
  await load();
  await gateway.request('PUT', '/api/v1/lines/red/value', 0);
  helper.getNode('out').receive({ payload: 1 });
  await waitUntil(async () => await gateway.value('red') === 1, 'output on');
  await helper.unload();
  await waitUntil(async () => await gateway.value('red') === 0, 'safe output', 1000);
});

rule('a wrong token turns the dot red', async () => {
  await load({ token: 'wrong' });
  await waitUntil(() => statusText('in')?.fill === 'red', 'red dot');
  assert.equal(statusText('out').fill, 'red');
});

const errorsOf = (id) => helper.getNode(id).error.args.map(([error]) => String(error.message ?? error));

rule('a missing and a wrong token are told once, with the remedy', async () => {
  for (const [token, told] of [['', /needs a token.*gpio-gateway token show/], ['wrong', /does not accept this token.*token show/]]) {
    await load({ token });
    await waitUntil(() => statusText('in')?.fill === 'red', 'red dot');
    assert.equal(errorsOf('gw').length, 1);
    assert.match(errorsOf('gw')[0], told);
    await helper.unload();
  }
});

rule('a command at a gateway that refuses fails at once', async () => {
  await load({ token: 'wrong' });
  await waitUntil(() => statusText('out')?.fill === 'red', 'red dot');
  const told = failed(helper.getNode('out'));
  helper.getNode('out').receive({ payload: 1 });
  assert.match(String((await told).message), /not sent/);
});

rule('what is no address is told with what is expected', async () => {
  await load({ url: 'raspberrypi:8080' });
  await waitUntil(() => statusText('in')?.fill === 'red', 'red dot');
  assert.match(errorsOf('gw')[0], /http:\/\/HOST:8080/);
});

rule('an address where no gateway is keeps the dot yellow, and is tried again', async () => {
  await load({ url: 'http://127.0.0.1:1' });
  await waitUntil(() => statusText('in')?.fill === 'yellow' && helper.getNode('in').status.callCount > 2, 'yellow dot');
  assert.deepEqual(errorsOf('gw'), []);
});

rule('a gateway of another version turns the dot red, and is told', async () => {
  const server = createServer((_request, answer) => answer.writeHead(400).end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  await load({ url: `http://127.0.0.1:${server.address().port}` });
  await waitUntil(() => statusText('in')?.fill === 'red', 'red dot');
  assert.match(errorsOf('gw')[0], /speaks gpio-gateway\.v1.*version/);
  await helper.unload();
  server.close();
});

rule('a line that is not declared is told with those that are', async () => {
  await load({ change: (flow) => flow.map((node) => (['in', 'out'].includes(node.id) ? { ...node, line: 'blue' } : node)) });
  await waitUntil(() => errorsOf('in').length, 'error');
  assert.match(errorsOf('in')[0], /no line "blue".*red, green, button/);
  const told = failed(helper.getNode('out'));
  helper.getNode('out').receive({ payload: 1 });
  assert.equal((await told).code, 'no-such-line');
});

rule('a scene that is not there is told', async () => {
  await load({ change: (flow) => flow.map((node) => (node.id === 'scene' ? { ...node, scene: 'none' } : node)) });
  const told = failed(helper.getNode('scene'));
  helper.getNode('scene').receive({});
  assert.match((await told).message, /none/);
});

rule('a command whose answer is lost is told as uncertain', async () => {
  const relay = await Relay.start(gateway);
  await load({ url: relay.url });
  await waitUntil(() => statusText('out')?.fill === 'green', 'green dot');
  const told = failed(helper.getNode('out'));
  relay.muted = true;
  helper.getNode('out').receive({ payload: 'toggle' });
  setTimeout(() => relay.cut(), 100);
  const error = await told;
  assert.equal(error.code, 'uncertain');
  assert.match(error.message, /may have been done or not/);
  relay.muted = false;
  await helper.unload();
  await relay.end();
});

rule('of two flows on one line the last command counts', async () => {
  await load({ change: (flow) => [...flow, { id: 'other', type: 'gpio-gateway line out', gateway: 'gw', line: 'red' }] });
  for (const [id, payload] of [['out', 1], ['other', 0], ['out', 1]]) {
    helper.getNode(id).receive({ payload });
    await waitUntil(async () => await gateway.value('red') === payload, `${payload} of ${id}`);
  }
});

rule('the dot follows the connection', async () => {
  const relay = await Relay.start(gateway);
  await load({ url: relay.url });
  await waitUntil(() => statusText('in')?.fill === 'green', 'green dot');
  relay.refuses = true;
  relay.cut();
  await waitUntil(() => statusText('in').fill === 'yellow', 'yellow dot');
  relay.refuses = false;
  await waitUntil(() => statusText('in').fill === 'green', 'green dot');
  await helper.unload();
  await relay.end();
});

rule('a restart of the flow loses no edge', async () => {
  const first = await load();
  await waitUntil(() => first.length, 'retained message');
  await gateway.press(1);
  await waitUntil(() => edges(first).length === 1, 'edge');
  await helper.unload();
  for (const value of [0, 1, 0]) await gateway.press(value);
  const second = await load();
  await waitUntil(() => edges(second).length >= 3, 'edges of the time between');
  assert.deepEqual(edges(second), [0, 1, 0]);
});

rule('a restart of the gateway loses no edge where it keeps a history file', async () => {
  const relay = await Relay.start(gateway);
  const messages = await load({ url: relay.url });
  await waitUntil(() => messages.length, 'retained message');
  relay.refuses = true;
  relay.cut();
  await gateway.press(1);
  await gateway.kill();
  await gateway.run();
  await gateway.press(1);
  await gateway.press(0);
  relay.refuses = false;
  await waitUntil(() => edges(messages).at(-1) === 0 && edges(messages).length > 2, 'edges of both runs');
  const told = messages.filter((message) => message.retained === false && message.event.cause === 'edge');
  assert.deepEqual(told.map((message) => message.payload), [1, 1, 0]);
  assert.ok(messages.every((message) => message.lost === undefined));
  await helper.unload();
  await relay.end();
});

test('pulse carries no lease, set does unless it is switched off', () => {
  assert.deepEqual(commandOf('red', { do: 'pulse', ms: 5 }, true).params, { ms: 5, line: 'red' });
  assert.deepEqual(commandOf('red', 1, true).params, { value: 1, lease: 'connection', line: 'red' });
  assert.deepEqual(commandOf('red', 1, false).params, { value: 1, line: 'red' });
});

rule('line out knows every command of a line, and which may carry a lease', async () => {
  const { paths } = await gateway.request('GET', '/api/v1/openapi.json');
  const commands = Object.values(paths).flatMap(({ get, ...others }) => Object.values(others))
    .filter((operation) => operation['x-method']?.startsWith('line.'));
  const names = (operations) => operations.map((operation) => operation['x-method'].slice('line.'.length)).sort();
  assert.deepEqual([...ACTIONS].sort(), names(commands));
  const leased = commands.filter(({ requestBody }) => /"lease_ms":/.test(JSON.stringify(requestBody)));
  assert.deepEqual([...LEASED].sort(), names(leased));
});
