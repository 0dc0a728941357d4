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
const { itemsBetween } = await part('src/history.js');
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

const RECORD = [event('a', 1), event('a', 2), event('a', 3), event('b', 1), event('b', 2)];
const gap = (boot, seq, lost) => ({ boot, seq, lost });
const key = ({ boot, seq }) => `${boot}-${seq}`;

/** A gateway with this record that gives so many events at once. */
const historyOf = (record, page) => async ({ from, since, limit }) => {
  let events = record.filter(({ time }) => !from || time >= from);
  if (since?.endsWith('-0')) events = events.slice(Math.max(0, events.findIndex(({ boot }) => boot === since.split('-')[0])));
  else if (since) events = events.slice(events.findIndex((item) => key(item) === since) + 1);
  const most = Math.min(page, limit);
  return events.length > most ? { events: events.slice(0, most), next: key(events[most - 1]) } : { events };
};
const between = (record, page = 4096, from = seen) => itemsBetween(from, event('b', 2), historyOf(record, page));

for (const page of [4096, 2, 1]) {
  test(`history in pages of ${page} is put together`, async () => {
    assert.deepEqual(await between(RECORD, page), RECORD.slice(2));
  });
}

test('a page of history may be empty where the gateway looks on for it', async () => {
  const answers = [{ events: [], next: 'a-1' }, { events: RECORD.slice(1) }];
  const queries = [];
  assert.deepEqual(await itemsBetween(seen, event('b', 2), async (query) => (queries.push(query), answers.shift())), RECORD.slice(2));
  assert.deepEqual(queries, [{ from: 'ta2', limit: 4096 }, { from: 'ta2', limit: 4096, since: 'a-1' }]);
});

test('a clock that went back hides nothing', async () => {
  const record = RECORD.map((item) => (item.boot === 'b' ? { ...item, time: 'ta0' } : item));
  assert.deepEqual(await between(record), record.slice(2));
});

test('a position without a time is a place to begin at', async () => {
  assert.deepEqual(await between(RECORD, 4096, { boot: 'a', seq: 2, time: '' }), RECORD.slice(2));
});

test('what a killed gateway had not written is a gap before the next run', async () => {
  assert.deepEqual(await between([event('a', 1), event('b', 1), event('b', 2)]), [gap('b', 0, null), event('b', 1), event('b', 2)]);
});

test('a hole in the history is a gap at its place', async () => {
  assert.deepEqual(await between([event('a', 2), event('a', 4), event('b', 1), event('b', 2)]),
    [gap('a', 3, 1), event('a', 4), event('b', 1), event('b', 2)]);
  assert.deepEqual(await between([event('a', 2), event('b', 2)]), [gap('b', 1, null), event('b', 2)]);
});

for (const [name, record] of [['of another run', [event('b', 1), event('b', 2)]], ['that ends too early', RECORD.slice(0, 4)]]) {
  test(`a history ${name} fills no gap`, async () => {
    assert.equal(await between(record), null);
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
