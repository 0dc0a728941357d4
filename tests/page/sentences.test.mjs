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

const { setLanguage, useTexts } = await load('i18n/text.js');
const { listedWords, reader, ruleWords } = await load('editor/sentence_words.js');
globalThis.document ??= { documentElement: { lang: 'en' }, querySelectorAll: () => [] };
globalThis.navigator ??= { language: 'en' };
await useTexts('edit');

const SUBJECT = reader(
  [
    { name: 'button', title: { en: 'Button' }, part: 'button', direction: 'input' },
    { name: 'red', title: 'Red LED', part: 'led', direction: 'output' },
    { name: 'fan', part: 'motor', direction: 'output' },
  ],
  [{ name: 'day', title: 'Day' }],
);
const listed = (rule) => listedWords(SUBJECT, { name: 'r', if: null, after_ms: 0, ...rule });

test('rule_of_a_config_is_a_sentence', () => {
  const rule = { when: { line: 'button', edge: 'rising' }, do: DO, after_ms: 1500 };
  assert.equal(ruleWords(SUBJECT, rule), 'When Button is pressed, toggle Red LED after 1.5 s.');
  assert.equal(ruleWords(SUBJECT, { ...rule, do: [DO, DO] }), null);
});

test('listed_rule_is_a_sentence_whatever_it_says', () => {
  assert.equal(
    listed({
      when: { line: ['button'], edge: 'held', held_ms: 3000 },
      do: [{ method: 'circuit.off' }],
    }),
    'When Button is held for 3 s, switch everything off.',
  );
  assert.equal(
    listed({
      when: { time: ['06:30', '18:00'], days: ['mon'] },
      if: { all: [{ line: 'fan', value: 1 }] },
      do: [
        DO,
        { method: 'line.pwm', line: 'fan', duty: 0.5 },
        { method: 'scene.apply', scene: 'day' },
      ],
    }),
    'At 06:30, 18:00 (Mon), toggle Red LED, set the PWM of fan, apply the scene Day only if its condition holds.',
  );
  assert.equal(
    listed({
      when: { line: ['red', 'fan'], edge: 'rising' },
      if: { line: 'fan', value: 0 },
      do: [DO],
    }),
    'When Red LED, fan goes on, toggle Red LED only if fan is off.',
  );
  assert.equal(
    listed({
      when: { line: ['button'], edge: 'rising' },
      do: [
        { method: 'line.set', line: 'red', value: 1, for_ms: 10000 },
        { method: 'line.blink', line: 'fan', on_ms: 200, off_ms: 300, count: 3 },
        { method: 'scene.stop', scene: 'day' },
      ],
    }),
    'When Button is pressed, switch on Red LED for 10 s, blink fan 0.2 s on, 0.3 s off 3 times, stop Day.',
  );
  assert.equal(
    listed({ when: { start: true }, do: [DO] }),
    'When the gateway starts, toggle Red LED.',
  );
});

test('rule_by_the_sun_tells_earlier_from_later', async () => {
  const by = (offset_min) => listed({ when: { sun: 'sunset', offset_min }, do: [DO] });
  assert.equal(by(0), 'At sunset, toggle Red LED.');
  assert.equal(by(-30), 'At sunset, 30 min earlier, toggle Red LED.');
  assert.equal(by(15), 'At sunset, 15 min later, toggle Red LED.');
});

test('korean_rules_are_read_as_they_are_said', async () => {
  await setLanguage('ko');
  assert.equal(
    listed({ when: { line: ['button'], edge: 'held', held_ms: 3000 }, do: [DO] }),
    'Button 3초간 계속 누르고 있을 때 Red LED 토글',
  );
  assert.equal(
    listed({
      when: { sun: 'sunset', offset_min: -30 },
      do: [{ method: 'scene.apply', scene: 'day' }],
    }),
    '일몰 30분 전에 Day 장면 적용',
  );
  assert.equal(
    listed({
      when: { sun: 'sunrise' },
      if: { line: 'fan', value: 0 },
      do: [{ method: 'line.pwm', line: 'red', duty: 1 }],
    }),
    '일출에 Red LED PWM 출력 (fan 상태가 꺼짐일 때만)',
  );
  await setLanguage('en');
});
