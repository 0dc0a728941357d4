import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './page.mjs';
import { Model, settle } from './model.mjs';

const { Link, backoff, BACKOFF_MOST_MS, OPEN_WITHIN_MS, REST_AFTER_MS } = await load('link.js');

function opened(change = {}) {
  const model = Object.assign(new Model(), change);
  const link = new Link(model);
  link.start();
  model.socket.open();
  model.socket.snapshot();
  return { model, link };
}

test('link_is_live_only_after_the_first_message', () => {
  const model = new Model();
  const link = new Link(model);
  link.start();
  model.socket.open();
  assert.equal(link.status.phase, 'connecting');
  model.socket.snapshot();
  assert.equal(link.status.phase, 'live');
  assert.deepEqual(
    model.notices.map(([method]) => method),
    ['snapshot'],
  );
});

test('link_gives_up_an_opening_attempt_after_five_seconds', async () => {
  const model = new Model();
  const link = new Link(model);
  link.start();
  await model.pass(OPEN_WITHIN_MS - 1);
  assert.equal(model.socket.closed, false);
  const first = model.socket;
  await model.pass(1);
  assert.equal(OPEN_WITHIN_MS, 5000);
  assert.equal(first.closed, true);
  assert.equal(link.status.phase, 'waiting');
  await model.pass(BACKOFF_MOST_MS);
  assert.ok(model.sockets.length > 1, 'it tries again');
});

test('backoff_doubles_with_jitter_up_to_ten_seconds', () => {
  assert.ok(backoff(1, 1) > backoff(0, 1));
  assert.notEqual(backoff(4, 0), backoff(4, 1));
  for (const attempt of [0, 5, 50, 5000]) {
    assert.ok(backoff(attempt, 1) <= 10000);
    assert.ok(backoff(attempt, 0) >= 100, 'never a storm');
  }
});

test('link_tries_for_ever', async () => {
  const { model, link } = opened();
  model.socket.fall();
  for (let i = 0; i < 200; i++) {
    await model.pass(BACKOFF_MOST_MS);
    model.socket.fall();
  }
  assert.ok(model.sockets.length > 150);
  await model.pass(BACKOFF_MOST_MS);
  model.socket.snapshot();
  assert.equal(link.status.phase, 'live');
  assert.equal(link.status.attempt, 0);
});

test('link_resumes_after_the_last_event_it_knows', async () => {
  const { model } = opened();
  model.known = 'b-41';
  model.socket.fall();
  await model.pass(BACKOFF_MOST_MS);
  assert.equal(model.socket.since, 'b-41');
});

test('link_that_resumed_into_silence_is_live_after_an_answer', async () => {
  const { model, link } = opened();
  model.known = 'b-41';
  model.socket.fall();
  await model.pass(BACKOFF_MOST_MS / 20);
  model.socket.open();
  assert.equal(link.status.phase, 'connecting');
  assert.equal(model.socket.sent[0].method, 'system.ping');
  model.socket.answer({});
  assert.equal(link.status.phase, 'live');
});

test('link_finds_a_half_open_connection_within_ten_seconds', async () => {
  const { model, link } = opened();
  await model.pass(9999);
  assert.notEqual(link.status.phase, 'live');
  assert.notEqual(link.status.lostAt, null);
});

test('link_keeps_a_quiet_connection_that_answers', async () => {
  const { model, link } = opened();
  let answered = 0;
  for (let i = 0; i < 120; i++) {
    await model.pass(500);
    const last = model.socket.sent[model.socket.sent.length - 1];
    if (last && last.id > answered) {
      answered = last.id;
      model.socket.answer({});
    }
  }
  assert.equal(model.sockets.length, 1);
  assert.equal(link.status.phase, 'live');
  assert.ok(answered >= 10);
});

test('link_asks_nothing_while_the_page_is_hidden', async () => {
  const { model, link } = opened({ away: true });
  await model.pass(REST_AFTER_MS - 1);
  assert.equal(model.socket.sent.length, 0);
  assert.equal(link.status.phase, 'live');
});

test('link_lets_go_when_nobody_looks_for_long_and_resumes_when_shown', async () => {
  const { model, link } = opened({ away: true });
  for (let i = 0; i < 80; i++) {
    model.socket.say({ method: 'event', params: {} });
    await model.pass(1000);
  }
  assert.equal(model.sockets[0].closed, true);
  await model.pass(3600000);
  assert.equal(model.sockets.length, 1, 'it rests');
  model.away = false;
  model.known = 'b-77';
  link.wake();
  assert.equal(model.socket.since, 'b-77');
  model.socket.snapshot();
  assert.equal(link.status.phase, 'live');
});

test('link_that_was_stopped_stays_so_when_woken', () => {
  const { model, link } = opened();
  link.stop();
  link.wake();
  assert.equal(model.sockets.length, 1);
  assert.equal(link.status.phase, 'stopped');
});

test('link_asks_at_once_when_the_page_is_shown_again', async () => {
  const { model, link } = opened({ away: true });
  await model.pass(REST_AFTER_MS / 2);
  model.away = false;
  link.wake();
  assert.equal(model.socket.sent[0].method, 'system.ping');
  await model.pass(1500);
  assert.equal(link.status.phase, 'waiting');
});

test('link_woken_while_it_waits_tries_at_once', async () => {
  const { model, link } = opened();
  model.socket.fall();
  assert.equal(link.status.phase, 'waiting');
  link.wake();
  assert.equal(model.sockets.length, 2);
  assert.equal(link.status.phase, 'connecting');
});

test('call_without_an_answer_fails_within_two_seconds', async () => {
  const { model, link } = opened();
  let code = '';
  link.call('line.set', { line: 'red', value: 1 }).catch((error) => {
    code = error.code;
  });
  await model.pass(1999);
  assert.equal(code, '');
  await model.pass(1);
  assert.equal(code, 'no-answer');
});

