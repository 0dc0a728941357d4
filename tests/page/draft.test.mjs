import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { load } from './page.mjs';

const { parse, print, valueOf, JsonSyntaxError } = await load('editor/json_tree.js');
const { Draft, nameFrom } = await load('editor/draft.js');

const FILE = `{
  "//": "what is wired", "//": ["twice,", "and kept"],
  "circuit": {
    "name": "bench",
    "lines": [
      {
        "// pin 11": "the red one",
        "name": "red", "gpio": "GPIO17", "direction": "output", "max_on_ms": 1e3
      },
      { "name": "fan",  "gpio": "GPIO12", "direction": "output" },
      { "name": "button", "gpio": "GPIO5", "direction": "input" }
    ],
    "interlocks": [{"lines": ["red", "fan"]}],
    "scenes": [{"name": "night", "set": {"red": 1, "fan": 0}}, {"name": "fan", "set": {"fan": 1}}],
    "rules": [
      {"when": {"line": "button", "edge": "rising"}, "do": {"method": "line.toggle", "line": "red"}},
      {"when": {"line": ["button", "red"], "edge": "falling"}, "do": {"method": "lines.set", "lines": {"fan": 1}}}
    ]
  },
  "from_a_newer_gateway": {"x": 1.50}
}
`;
const draft = () => new Draft(FILE, '"1"');
/** Lines of the text that differ from the file's. */
const changed = (one) => {
  const before = FILE.split('\n');
  return one.text.split('\n').filter((line) => !before.includes(line));
};

test('text_that_nobody_changed_is_printed_as_it_was', () => {
  assert.equal(draft().text, FILE);
  const config = readFileSync(new URL('../../config/gateway.json', import.meta.url), 'utf8');
  assert.equal(new Draft(config, '').text, config);
  for (const text of ['[]', ' {} ', '[1,  2 ]', '{"a":[{"b" : null}]}', '-1.5e+3', '"\\u00e9"']) {
    assert.equal(print(parse(text).root), text.trim());
    assert.deepEqual(valueOf(parse(text).root), JSON.parse(text));
  }
});

test('wrong_json_names_line_and_column', () => {
  const wrong = [
    ['', 1, 1],
    ['{"a":1,}', 1, 8],
    ['{\n "a" 1}', 2, 6],
    ['[1 2]', 1, 4],
    ['{} x', 1, 4],
    ['01', 1, 1],
    ['"\\x"', 1, 1],
    ['[1', 1, 3],
  ];
  for (const [text, line, column] of wrong) {
    assert.throws(
      () => parse(text),
      (error) => error instanceof JsonSyntaxError && error.line === line && error.column === column,
      text,
    );
  }
});

test('one_key_changes_one_line_and_comments_stay', () => {
  const one = draft();
  one.changeLine(0, { gpio: 'GPIO27' });
  assert.deepEqual(changed(one), [
    '        "name": "red", "gpio": "GPIO27", "direction": "output", "max_on_ms": 1e3',
  ]);
  one.changeLine(0, { gpio: 'GPIO17' });
  assert.equal(one.text, FILE);
  assert.equal(one.isChanged, false);
});

test('key_with_the_same_value_keeps_its_form', () => {
  const one = draft();
  one.changeLine(0, { max_on_ms: 1000, color: undefined });
  assert.equal(one.text, FILE);
});

test('new_line_stands_on_a_line_of_its_own_behind_the_last', () => {
  const one = draft();
  one.addLine({ name: 'door', gpio: 'GPIO16', direction: 'input' });
  assert.ok(
    one.text.includes(
      '"input" },\n      {"name": "door", "gpio": "GPIO16", "direction": "input"}\n    ],',
    ),
  );
  assert.equal(one.lines.length, 4);
  one.discard();
  assert.equal(one.text, FILE);
});

test('circuit_without_lines_gets_its_first', () => {
  for (const text of ['{}', '{"circuit": {}}', '{"circuit": {"lines": []}}']) {
    const one = new Draft(text, '');
    one.addLine({ name: 'red' });
    one.addLine({ name: 'blue' });
    assert.deepEqual(JSON.parse(one.text), {
      circuit: { lines: [{ name: 'red' }, { name: 'blue' }] },
    });
    assert.ok(one.text.includes('{"name": "red"}, {"name": "blue"}'), one.text);
  }
});

test('renamed_line_is_renamed_wherever_it_stands_and_a_scene_of_that_name_is_not', () => {
  const one = draft();
  one.changeLine(1, { name: 'vent' });
  const { circuit } = JSON.parse(one.text);
  assert.deepEqual(circuit.interlocks[0].lines, ['red', 'vent']);
  assert.deepEqual(circuit.scenes[0].set, { red: 1, vent: 0 });
  assert.equal(circuit.scenes[1].name, 'fan');
  assert.deepEqual(circuit.rules[1].do.lines, { vent: 1 });
  one.changeLine(0, { name: 'rot' });
  assert.deepEqual(one.circuit.rules[1].when.line, ['button', 'rot']);
});

test('moved_line_takes_its_comments_along', () => {
  const one = draft();
  one.moveLine(0, 2);
  assert.deepEqual(
    one.lines.map(({ name }) => name),
    ['fan', 'button', 'red'],
  );
  assert.ok(one.text.includes('"// pin 11": "the red one"'));
  one.moveLine(2, 0);
  assert.equal(one.text, FILE);
  one.moveLine(0, -1);
  one.moveLine(2, 3);
  assert.equal(one.text, FILE);
});

test('removed_line_leaves_nothing_that_speaks_of_it', () => {
  const one = draft();
  one.removeLine(0);
  assert.doesNotMatch(one.text, /"red"/);
  const { circuit } = JSON.parse(one.text);
  assert.equal(circuit.interlocks, undefined, 'one line alone is no interlock');
  assert.deepEqual(circuit.scenes[0].set, { fan: 0 });
  assert.equal(circuit.rules, undefined);
  one.removeAllLines();
  assert.deepEqual(one.circuit, { name: 'bench', lines: [] });
  assert.match(one.text, /"from_a_newer_gateway": \{"x": 1.50\}/);
});

test('rule_is_changed_in_place_and_added_behind_the_last', () => {
  const one = draft();
  one.put('rules', 0, { ...one.group('rules')[0], do: { method: 'line.toggle', line: 'fan' } });
  assert.equal(changed(one).length, 1);
  one.put('rules', 2, { when: { start: true }, do: { method: 'circuit.off' } });
  assert.equal(one.group('rules').length, 3);
  one.removeFrom('rules', 2);
  one.removeFrom('rules', 1);
  one.removeFrom('rules', 0);
  assert.equal(one.circuit.rules, undefined);
});

test('typed_text_replaces_all_or_nothing', () => {
  const one = draft();
  assert.throws(() => one.replaceText('{'), JsonSyntaxError);
  assert.equal(one.text, FILE);
  one.replaceText('{"circuit": {"lines": []}}');
  assert.equal(one.isChanged, true);
  one.applied(one.text, '"2"');
  assert.equal(one.isChanged, false);
});

test('names_for_programs_come_from_titles', () => {
  assert.equal(nameFrom('Red LED', 'led'), 'red-led');
  assert.equal(nameFrom('빨간 등', 'led'), 'led');
  assert.equal(nameFrom('  Tür 2! ', 'door'), 'tur-2');
  assert.equal(draft().freeName('red'), 'red2');
  assert.equal(draft().freeName('red3'), 'red3');
});
