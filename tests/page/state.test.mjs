import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './page.mjs';

const { fromSnapshot, apply, groupsOf, position, lineOf, withLine, momentOf } =
  await load('state.js');

const red = {
  name: 'red',
  direction: 'output',
  value: 0,
  seq: 3,
  edges: 2,
  changed_at: '2026-11-22T10:00:00Z',
};
const start = () =>
  fromSnapshot(
    {
      boot: 'a',
      seq: 10,
      simulated: true,
      lines: [red, { name: 'button', direction: 'input', value: 1 }],
    },
    0,
  );
const event = (more) => ({
  boot: 'a',
  seq: 11,
  line: 'red',
  value: 1,
  time: '2026-11-22T10:00:01Z',
  cause: 'set',
  source: 'x',
  ...more,
});

/** Freezes all of it, so that a change in place throws. */
function frozen(circuit) {
  for (const line of circuit.lines) Object.freeze(line);
  Object.freeze(circuit.lines);
  return Object.freeze(circuit);
}

test('apply_changes_value_time_and_edges_of_its_line_alone', () => {
  const before = frozen(start());
  const { circuit, outcome } = apply(before, event());
  assert.equal(outcome, 'applied');
  const line = lineOf(circuit, 'red');
  assert.deepEqual(
    [line.value, line.seq, line.edges, line.changed_at, line.source],
    [1, 11, 3, '2026-11-22T10:00:01Z', 'x'],
  );
  assert.equal(circuit.seq, 11);
  assert.equal(lineOf(circuit, 'button'), lineOf(before, 'button'));
});

test('apply_takes_what_a_counter_tells', () => {
  const { circuit } = apply(start(), event({ count: 3, total: 1.35, unit: 'L', rate: 0.9 }));
  const { count, total, unit, rate } = lineOf(circuit, 'red');
  assert.deepEqual([count, total, unit, rate], [3, 1.35, 'L', 0.9]);
});

test('apply_leaves_the_circuit_it_was_given', () => {
  const before = frozen(start());
  apply(before, event());
  assert.equal(lineOf(before, 'red').value, 0);
  assert.equal(before.seq, 10);
});

test('event_shown_before_is_not_applied_twice', () => {
  const { circuit } = apply(start(), event());
  const again = apply(circuit, event({ value: 0 }));
  assert.equal(again.outcome, 'known');
  assert.equal(again.circuit, circuit);
});

test('event_after_a_hole_is_applied_and_the_hole_is_told', () => {
  const { circuit, outcome } = apply(start(), event({ seq: 14 }));
  assert.equal(outcome, 'gap');
  assert.equal(lineOf(circuit, 'red').value, 1);
});

test('event_of_another_run_is_not_applied', () => {
  const before = start();
  const { circuit, outcome } = apply(before, event({ boot: 'b' }));
  assert.equal(outcome, 'foreign');
  assert.equal(circuit, before);
});

test('event_of_an_unknown_line_only_moves_the_position', () => {
  const { circuit, outcome } = apply(start(), event({ line: 'new' }));
  assert.equal(outcome, 'applied');
  assert.equal(position(circuit), 'a-11');
});

test('what_an_event_carries_is_taken_and_null_takes_it_away', () => {
  const action = { kind: 'blink', on_ms: 200, off_ms: 300 };
  let { circuit } = apply(start(), event({ cause: 'blink', action, lock: { reason: 'lunch' } }));
  assert.deepEqual(lineOf(circuit, 'red').action, action);
  ({ circuit } = apply(circuit, event({ seq: 12, cause: 'blink', value: 0 })));
  assert.deepEqual(lineOf(circuit, 'red').action, action, 'not told is not changed');
  ({ circuit } = apply(circuit, event({ seq: 13, cause: 'blink', action: null, lock: null })));
  assert.equal('action' in lineOf(circuit, 'red'), false);
  assert.equal('lock' in lineOf(circuit, 'red'), false);
});

test('plain_command_ends_what_was_running', () => {
  let { circuit } = apply(start(), event({ cause: 'pwm', pwm: { duty: 0.5, hz: 100 } }));
  assert.ok(lineOf(circuit, 'red').pwm);
  ({ circuit } = apply(circuit, event({ seq: 12, cause: 'set', value: 0 })));
  assert.equal(lineOf(circuit, 'red').pwm, undefined);
});

test('line_read_by_itself_replaces_what_is_known_unless_it_is_older', () => {
  const { circuit } = apply(start(), event({ value: 1, lease: { ms: 1000, ends_at: 'x' } }));
  const line = lineOf(circuit, 'red');
  const renewed = { ...line, lease: { ms: 1000, ends_at: 'y' } };
  assert.equal(lineOf(withLine(circuit, renewed), 'red').lease.ends_at, 'y');
  assert.equal(lineOf(circuit, 'red').lease.ends_at, 'x', 'the circuit given is left as it was');
  assert.equal(withLine(circuit, { ...renewed, seq: line.seq - 1 }), circuit);
  assert.equal(withLine(circuit, { ...renewed, name: 'nobody' }), circuit);
});

test('event_without_a_new_value_is_no_edge', () => {
  const { circuit } = apply(start(), event({ value: 0, lease: { ms: 1000, ends_at: 'x' } }));
  const line = lineOf(circuit, 'red');
  assert.deepEqual([line.edges, line.changed_at], [2, red.changed_at]);
});

test('snapshot_without_its_optional_parts_is_good', () => {
  const circuit = fromSnapshot({ boot: 'a', seq: 0, backend: 'simulator' }, 5);
  assert.deepEqual(
    [circuit.lines, circuit.scenes, circuit.simulated, circuit.role],
    [[], [], true, 'operator'],
  );
});

test('clock_offset_is_the_gateways_clock_minus_ours', () => {
  assert.equal(fromSnapshot({ time: '1970-01-01T00:00:10Z', lines: [] }, 4000).clockOffsetMs, 6000);
});

test('moment_keeps_what_is_finer_than_a_millisecond', () => {
  assert.ok(Math.abs(momentOf({ time_ns: 1795366957622770190 }) - 1795366957622.77) < 0.001);
  assert.equal(momentOf({ time: '1970-01-01T00:00:01.500Z' }), 1500);
});

test('role_is_the_one_that_the_gateway_gave_and_an_older_gateway_gave_operators', () => {
  const roleOf = (role) => fromSnapshot({ boot: 'b', seq: 1, lines: [], role }, 0).role;
  assert.deepEqual(['viewer', 'operator', 'admin', undefined].map(roleOf), [
    'viewer',
    'operator',
    'admin',
    'operator',
  ]);
});

test('lines_of_one_group_stand_together_and_those_of_none_come_first', () => {
  const names = (circuit) => circuit.lines.map(({ name }) => name).join('');
  const lines = [
    { name: 'a', group: 'Kitchen' },
    { name: 'b', group: '온실' },
    { name: 'c' },
    { name: 'd', group: 'Kitchen' },
    { name: 'e', group: '' },
  ];
  const circuit = fromSnapshot({ boot: 'a', seq: 1, lines }, 0);
  assert.equal(names(circuit), 'ceadb');
  assert.equal(lineOf(circuit, 'd').group, 'Kitchen');
  assert.deepEqual(
    groupsOf(circuit.lines).map(([group, own]) => [group, own.length]),
    [
      ['', 2],
      ['Kitchen', 2],
      ['온실', 1],
    ],
  );
});
