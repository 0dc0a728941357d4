import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { connect, Conflict, GatewayError, NotFound, Unauthorized, Uncertain, Unreachable } from '@gpio-gateway/client';
import { GatewayProcess, waitUntil } from './gateway_process.mjs';
import { Relay } from './relay.mjs';

let gateway;
before(async () => { gateway = await GatewayProcess.start(); });
after(() => gateway.end());

/** A test with a connection of its own; `through` a relay where it asks for one. */
function connected(name, run, options = {}) {
  test(name, { timeout: 30000 }, async () => {
    const relay = options.relay ? await Relay.start(gateway) : null;
    const gw = await connect(relay?.url ?? gateway.url, { token: gateway.token, ...options });
    try {
      await run(gw, relay);
    } finally {
      gw.close();
      await relay?.end();
    }
  });
}

async function nextOf(events, line) {
  for (;;) {
    const { value, done } = await events.next();
    assert.ok(!done);
    if (value.lost !== undefined || value.line === line) return value;
  }
}

connected('set switches the output and answers with was, value and seq', async (gw) => {
  await gw.set('red', 0);
  const { was, value, seq } = await gw.set('red', true);
  assert.deepEqual([was, value], [0, 1]);
  assert.equal(await gateway.value('red'), 1);
  await waitUntil(() => gw.lines.red.seq === seq && gw.lines.red.value === 1, 'state in gw.lines');
});

connected('toggle switches an output over', async (gw) => {
  await gw.set('green', 0);
  assert.equal((await gw.toggle('green')).value, 1);
  assert.equal((await gw.toggle('green')).value, 0);
});

connected('call passes any method and its parameters', async (gw) => {
  assert.equal((await gw.call('line.get', { line: 'button' })).direction, 'input');
});

connected('events tells each edge in order', async (gw) => {
  const events = gw.events();
  for (const value of [1, 0, 1, 0]) await gateway.press(value);
  const values = [];
  for (let i = 0; i < 4; i++) values.push((await nextOf(events, 'button')).value);
  assert.deepEqual(values, [1, 0, 1, 0]);
});

connected('close ends the loop over events', async (gw) => {
  setTimeout(() => gw.close(), 20);
  for await (const event of gw.events()) assert.ok(event);
});

test('a unix address needs no token', { timeout: 10000 }, async () => {
  const gw = await connect(gateway.unix);
  assert.ok(gw.lines.red);
  gw.close();
});

test('an https address is that of a proxy whose certificate is checked', { timeout: 20000 }, async () => {
  const relay = await Relay.start(gateway, { tls: true });
  const script = `import { connect } from '@gpio-gateway/client';
    const gw = await connect('${relay.url}', { token: '${gateway.token}' }).catch((error) => error);
    console.log(gw instanceof Error ? gw.message : (await gw.toggle('red')).line);
    process.exit();`;
  const runs = (env) => new Promise((resolve, reject) => {
    execFile(process.execPath, ['--input-type=module', '-e', script], { cwd: import.meta.dirname, env: { ...process.env, ...env } },
      (error, stdout) => (error ? reject(error) : resolve(stdout.trim())));
  });
  try {
    assert.match(await runs({}), /SELF_SIGNED_CERT/);
    assert.equal(await runs({ NODE_EXTRA_CA_CERTS: relay.certificate }), 'red');
  } finally {
    await relay.end();
  }
});

test('a killed script leaves its outputs safe', { timeout: 20000 }, async () => {
  const script = `import { connect } from '@gpio-gateway/client';
    const gw = await connect('${gateway.url}', { token: '${gateway.token}' });
    await gw.set('red', 1);
    console.log('on');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: import.meta.dirname });
  await once(child.stdout, 'data');
  assert.equal(await gateway.value('red'), 1);
  child.kill('SIGKILL');
  await waitUntil(async () => await gateway.value('red') === 0, 'safe output', 1000);
});

test('with lease null an output stays as it was set', { timeout: 10000 }, async () => {
  const gw = await connect(gateway.url, { token: gateway.token, lease: null });
  await gw.set('green', 1);
  gw.close();
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(await gateway.value('green'), 1);
});

test('a missing token is told with the remedy', async () => {
  await assert.rejects(connect(gateway.url), (error) => error instanceof Unauthorized
    && error.code === 'unauthorized' && /needs a token.*gpio-gateway token show/.test(error.message));
});

test('a wrong token is told with the remedy', async () => {
  await assert.rejects(connect(gateway.url, { token: 'wrong' }), (error) => error instanceof Unauthorized
    && /does not accept this token.*gpio-gateway token show/.test(error.message));
});

test('a token with a line end is taken, and one with other characters told as wrong', async () => {
  (await connect(gateway.url, { token: `${gateway.token}\n` })).close();
  for (const token of ['two words', '토큰', 'x\ny']) {
    await assert.rejects(connect(gateway.url, { token }), (error) => error instanceof Unauthorized && /token show/.test(error.message));
  }
});

test('a viewer may look and not act', async () => {
  const gw = await connect(gateway.url, { token: gateway.viewerToken });
  await assert.rejects(gw.set('red', 1), (error) => error instanceof Unauthorized && error.code === 'forbidden');
  gw.close();
});

test('an address where nothing listens is unreachable', async () => {
  await assert.rejects(connect('http://127.0.0.1:1'), (error) => error instanceof Unreachable
    && /No gateway at http:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\)/.test(error.message));
});

for (const url of ['raspberrypi:8080', 'ftp://pi', '']) {
  test(`"${url}" is no address, and told with what is expected`, async () => {
    await assert.rejects(connect(url), (error) => error instanceof Unreachable && error.code === 'bad-address'
      && /http:\/\/HOST:8080/.test(error.message));
  });
}

connected('a method that the gateway does not know may be one of another version', async (gw) => {
  await assert.rejects(gw.call('line.fly', { line: 'red' }), (error) => error instanceof NotFound
    && error.code === 'no-such-method' && /another version/.test(error.message));
});

test('a server that does not speak gpio-gateway.v1 is told as another version', async () => {
  const server = createServer((_request, answer) => answer.writeHead(400).end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await assert.rejects(connect(`http://127.0.0.1:${server.address().port}`),
      (error) => error instanceof GatewayError && error.code === 'version' && /HTTP 400 at \/ws/.test(error.message));
  } finally {
    server.close();
  }
});

