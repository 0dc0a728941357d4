import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './page.mjs';

const { Trace, Recorder } = await load('trace.js');
const { HistoryPages, PAGE_EVENTS } = await load('history_pages.js');
const { tickOf } = await load('views/waveform.js');

function square(count, most) {
  const trace = new Trace(most);
  for (let i = 0; i < count; i++) trace.push(i * 10, (i + 1) % 2);
  return trace;
}

test('trace_forgets_its_oldest_edges_and_never_grows_beyond_its_most', () => {
  const trace = square(1000, 64);
  assert.ok(trace.length <= 64 && trace.length >= 48);
  assert.equal(trace.times.length, 64);
  assert.equal(trace.times[trace.length - 1], 9990);
  assert.equal(trace.seen, 1000);
});

test('trace_keeps_all_edges_while_it_grows', () => {
  const trace = square(1000, 4096);
  assert.equal(trace.length, 1000);
  assert.deepEqual([trace.times[0], trace.times[999]], [0, 9990]);
});

test('repeated_value_is_no_edge', () => {
  const trace = new Trace();
  trace.push(1, 1);
  trace.push(2, 1);
  assert.equal(trace.length, 1);
});

test('value_at_a_moment_is_that_of_the_edge_before_it', () => {
  const trace = square(4);
  assert.equal(trace.at(-1), null);
  assert.deepEqual([trace.at(0), trace.at(5), trace.at(10), trace.at(99)], [1, 1, 0, 0]);
});

test('pulse_at_a_moment_has_both_its_ends', () => {
  const trace = square(4);
  assert.deepEqual(trace.pulseAt(15), { value: 0, from: 10, until: 20 });
  assert.deepEqual(trace.pulseAt(35), { value: 0, from: 30, until: null });
  assert.equal(trace.pulseAt(-5), null);
});

test('measure_counts_edges_rate_and_duty_over_whole_periods', () => {
  const trace = new Trace();
  trace.push(-100, 0);
  for (let i = 0; i < 10; i++) {
    trace.push(i * 20, 1);
    trace.push(i * 20 + 5, 0);
  }
  const { edges, hz, duty } = trace.measure(0, 200);
  assert.equal(edges, 20);
  assert.ok(Math.abs(hz - 50) < 0.01);
  assert.ok(Math.abs(duty - 0.25) < 0.001);
  assert.deepEqual(trace.measure(300, 400), { edges: 0, hz: null, duty: null });
});

const event = (seq, more) => ({
  boot: 'a',
  seq,
  line: 'red',
  value: seq % 2,
  time: new Date(seq * 1000).toISOString(),
  ...more,
});

test('recorder_marks_a_gap_where_events_were_lost', () => {
  const recorder = new Recorder();
  for (const seq of [1, 2, 3, 7, 8]) recorder.take(event(seq));
  assert.deepEqual(recorder.gaps, [{ from: 3000, to: 7000 }]);
});

test('recorder_marks_a_gap_at_a_new_run_of_the_gateway', () => {
  const recorder = new Recorder();
  recorder.take(event(5));
  recorder.take(event(6, { boot: 'b' }));
  assert.equal(recorder.gaps.length, 1);
});

test('recorder_takes_no_event_twice', () => {
  const recorder = new Recorder();
  for (const seq of [1, 2, 3, 2, 3, 4]) recorder.take(event(seq));
  assert.equal(recorder.trace('red').length, 4);
  assert.equal(recorder.gaps.length, 0);
});

test('ruler_ticks_are_round_and_far_enough_apart_to_be_read', () => {
  for (const msPerPx of [0.0007, 0.03, 1, 20, 333, 86400]) {
    const tick = tickOf(msPerPx);
    assert.ok(tick / msPerPx >= 90 && tick / msPerPx <= 250);
    assert.match(tick.toExponential(), /^[125](\.0*)?e/);
  }
});

test('level_that_is_known_first_is_no_edge', () => {
  const trace = new Trace();
  trace.push(0, 0);
  assert.equal(trace.measure(-1, 100).edges, 0);
  trace.push(50, 1);
  assert.equal(trace.measure(-1, 100).edges, 1);
});

test('recorder_marks_where_the_kernel_dropped_edges', () => {
  const recorder = new Recorder();
  recorder.take(event(1));
  recorder.take(event(2, { lost: 3 }));
  assert.deepEqual(recorder.gaps, [{ from: 2000, to: 2000 }]);
});

/** A gateway's journal of events 1 to `last`, of which it still holds those from `first` on. */
function journal(first, last) {
  const event = (seq) => ({ boot: 'b', seq, line: 'red', value: seq % 2, time_ns: seq * 1e6 });
  const asked = [];
  const answer = (from, to) => {
    const start = Math.max(first, from);
    return Array.from({ length: Math.max(0, to - start + 1) }, (_, n) => event(start + n));
  };
  const ask = async (query) => {
    asked.push(query);
    const [, since, limit] = /since=b-(\d+)&limit=(\d+)/.exec(query);
    return { events: answer(Number(since) + 1, Number(since) + Number(limit)) };
  };
  return { ask, asked, newest: answer(last - PAGE_EVENTS + 1, last) };
}

test('history_is_paged_back_to_the_first_event', async () => {
  const recorder = new Recorder(50000);
  const { ask, asked, newest } = journal(1, 10000);
  for (const event of newest) recorder.take(event);
  const pages = new HistoryPages(recorder, ask);
  const outcomes = [];
  while (pages.more) outcomes.push(await pages.loadOlder());
  assert.deepEqual(outcomes, ['more', 'whole']);
  assert.equal(asked.length, 2);
  assert.equal(recorder.first, 1);
  assert.equal(recorder.trace('red').length, 10000);
  assert.equal(recorder.trace('red').seen, 10000);
  assert.deepEqual(recorder.gaps, []);
});

test('history_that_the_gateway_forgot_is_said_to_be_forgotten', async () => {
  const recorder = new Recorder(50000);
  const { ask, newest } = journal(5000, 10000);
  for (const event of newest) recorder.take(event);
  const pages = new HistoryPages(recorder, ask);
  assert.equal(await pages.loadOlder(), 'forgotten');
  assert.equal(recorder.first, 5000);
  assert.equal(pages.more, false);
});

test('older_edges_stay_in_order_and_within_their_room', async () => {
  const recorder = new Recorder(6000);
  const { ask, newest } = journal(1, 10000);
  for (const event of newest) recorder.take(event);
  await new HistoryPages(recorder, ask).loadOlder();
  const trace = recorder.trace('red');
  assert.equal(trace.length, 6000);
  for (let n = 1; n < trace.length; n++) assert.ok(trace.times[n] > trace.times[n - 1]);
  assert.equal(trace.times[trace.length - 1], 10000);
  recorder.take({ boot: 'b', seq: 10001, line: 'red', value: 1, time_ns: 10001e6 });
  assert.equal(trace.times[trace.length - 1], 10001);
});
