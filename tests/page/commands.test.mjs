import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './page.mjs';

const { Store } = await load('store.js');
const { Link, CallError } = await load('link.js');
const { Commands } = await load('commands.js');

const commands = new Commands(new Store(() => {}), new Link({}), () => {});

test('line_that_rests_is_told_from_too_many_connections', () => {
  const detail = 'Line pump rests for 60000 ms between two times on: 58500 ms are left.';
  assert.match(
    commands.explain(new CallError('limit', { code: 'limit', retry_after: 59, detail })),
    /rests for 59 s more/,
  );
  assert.match(
    commands.explain(new CallError('limit', { code: 'limit', detail: 'Too many.' })),
    /Too much at once/,
  );
});
