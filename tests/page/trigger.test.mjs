import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './page.mjs';

// What its menus bring along asks the browser's history.
globalThis.history ??= {};
globalThis.addEventListener ??= () => {};
const { Trigger } = await load('views/strip_parts.js');

/** What a trigger makes of values of a line that was 0. */
function met(edge, values, line = 'red') {
  const trigger = new Trigger();
  trigger.edge = edge;
  trigger.watch({ name: 'red', value: 0 });
  return values.map((value) => Number(trigger.meets({ line, value }))).join('');
}

test('trigger_meets_the_edges_that_it_is_told', () => {
  assert.equal(met('any', [1, 0, 1]), '111');
  assert.equal(met('rising', [1, 0, 1]), '101');
  assert.equal(met('falling', [1, 0, 1]), '010');
});

test('event_without_a_change_is_no_edge', () => {
  assert.equal(met('any', [0, 1, 1, 0, 0]), '01010');
});

test('trigger_of_no_line_or_another_one_meets_nothing', () => {
  assert.equal(met('any', [1, 0], 'green'), '00');
  const trigger = new Trigger();
  trigger.watch(undefined);
  assert.equal(trigger.meets({ line: 'red', value: 1 }), false);
  // An event of a scene has no line.
  assert.equal(trigger.meets({ line: null, value: undefined }), false);
});
