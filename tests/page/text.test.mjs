import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { files, load, text } from './page.mjs';

const { number, span, t, useTexts } = await load('i18n/text.js');
const { LANGUAGES, languageOf, withParticles } = await load('i18n/languages.js');

test('every_language_is_a_folder_with_the_parts_of_english', () => {
  const folders = new Map();
  for (const path of files()) {
    const [, folder, part] = /^i18n\/([^/]+)\/(.+)$/.exec(path) ?? [];
    if (folder) folders.set(folder, [...(folders.get(folder) ?? []), part].sort());
  }
  assert.deepEqual([...folders.keys()].sort(), LANGUAGES.map(({ code }) => code).sort());
  for (const [folder, parts] of folders) assert.deepEqual(parts, folders.get('en'), folder);
});

test('browser_gets_its_own_language_or_english', () => {
  const own = (language) => {
    Object.defineProperty(globalThis, 'navigator', { value: { language }, configurable: true });
    return languageOf('auto').code;
  };
  for (const { code } of LANGUAGES) assert.equal(own(`${code.toUpperCase()}-XX`), code);
  assert.equal(own('kok-IN'), 'en');
  assert.equal(languageOf('ko').code, 'ko');
  assert.equal(languageOf('gone').code, 'en');
});

test('the_script_of_the_head_chooses_the_language_that_the_page_will', () => {
  for (const language of [...LANGUAGES.map(({ code }) => `${code}-XX`), 'kok-IN', 'xx']) {
    const documentElement = { dataset: {}, lang: '' };
    runInNewContext(text('boot.js'), {
      document: { documentElement, baseURI: 'http://localhost/' },
      localStorage: { getItem: () => null },
      navigator: { language },
      URL,
      WebSocket: class {},
      window: {},
    });
    Object.defineProperty(globalThis, 'navigator', { value: { language }, configurable: true });
    assert.equal(documentElement.lang, languageOf('auto').code, language);
  }
});

test('short_whole_numbers_are_written_as_the_languages_of_the_page_write_them', () => {
  for (const { code, plainNumbers } of LANGUAGES) {
    if (!plainNumbers) continue;
    for (const value of [-999, -1, 0, 7, 59, 250, 999])
      assert.equal(number(value), value.toLocaleString(code));
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
    '모터이(가)': '모터가',
    'motor은(는)': 'motor는',
    'LCR은(는)': 'LCR은',
    'ping을(를)': 'ping을',
    '“GPIO17”(으)로': '“GPIO17”로',
    'GPIO16(으)로': 'GPIO16으로',
    'GPIO22(으)로': 'GPIO22로',
    '거실(으)로': '거실로',
    '부엌(으)로': '부엌으로',
    '2층 방(으)로': '2층 방으로',
  };
  for (const [given, expected] of Object.entries(chosen))
    assert.equal(withParticles(given), expected);
});

test('korean_line_does_not_begin_with_the_particle_of_a_call', () => {
  const { finish } = LANGUAGES.find(({ code }) => code === 'ko');
  assert.equal(finish('두 번째 send()는 …'), '두 번째 send()\u2060는 …');
  assert.equal(finish('“{a}”와(과) 4.18(2018)에서'), '“{a}”\u2060와(과) 4.18(2018)\u2060에서');
  assert.equal(finish('버튼(2번) 켜짐'), '버튼(2번) 켜짐');
});

test('whoever_asks_for_texts_waits_until_they_are_there', async () => {
  const before = useTexts('lesson');
  const first = useTexts('later');
  await useTexts('later');
  assert.notEqual(t('share.none'), 'share.none');
  await Promise.all([before, first]);
  assert.notEqual(t('share.none'), 'share.none');
});