test('call_that_was_sent_before_the_connection_fell_is_uncertain', async () => {
  const { model, link } = opened();
  const call = link.call('line.set', { line: 'red', value: 1 });
  model.socket.fall();
  await assert.rejects(call, { code: 'uncertain' });
});

test('call_is_uncertain_when_a_sign_of_life_is_missed_meanwhile', async () => {
  const { model, link } = opened();
  link.wake();
  const call = link.call('line.set', { line: 'red', value: 1 });
  call.catch(() => {});
  await model.pass(1500);
  assert.equal(model.socket.sent[1].method, 'line.set');
  await assert.rejects(call, { code: 'uncertain' });
});

test('call_without_a_connection_is_not_sent', async () => {
  const { model, link } = opened();
  model.socket.fall();
  await assert.rejects(link.call('line.set', {}), { code: 'offline' });
});

test('call_carries_the_gateways_own_error_code', async () => {
  const { model, link } = opened();
  const call = link.call('line.set', { line: 'red', value: 1 });
  const { id } = model.socket.sent[0];
  model.socket.say({
    id,
    error: { code: -32004, message: 'interlock', data: { code: 'interlock', blocked_by: 'valve' } },
  });
  await assert.rejects(
    call,
    (error) => error.code === 'interlock' && error.data.blocked_by === 'valve',
  );
});

test('answers_find_their_own_calls', async () => {
  const { model, link } = opened();
  const first = link.call('line.get', { line: 'a' });
  const second = link.call('line.get', { line: 'b' });
  const [a, b] = model.socket.sent;
  model.socket.say({ id: b.id, result: 'b' });
  model.socket.say({ id: a.id, result: 'a' });
  assert.deepEqual(await Promise.all([first, second]), ['a', 'b']);
});

test('link_asks_for_a_login_when_it_is_not_admitted', async () => {
  const model = Object.assign(new Model(), { answers: 'refused' });
  const link = new Link(model);
  link.start();
  model.socket.fall();
  await settle();
  assert.equal(link.status.phase, 'locked');
  await model.pass(BACKOFF_MOST_MS * 2);
  assert.equal(model.sockets.length, 1, 'it does not knock on');
  link.start();
  model.socket.snapshot();
  assert.equal(link.status.phase, 'live');
});

test('link_that_was_open_does_not_ask_for_a_login_when_it_falls', async () => {
  const { model, link } = opened({ answers: 'refused' });
  model.socket.fall();
  await settle();
  assert.equal(link.status.phase, 'waiting');
});

test('link_tells_since_when_it_is_lost_and_forgets_it_when_live', async () => {
  const { model, link } = opened();
  await model.pass(1000);
  model.socket.fall();
  assert.equal(link.status.lostAt, 1000);
  await model.pass(BACKOFF_MOST_MS / 10);
  model.socket.fall();
  assert.equal(link.status.lostAt, 1000);
  await model.pass(BACKOFF_MOST_MS / 5);
  model.socket.snapshot();
  assert.equal(link.status.lostAt, null);
});

test('link_survives_a_message_that_is_not_json', () => {
  const { model, link } = opened();
  model.socket.onmessage({ data: 'hello?' });
  assert.equal(link.status.phase, 'live');
});

/** A link whose every answer takes so long. */
async function slow(roundTripMs) {
  const model = new Model();
  const link = new Link(model);
  link.start();
  const opening = model.socket;
  await model.pass(2 * roundTripMs);
  opening.open();
  opening.snapshot();
  return { model, link, opening };
}

test('link_with_a_long_round_trip_stays_live', async () => {
  const { model, link, opening } = await slow(2200);
  let answered = 0;
  for (let n = 0; n < 20; n++) {
    await model.pass(2200);
    for (const { id } of opening.sent.slice(answered)) opening.say({ id, result: {} });
    answered = opening.sent.length;
    await model.pass(2200);
  }
  assert.equal(link.status.phase, 'live');
  assert.equal(model.sockets.length, 1);
});

test('call_waits_as_long_as_the_link_is_slow', async () => {
  const { model, link } = await slow(2200);
  const call = link.call('line.set', { line: 'red', value: 1 });
  const { id } = model.socket.sent.find(({ method }) => method === 'line.set');
  await model.pass(2300);
  model.socket.say({ id, result: 'done' });
  assert.equal(await call, 'done');
});

test('link_gives_a_slow_opening_more_time_at_each_attempt', async () => {
  const model = new Model();
  const link = new Link(model);
  link.start();
  await model.pass(OPEN_WITHIN_MS + BACKOFF_MOST_MS / 10);
  const second = model.socket;
  assert.notEqual(second, model.sockets[0]);
  await model.pass(6500);
  second.open();
  second.snapshot();
  assert.equal(link.status.phase, 'live');
});

test('link_says_when_requests_are_answered_but_no_websocket_opens', async () => {
  const model = new Model();
  const link = new Link(model);
  link.start();
  model.socket.fall();
  await settle();
  assert.equal(link.status.blocked, false);
  await model.pass(BACKOFF_MOST_MS);
  model.socket.fall();
  await settle();
  assert.equal(link.status.blocked, true);
  await model.pass(BACKOFF_MOST_MS);
  model.socket.snapshot();
  assert.equal(link.status.blocked, false);
});

test('link_blames_nobody_when_requests_fail_too', async () => {
  const model = Object.assign(new Model(), { answers: 'unreachable' });
  const link = new Link(model);
  link.start();
  for (let n = 0; n < 4; n++) {
    model.socket.fall();
    await model.pass(BACKOFF_MOST_MS);
  }
  assert.equal(link.status.blocked, false);
});
