import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { WWW, files, load, text } from './page.mjs';

const LINES_MOST = 450;
const texts = async (language) => {
  const parts = files().filter((path) => path.startsWith(`i18n/${language}/`));
  const modules = await Promise.all(parts.map(load));
  const all = modules.flatMap((one) => Object.entries(one.default));
  assert.equal(new Set(all.map(([key]) => key)).size, all.length, 'each text stands once');
  return Object.fromEntries(all);
};
const { LANGUAGES } = await load('i18n/languages.js');
const languages = await Promise.all(LANGUAGES.map(({ code }) => texts(code)));
const [en] = languages;
const ko = languages[LANGUAGES.findIndex((language) => language.code === 'ko')];
const code = files().filter((path) => /\.(js|html)$/.test(path) && !/^i18n\/.+\//.test(path));
const source = code.map(text).join('\n');

test('every_language_has_the_same_keys', () => {
  for (const own of languages) assert.deepEqual(Object.keys(own).sort(), Object.keys(en).sort());
});

test('every_language_leaves_the_same_places_for_values', () => {
  const places = (words) => (words.match(/\{\w+\}/g) ?? []).sort();
  for (const own of languages) {
    for (const key of Object.keys(en)) assert.deepEqual(places(own[key]), places(en[key]), key);
  }
});

test('every_korean_text_is_korean', () => {
  const same =
    /^(act\.pwm|part\.led|edit\.(high|low)|cause\.pwm|do\.is|edit\.sentence|when\.line\.is|time\.(delta|rate)|note\.(pwm|signal)|said\.line|state\.(high|low)|fact\.low\.yes)$/;
  for (const key of Object.keys(ko)) if (!same.test(key)) assert.match(ko[key], /[가-힣]/, key);
});

test('korean_speaks_in_one_formal_register', () => {
  // Endings of the informal register, and of the plain one.
  for (const key of Object.keys(ko))
    assert.doesNotMatch(ko[key], /(세요|나요|어요|아요|예요|까요|한다|된다)[.?!…]?/, key);
});

// What else is said for it, and the one term that the lecture, the page and the documents use.
const TERMS = {
  '거절': '거부',
  '까닭': '이유',
  '낱말': '명령, 값',
  ' 그라운드': '접지(GND)',
  '임대': '유지 시간(lease)',
  '듣는 소켓': '서버 소켓',
  '대기 소켓': '서버 소켓',
  '리스닝 소켓': '서버 소켓',
  '같은 컴퓨터의 프로세스': '같은 시스템의 프로세스',
  '되풀이': '반복',
  '깜박': '깜빡',
  '계수기': '카운터',
  '관람': '보기 전용',
  '수강생': '학생',
  '조작 권한': '운영자 권한',
  '넌블로킹': '논블로킹',
  '돌려줍니다': '반환합니다',
};

test('korean_has_one_term_for_one_thing', () => {
  const documents = ['README.ko.md', 'docs/sockets.ko.md', 'docs/circuit.ko.md', 'www/ca/ko.html'];
  const all = { ...ko };
  for (const path of documents) all[path] = readFileSync(join(WWW, '..', path), 'utf8');
  for (const [where, words] of Object.entries(all))
    for (const [other, term] of Object.entries(TERMS))
      assert.ok(!words.includes(other), `${where}: “${other}” is “${term}”`);
});

test('korean_particles_fit_whatever_stands_before_them', () => {
  const only = /\}[”"']*((이|가|은|는|을|를|과|와|으로|로)(?=[\s,.:]|$)|였|이었)/;
  for (const key of Object.keys(ko)) assert.doesNotMatch(ko[key], only, key);
});

test('times_are_written_in_the_language_of_the_page', () => {
  assert.doesNotMatch(source, /toLocale\w*String\(\)/, 'the browser may speak another');
});

test('every_text_that_the_page_asks_for_exists', () => {
  const asked = [
    ...source.matchAll(/\bt\(\s*'([\w.-]+)'/g),
    ...source.matchAll(/data-t(?:-label)?="([\w.-]+)"/g),
  ].map(([, key]) => key);
  assert.ok(asked.length > 60);
  for (const key of asked) assert.ok(key in en, key);
});

/** Every code that a refusal of the gateway may carry, as its own table says. */
function problemCodes() {
  const table = readFileSync(join(WWW, '../gateway/protocol/problem.c'), 'utf8');
  const codes = [...table.matchAll(/^ *\[PROBLEM_\w+\] = \{\s*"([\w-]+)"/gm)].map(
    ([, code]) => code,
  );
  return new Set(codes.filter((code) => code !== 'none'));
}

test('every_code_of_the_gateway_has_a_text_in_each_language', () => {
  const codes = problemCodes();
  assert.ok(codes.size > 12);
  for (const code of codes) {
    for (const language of languages) assert.ok(`error.${code}` in language, code);
  }
});

// Sentences that the gateway names by a key, as "probe.inet.stream".
const named = ['lab/socket_probe.c', 'protocol/segment_encode.c'].flatMap((path) => {
  const source = readFileSync(join(WWW, '../gateway', path), 'utf8');
  return [...source.matchAll(/"((?:probe|capture)\.[\w.]+)"/g)].map(([, key]) => key);
});

test('every_key_that_the_gateway_names_has_a_text', () => {
  assert.ok(named.length > 20);
  for (const key of named) assert.ok(key in en, key);
});

/** The name of every command that has a word in the console, as the gateway's own table says. */
function commandsWithWord() {
  const table = readFileSync(join(WWW, '../gateway/circuit/verbs.c'), 'utf8');
  const rows = table
    .slice(table.indexOf('verbs[] ='))
    .split(/^ {4}\{(?=")/m)
    .slice(1);
  return rows
    .filter((row) => /\.word = "/.test(row))
    .map((row) => row.slice(1, row.indexOf('"', 1)));
}

test('every_command_of_the_console_has_a_text_in_each_language', () => {
  const commands = commandsWithWord();
  assert.ok(commands.length > 15, `${commands.length} commands`);
  for (const name of commands) {
    for (const language of languages) assert.ok(`command.${name}` in language, name);
  }
});

test('no_text_is_left_that_nothing_asks_for', () => {
  // Families whose last part is made at run time.
  const family =
    /^(bias|arg|call|cause|change|class|color|command|console|do|drive|edge|edit|error|lesson|note|part|programs|role|rule|sockets|sun|syntax|tcp|time|when|wire)\./;
  for (const key of Object.keys(en)) {
    assert.ok(
      named.includes(key) ||
        family.test(key) ||
        source.includes(`'${key}'`) ||
        source.includes(`"${key}"`),
      key,
    );
  }
});

/** A module and all that it imports at once. */
function importedBy(path, seen = new Set()) {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const [, from] of text(path).matchAll(/^import [^;]*?from '(\.[^']+)'/gm)) {
    importedBy(join(path, '..', from), seen);
  }
  return seen;
}

test('no_module_is_longer_than_is_read_in_one_sitting', () => {
  for (const path of files().filter((one) => /\.(js|css|html)$/.test(one))) {
    assert.ok(text(path).split('\n').length <= LINES_MOST + 1, path);
  }
});

test('markup_never_comes_from_strings', () => {
  assert.doesNotMatch(
    source,
    /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new Function/,
  );
});

test('markup_has_no_inline_script_style_or_handler', () => {
  const html = text('index.html');
  assert.doesNotMatch(html, /<style|\sstyle=|\son\w+=|javascript:/i);
  for (const [tag, body] of [...html.matchAll(/<script[^>]*>([^<]*)<\/script>/g)].map(
    ([tag, body]) => [tag, body],
  )) {
    assert.match(tag, /\ssrc=/);
    assert.equal(body, '');
  }
});

test('nothing_comes_from_elsewhere', () => {
  for (const path of files().filter((one) => /\.(js|css|html|webmanifest)$/.test(one))) {
    const outside = text(path).match(/(?:https?:)?\/\/[a-z0-9.-]+\.[a-z]{2,}/gi) ?? [];
    assert.deepEqual(
      outside.filter((url) => url !== 'http://www.w3.org'),
      [],
      path,
    );
  }
});

test('no_secret_goes_where_scripts_can_read_it', () => {
  assert.doesNotMatch(source, /document\.cookie|sessionStorage|indexedDB/);
  assert.doesNotMatch(text('views/login.js'), /localStorage|choose\(/);
});

test('every_file_that_the_page_names_is_there', () => {
  const here = new Set(files());
  const html = text('index.html');
  const named = [...html.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, path]) => path);
  const manifest = JSON.parse(text('manifest.webmanifest'));
  named.push(...manifest.icons.map(({ src }) => src));
  for (const path of code) {
    for (const [, from] of text(path).matchAll(/(?:from|import\()\s*'(\.[^']+)'/g))
      named.push(join(path, '..', from));
    for (const [, css] of text(path).matchAll(/useStyle\('([\w/.-]+\.css)'/g)) named.push(css);
  }
  assert.ok(named.length > 60);
  for (const path of named) assert.ok(here.has(path), path);
});

test('every_module_that_the_first_paint_needs_is_preloaded', () => {
  const preloaded = new Set(
    [...text('index.html').matchAll(/modulepreload" href="([^"]+)"/g)].map(([, path]) => path),
  );
  assert.deepEqual(
    [...importedBy('main.js')].filter((path) => !preloaded.has(path)),
    [],
  );
});

test('every_icon_has_the_size_that_the_manifest_says', () => {
  for (const { src, sizes } of JSON.parse(text('manifest.webmanifest')).icons) {
    if (!src.endsWith('.png')) continue;
    const bytes = readFileSync(join(WWW, src));
    assert.equal(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`, sizes, src);
  }
});
