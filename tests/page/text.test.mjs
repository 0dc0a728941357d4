import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './page.mjs';

const { number, span, t, useTexts, withParticles } = await load('i18n/text.js');

test('short_whole_numbers_are_written_as_the_languages_of_the_page_write_them', () => {
  for (const language of ['en', 'ko']) {
    for (const value of [-999, -1, 0, 7, 59, 250, 999])
      assert.equal(number(value), value.toLocaleString(language));
  }
});

test('other_numbers_keep_their_marks', () => {
  assert.equal(number(1000), '1,000');
  assert.equal(number(2.345, 1), '2.3');
  assert.equal(span(1.5), '1.5 ms');
});

test('korean_particle_follows_the_end_of_the_word_before_it', () => {
  const chosen = {
    '버튼이(가)': '버튼이',
    '릴레이이(가)': '릴레이가',
    '빨간 LED을(를)': '빨간 LED를',
    '“toggl”은(는)': '“toggl”은',
    '3을(를)': '3을',
    '2을(를)': '2를',
  };
  for (const [text, expected] of Object.entries(chosen))
    assert.equal(withParticles(text), expected);
});

test('whoever_asks_for_texts_waits_until_they_are_there', async () => {
  const before = useTexts('lesson');
  const first = useTexts('later');
  await useTexts('later');
  assert.notEqual(t('share.none'), 'share.none');
  await Promise.all([before, first]);
  assert.notEqual(t('share.none'), 'share.none');
});
