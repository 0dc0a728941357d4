import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './page.mjs';
import { settle } from './model.mjs';

const { Store } = await load('store.js');

function made() {
  const frames = [];
  const store = new Store((run) => frames.push(run));
  store.takeSnapshot({
    boot: 'a',
    seq: 10,
    lines: [{ name: 'red', direction: 'output', value: 0 }],
  });
  store.takeStatus({ phase: 'live', lostAt: null, retryAt: null, attempt: 0 });
  frames.splice(0).forEach((run) => run());
  return { store, frames, shown: () => store.value(store.line('red')) };
}

const event = (seq, value) => ({ boot: 'a', seq, line: 'red', value, cause: 'set' });

/** A promise to be kept or broken by hand. */
function promised() {
  let keep;
  let broken;
  const promise = new Promise((resolve, reject) => {
    keep = resolve;
    broken = reject;
  });
  return { promise, keep, broken };
}

test('wish_is_shown_at_once_and_taken_back_when_refused', async () => {
  const { store, shown } = made();
  const { promise, broken } = promised();
  const answered = store.setPending('red', 1, () => promise);
  assert.equal(shown(), 1);
  broken(new Error('no'));
  await assert.rejects(answered);
  assert.equal(shown(), 0);
});

test('wish_stays_until_its_event_when_the_answer_is_first', async () => {
  const { store, shown } = made();
  await store.setPending('red', 1, async () => ({ seq: 11, value: 1 }));
  assert.equal(shown(), 1, 'no flicker between answer and event');
  assert.equal(store.pending.size, 1);
  store.takeEvent(event(11, 1));
  assert.equal(store.pending.size, 0);
  assert.equal(shown(), 1);
});

test('wish_ends_with_its_answer_when_the_event_was_first', async () => {
  const { store, shown } = made();
  const { promise, keep } = promised();
  const answered = store.setPending('red', 1, () => promise);
  store.takeEvent(event(11, 1));
  keep({ seq: 11, value: 1 });
  await answered;
  assert.equal(store.pending.size, 0);
  assert.equal(shown(), 1);
});

test('later_wish_outlives_the_refusal_of_an_earlier_one', async () => {
  const { store, shown } = made();
  const first = promised();
  const early = store.setPending('red', 1, () => first.promise);
  store.setPending('red', 0, () => promised().promise);
  first.broken(new Error('no'));
  await assert.rejects(early);
  assert.equal(store.pending.get('red').value, 0);
  assert.equal(shown(), 0);
});

test('wishes_are_not_believed_after_the_line_broke', () => {
  const { store, shown } = made();
  store.setPending('red', 1, () => promised().promise);
  store.takeStatus({ phase: 'waiting', lostAt: 5, retryAt: 6, attempt: 1 });
  assert.equal(shown(), 0);
});

test('views_are_told_once_a_frame_and_only_of_changed_lines', async () => {
  const { store, frames } = made();
  const told = [];
  store.viewers.add((change) => told.push(change));
  for (let seq = 11; seq < 61; seq++) store.takeEvent(event(seq, seq % 2));
  assert.equal(frames.length, 1);
  frames.pop()();
  await settle();
  assert.equal(told.length, 1);
  assert.deepEqual([[...told[0].names], told[0].rebuilt], [['red'], false]);
});

test('event_after_a_hole_asks_for_a_snapshot', () => {
  const { store } = made();
  assert.equal(store.takeEvent(event(11, 1)), true);
  assert.equal(store.takeEvent(event(11, 1)), true, 'a repeat is no hole');
  assert.equal(store.takeEvent(event(13, 1)), false);
  assert.equal(store.takeEvent({ ...event(14, 1), boot: 'b' }), false);
});

test('viewer_may_not_act_and_nobody_may_while_the_line_is_down', () => {
  const { store } = made();
  assert.equal(store.mayAct, true);
  store.takeSnapshot({ boot: 'a', seq: 10, role: 'viewer', lines: [] });
  assert.equal(store.mayAct, false);
  store.takeSnapshot({ boot: 'a', seq: 10, role: 'operator', lines: [] });
  store.takeStatus({ phase: 'waiting', lostAt: 5, retryAt: 6, attempt: 1 });
  assert.equal(store.mayAct, false);
});

test('many_lines_at_once_are_told_less_often_and_none_is_forgotten', async () => {
  const frames = [];
  const store = new Store((run) => frames.push(run));
  const lines = Array.from({ length: 40 }, (_, n) => ({
    name: `l${n}`,
    direction: 'input',
    value: 0,
  }));
  store.takeSnapshot({ boot: 'a', seq: 0, lines });
  frames.splice(0).forEach((run) => run());
  let told = 0;
  const names = new Set();
  store.viewers.add((change) => {
    told++;
    for (const name of change.names) names.add(name);
  });
  let seq = 0;
  const storm = () =>
    lines.forEach(({ name }) =>
      store.takeEvent({ boot: 'a', seq: ++seq, line: name, value: seq % 2 }),
    );
  storm();
  for (let i = 0; i < 5; i++) {
    frames.splice(0).forEach((run) => run());
    storm();
  }
  assert.ok(told <= 1, `${told} tellings at once`);
  await new Promise((done) => {
    setTimeout(done, 45);
  });
  frames.splice(0).forEach((run) => run());
  assert.ok(told >= 1);
  assert.equal(names.size, 40);
});
