import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './page.mjs';

const { ACTIONS, blank, build, command, edgeWord, read } = await load('editor/sentences.js');

const DO = { method: 'line.toggle', line: 'red' };
const RULES = [
  { when: { line: 'button', edge: 'rising' }, do: DO },
  { when: { line: 'button', edge: 'held', held_ms: 3000 }, do: { method: 'circuit.off' } },
  {
    name: 'dawn',
    when: { time: '06:30', days: ['mon', 'sat'] },
    do: { method: 'scene.apply', scene: 'day' },
  },
  { when: { sun: 'sunset', offset_min: -30 }, do: { method: 'line.pulse', line: 'red', ms: 500 } },
  {
    when: { every_ms: 600000 },
    do: { method: 'line.blink', line: 'red', on_ms: 200, off_ms: 300 },
  },
  { when: { start: true }, do: { method: 'line.set', line: 'red', value: 1 } },
  {
    when: { line: 'light', edge: 'falling' },
    if: { line: 'humid', value: 1 },
    after_ms: 180000,
    again: 'restart',
    do: { method: 'line.set', line: 'fan', value: 0 },
  },
];

test('rule_that_a_sentence_can_say_is_built_again_as_it_was', () => {
  for (const rule of RULES) assert.deepEqual(build(read(rule), rule), rule);
});

test('list_of_one_command_is_a_command', () => {
  assert.deepEqual(read({ when: RULES[0].when, do: [DO] }), read(RULES[0]));
});

test('rule_that_says_more_is_left_to_the_text', () => {
  const more = [
    { when: { line: ['a', 'b'], edge: 'rising' }, do: DO },
    { when: RULES[0].when, do: [DO, DO] },
    { when: RULES[0].when, do: { method: 'line.set', line: 'red', value: 1, for_ms: 5 } },
    { when: RULES[0].when, do: { method: 'line.fade', line: 'red', to: 1, ms: 500 } },
    { when: RULES[0].when, do: DO, if: { any: [] } },
    { when: { time: ['06:00', '07:00'] }, do: DO },
    { when: { line: 'a', edge: 'rising', from_tomorrow: 1 }, do: DO },
    {},
  ];
  for (const rule of more) assert.equal(read(rule), null, JSON.stringify(rule));
});

test('every_action_makes_the_command_that_is_read_as_it', () => {
  for (const action of ACTIONS) {
    const one = { ...blank(), line: 'button', action, target: action === 'all-off' ? '' : 'red' };
    assert.equal(read(build(one)).action, action);
    assert.ok(command(one).method.includes('.'));
  }
});

test('edge_is_called_as_the_part_does_it', () => {
  assert.equal(edgeWord('button', 'rising'), 'press.rising');
  assert.equal(edgeWord('button', 'held'), 'press.held');
  assert.equal(edgeWord('door', 'held'), 'held');
  assert.equal(edgeWord('relay', 'falling'), 'on.falling');
  assert.equal(edgeWord('motion', 'both'), 'both');
});