connected('a line that is not declared is told with those that are', async (gw) => {
  await assert.rejects(gw.set('blue', 1), (error) => error instanceof NotFound
    && /no line "blue".*red, green, button/.test(error.message));
});

connected('a scene that is not there is not found', async (gw) => {
  await assert.rejects(gw.call('scene.apply', { scene: 'none' }), (error) => error instanceof NotFound && /"none"/.test(error.message));
});

connected('an input is not set', async (gw) => {
  await assert.rejects(gw.set('button', 1), (error) => error instanceof Conflict && error.code === 'not-an-output');
});

connected('of two scripts on one line the one with an old expect is refused', async (gw) => {
  const other = await connect(gateway.url, { token: gateway.token });
  const { seq } = await gw.set('red', 1);
  await other.set('red', 0);
  await assert.rejects(gw.set('red', 1, { expect: seq }), (error) => error instanceof Conflict && error.code === 'conflict');
  other.close();
});

connected('a command whose answer is lost is uncertain', async (gw, relay) => {
  relay.muted = true;
  const sent = gw.set('red', 1);
  setTimeout(() => relay.cut(), 100);
  await assert.rejects(sent, (error) => error instanceof Uncertain && error.code === 'uncertain');
}, { relay: true });

connected('a reading whose answer is lost is asked again', async (gw, relay) => {
  relay.muted = true;
  const asked = gw.call('line.get', { line: 'red' });
  setTimeout(() => {
    relay.muted = false;
    relay.cut();
  }, 100);
  assert.equal((await asked).name, 'red');
}, { relay: true });

connected('a command waits for the connection that is made again', async (gw, relay) => {
  relay.refuses = true;
  relay.cut();
  await waitUntil(() => gw.phase === 'waiting', 'loss');
  const sent = gw.set('red', 1);
  relay.refuses = false;
  assert.equal((await sent).value, 1);
}, { relay: true });

connected('edges during a lost connection are told after it', async (gw, relay) => {
  const events = gw.events();
  relay.refuses = true;
  relay.cut();
  await waitUntil(() => gw.phase === 'waiting', 'loss');
  for (const value of [1, 0, 1, 0]) await gateway.press(value);
  relay.refuses = false;
  const values = [];
  for (let i = 0; i < 4; i++) values.push((await nextOf(events, 'button')).value);
  assert.deepEqual(values, [1, 0, 1, 0]);
}, { relay: true });

connected('a half-open connection is found in under ten seconds', async (gw, relay) => {
  const before = Date.now();
  relay.muted = true;
  await waitUntil(() => gw.phase === 'waiting', 'loss', 10000);
  assert.ok(Date.now() - before < 10000);
  relay.muted = false;
  await waitUntil(() => gw.phase === 'connected', 'connection');
}, { relay: true });

connected('over a restart of the gateway without its history file the client reports a gap of unknown size', async (gw) => {
  const events = gw.events();
  await gateway.kill('SIGKILL');
  rmSync(path.join(gateway.folder, 's/gpio-gateway/history.jsonl'));
  await gateway.run();
  let item;
  do item = (await events.next()).value; while (item.lost === undefined);
  assert.equal(item.lost, null);
  await gateway.press(1);
  assert.equal((await nextOf(events, 'button')).value, 1);
  await gateway.press(0);
});

connected('over a restart of the gateway its history file fills the gap', async (gw, relay) => {
  const events = gw.events();
  await gw.set('red', 1);
  relay.refuses = true;
  relay.cut();
  await waitUntil(() => gw.phase === 'waiting', 'loss');
  await gateway.press(1);
  await gateway.kill();
  await gateway.run();
  await gateway.press(1);
  relay.refuses = false;
  const told = [];
  do told.push((await events.next()).value); while (told.filter((event) => event.cause === 'edge').length < 2);
  assert.ok(told.every((event) => event.lost === undefined), JSON.stringify(told));
  assert.equal(relay.historyAsked, 1);
  for (let i = 1; i < told.length; i++) {
    assert.equal(told[i].seq, told[i].boot === told[i - 1].boot ? told[i - 1].seq + 1 : 1);
  }
}, { relay: true });

test('a second program resumes at the position of the first', { timeout: 20000 }, async () => {
  await gateway.press(0);
  const first = await connect(gateway.url, { token: gateway.token });
  const { position } = first;
  first.close();
  for (const value of [1, 0]) await gateway.press(value);
  const seen = [];
  const { Gateway } = await import('@gpio-gateway/client');
  const second = new Gateway(gateway.url, { token: gateway.token, since: position });
  const events = second.events();
  await second.start();
  for (let i = 0; i < 2; i++) seen.push((await nextOf(events, 'button')).value);
  assert.deepEqual(seen, [1, 0]);
  await waitUntil(() => second.lines.red, 'lines');
  second.close();
});
