import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './page.mjs';

const { useTexts } = await load('i18n/text.js');
await useTexts('later');
const { Store } = await load('store.js');
const { Link, CallError } = await load('link.js');
const { Commands } = await load('commands.js');

const commands = new Commands(new Store(() => {}), new Link({}), () => {});

test('line_that_rests_is_told_from_too_many_connections', () => {
  const detail = 'Line pump must stay off for 60000 ms between two times on: 58500 ms are left.';
  assert.match(
    commands.explain(new CallError('limit', { code: 'limit', retry_after: 59, detail })),
    /switched on again in 59 s/,
  );
  assert.match(
    commands.explain(new CallError('limit', { code: 'limit', detail: 'Too many.' })),
    /Too much at once/,
  );
});

test('refusal_of_a_locked_line_gives_the_reason_and_the_remedy', () => {
  const store = new Store(() => {});
  store.takeSnapshot({
    boot: 'b',
    seq: 1,
    lines: [
      { name: 'red', direction: 'output', value: 0, lock: { reason: 'being repaired' } },
      { name: 'green', direction: 'output', value: 0, lock: {} },
    ],
  });
  const locked = new Commands(store, new Link({}), () => {});
  const refusal = new CallError('locked', { code: 'locked', detail: 'Line red is locked.' });
  assert.match(locked.explain(refusal, 'red'), /^Locked: being repaired\. Unlock/);
  store.takeSnapshot({
    boot: 'b',
    seq: 2,
    lines: ['websocket:[fe80::1%lan]:51514', 'rule:night'].map((source, n) => ({
      name: `line${n}`,
      lock: { reason: 'rest', source },
    })),
  });
  assert.match(locked.explain(refusal, 'line0'), /^Locked: rest \(by \[fe80::1%lan\]\)/);
  assert.match(locked.explain(refusal, 'line1'), /^Locked: rest \(by rule:night\)/);
  assert.match(locked.explain(refusal, 'green'), /Unlock/);
  assert.doesNotMatch(locked.explain(refusal, 'green'), /: \./);
});
