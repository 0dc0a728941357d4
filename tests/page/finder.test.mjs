import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './page.mjs';

const { matches } = await load('views/finder.js');

const lamp = {
  name: 'lamp',
  title: { en: 'Ceiling lamp', ko: '천장 전등' },
  group: 'Küche',
  gpio: { name: 'GPIO17', offset: 17 },
};

test('line_is_found_by_title_in_any_language_name_room_and_number', () => {
  for (const typed of ['CEIL', '전등', 'lam', 'küche', 'KÜCHE', '17', 'gpio17', ' GPIO17 '])
    assert.ok(matches(lamp, typed), typed);
  // Hangul in its letters, as some systems type it.
  assert.ok(matches(lamp, '전등'.normalize('NFD')));
});

test('number_is_whole_or_no_number', () => {
  for (const typed of ['1', '7', '171', 'gpio1', 'floor']) assert.ok(!matches(lamp, typed), typed);
  assert.ok(matches({ ...lamp, title: 'Lamp 7' }, '7'), 'but a title may have it in its words');
});

test('line_of_another_chip_is_found_by_its_own_name', () => {
  assert.ok(matches({ name: 'x', gpio: { name: 'PA7', label: 'expander', offset: 7 } }, 'pa7'));
  assert.ok(!matches({ name: 'x', gpio: { label: 'expander', offset: 7 } }, '7'));
  assert.ok(matches({ name: 'x' }, 'X'));
});
