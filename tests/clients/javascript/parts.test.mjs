import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { GatewayProcess } from './gateway_process.mjs';

const PACKAGE = fileURLToPath(new URL('../../../clients/javascript/', import.meta.url));
const part = (name) => import(path.join(PACKAGE, name));
const { EventQueue } = await part('src/event_queue.js');
const { eventsBetween } = await part('src/history.js');
const { backoff, BACKOFF_FIRST_MS, BACKOFF_MOST_MS } = await part('src/link.js');
const { FrameReader, encodeFrame } = await part('src/node_websocket.js');
const { generate } = await part('types/generate.js');

const event = (boot, seq) => ({ boot, seq, time: `t${boot}${seq}` });
const seen = event('a', 2);

test('the waiting time doubles up to its ceiling, with jitter below it', () => {
  assert.equal(backoff(0, 1), BACKOFF_FIRST_MS);
  assert.equal(backoff(1, 1), 2 * BACKOFF_FIRST_MS);
  assert.equal(backoff(50, 1), BACKOFF_MOST_MS);
  assert.equal(backoff(50, 0), BACKOFF_MOST_MS / 2);
});

test('history of several pages is put together', async () => {
  const pages = { ta2: [event('a', 2), event('a', 3)], ta3: [event('a', 3), event('b', 1), event('b', 2)] };
  const found = await eventsBetween(seen, event('b', 2), async (from) => pages[from]);
  assert.deepEqual(found, [event('a', 3), event('b', 1), event('b', 2)]);
});

for (const [name, page] of [
  ['without the last seen event', [event('a', 3), event('b', 1)]],
  ['with a hole in a run', [event('a', 2), event('a', 4), event('b', 1)]],
  ['that begins in the middle of a run', [event('a', 2), event('b', 2), event('b', 1)]],
  ['that ends too early', [event('a', 2), event('a', 3)]],
]) {
  test(`a history ${name} fills no gap`, async () => {
    assert.equal(await eventsBetween(seen, event('b', 1), async () => page), null);
  });
}

test('a reader that is too slow is told how many events it lost', async () => {
  const queue = new EventQueue(() => {}, 2);
  for (const seq of [1, 2, 3, 4]) queue.push(event('a', seq));
  assert.deepEqual((await queue.next()).value, { boot: 'a', seq: 2, lost: 2 });
  assert.equal((await queue.next()).value.seq, 3);
});

const serverFrame = (first, payload) => Buffer.concat([Buffer.from([first, payload.length]), Buffer.from(payload)]);

test('frames are read whatever way the bytes are cut', () => {
  const bytes = Buffer.concat([serverFrame(0x01, 'ab'), serverFrame(0x89, 'p'), serverFrame(0x80, 'cd')]);
  const reader = new FrameReader();
  const messages = [...bytes].flatMap((byte) => reader.push(Buffer.from([byte])));
  assert.deepEqual(messages.map(({ opcode, payload }) => [opcode, String(payload)]), [[9, 'p'], [1, 'abcd']]);
});

for (const [name, bytes] of [
  ['masked', [0x81, 0x80, 0, 0, 0, 0]], ['with reserved bits', [0xc1, 0]], ['binary', [0x82, 0]],
  ['continuing nothing', [0x80, 0]], ['too long', [0x81, 127, 0, 0, 0, 1, 0, 0, 0, 0]],
]) {
  test(`a frame that is ${name} is refused`, () => {
    assert.throws(() => new FrameReader().push(Buffer.from(bytes)));
  });
}

test('each length of a frame is told in its shortest form', () => {
  assert.deepEqual([125, 126, 65535, 65536].map((length) => encodeFrame(1, Buffer.alloc(length))[1] & 0x7f), [125, 126, 126, 127]);
});

test('the types are those of the OpenAPI document', async () => {
  const gateway = await GatewayProcess.start();
  try {
    const made = generate(await gateway.request('GET', '/api/v1/openapi.json'));
    assert.equal(readFileSync(path.join(PACKAGE, 'types/api.d.ts'), 'utf8'), made);
  } finally {
    await gateway.end();
  }
});

test('the TypeScript compiler takes a program that uses the types', () => {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext',
    fileURLToPath(new URL('typed.mts', import.meta.url))], { encoding: 'utf8' });
});
