import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { load } from './page.mjs';

const { STEPS, ANSWERS } = await load('lesson/steps.js');
const { explained } = await load('lesson/prototypes.js');
const { byHand, asC } = await load('lesson/by_hand.js');
const en = (await load('i18n/en/lesson.js')).default;

const place = { base: 'http://pi:8080/', host: 'pi', textPort: 7070, token: true };

test('each_step_has_its_words', () => {
  for (const { id, chapter, right } of STEPS) {
    assert.ok(chapter >= 1 && chapter <= 5 && ANSWERS.includes(right), id);
    for (const part of ['title', 'text', 'ask', 'after', ...ANSWERS])
      assert.ok(en[`lesson.${id}.${part}`], `${id}.${part}`);
  }
});

test('steps_follow_the_lectures_chapters', () => {
  const chapters = STEPS.map(({ chapter }) => chapter);
  assert.deepEqual(chapters, [...chapters].sort());
});

test('call_is_told_argument_by_argument', () => {
  const made = explained({
    name: 'socket',
    text: 'socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0) = 7',
  });
  assert.deepEqual(made.values, [
    ['domain', 'AF_UNIX = PF_LOCAL'],
    ['type', 'SOCK_STREAM|SOCK_CLOEXEC'],
    ['protocol', '0'],
  ]);
  assert.equal(made.returned, '7');
  const refused = explained({ name: 'bind', text: 'bind(8, 127.0.0.1:80) = EADDRINUSE' });
  assert.deepEqual(refused.values, [
    ['fd', '8'],
    ['address.own', '127.0.0.1:80'],
  ]);
  assert.equal(refused.returned, 'EADDRINUSE');
  assert.equal(explained({ name: 'handed', text: 'handed to http' }), null);
});

test('outcome_of_an_empty_run_does_not_throw', () => {
  const run = { step: '', port: 0, sockets: [], calls: [] };
  for (const { outcome } of STEPS) outcome(run);
});

test('each_step_has_a_way_by_hand', () => {
  for (const { id } of STEPS) {
    const ways = byHand(id, place, 'red');
    assert.ok(ways.length >= 1, id);
    for (const [, text] of ways) assert.doesNotMatch(text, /undefined|\{line\}/);
  }
});

test('host_in_brackets_is_written_as_each_tool_wants_it', () => {
  const [[, nc], [, client]] = byHand('circuit', { ...place, host: '[::1]' }, 'red');
  assert.match(nc, /nc -v ::1 7070$/);
  assert.match(client, /tcp:\[::1\]:7070/);
});

test('every_c_program_compiles_without_a_warning', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lesson-c-'));
  try {
    const sources = STEPS.map(({ id }) => [id, asC(id)]).filter(([, source]) => source);
    assert.ok(sources.length >= 13);
    for (const [id, source] of sources) {
      const file = join(folder, `${id}.c`);
      writeFileSync(file, source);
      execFileSync('cc', [
        '-std=c17',
        '-D_GNU_SOURCE',
        '-Wall',
        '-Wextra',
        '-Werror',
        '-fsyntax-only',
        file,
      ]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
