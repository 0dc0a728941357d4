import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './page.mjs';
import { World, settle } from './world.mjs';

const { Link, backoff, BACKOFF_MOST_MS, OPEN_WITHIN_MS, REST_AFTER_MS } = await load('link.js');

function opened(change = {}) {
  const world = Object.assign(new World(), change);
  const link = new Link(world);
  link.start();
  world.socket.open();
  world.socket.snapshot();
  return { world, link };
}

test('link_is_live_only_after_the_first_message', () => {
  const world = new World();
  const link = new Link(world);
  link.start();
  world.socket.open();
  assert.equal(link.status.phase, 'connecting');
  world.socket.snapshot();
  assert.equal(link.status.phase, 'live');
  assert.deepEqual(
    world.notices.map(([method]) => method),
    ['snapshot'],
  );
});

test('link_gives_up_an_opening_attempt_after_five_seconds', async () => {
  const world = new World();
  const link = new Link(world);
  link.start();
  await world.pass(OPEN_WITHIN_MS - 1);
  assert.equal(world.socket.closed, false);
  const first = world.socket;
  await world.pass(1);
  assert.equal(OPEN_WITHIN_MS, 5000);
  assert.equal(first.closed, true);
  assert.equal(link.status.phase, 'waiting');
  await world.pass(BACKOFF_MOST_MS);
  assert.ok(world.sockets.length > 1, 'it tries again');
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
  const { world, link } = opened();
  world.socket.fall();
  for (let i = 0; i < 200; i++) {
    await world.pass(BACKOFF_MOST_MS);
    world.socket.fall();
  }
  assert.ok(world.sockets.length > 150);
  await world.pass(BACKOFF_MOST_MS);
  world.socket.snapshot();
  assert.equal(link.status.phase, 'live');
  assert.equal(link.status.attempt, 0);
});

test('link_resumes_after_the_last_event_it_knows', async () => {
  const { world } = opened();
  world.known = 'b-41';
  world.socket.fall();
  await world.pass(BACKOFF_MOST_MS);
  assert.equal(world.socket.since, 'b-41');
});

test('link_that_resumed_into_silence_is_live_after_an_answer', async () => {
  const { world, link } = opened();
  world.known = 'b-41';
  world.socket.fall();
  await world.pass(BACKOFF_MOST_MS / 20);
  world.socket.open();
  assert.equal(link.status.phase, 'connecting');
  assert.equal(world.socket.sent[0].method, 'system.ping');
  world.socket.answer({});
  assert.equal(link.status.phase, 'live');
});

test('link_finds_a_half_open_connection_within_ten_seconds', async () => {
  const { world, link } = opened();
  await world.pass(9999);
  assert.notEqual(link.status.phase, 'live');
  assert.notEqual(link.status.lostAt, null);
});

test('link_keeps_a_quiet_connection_that_answers', async () => {
  const { world, link } = opened();
  let answered = 0;
  for (let i = 0; i < 120; i++) {
    await world.pass(500);
    const last = world.socket.sent[world.socket.sent.length - 1];
    if (last && last.id > answered) {
      answered = last.id;
      world.socket.answer({});
    }
  }
  assert.equal(world.sockets.length, 1);
  assert.equal(link.status.phase, 'live');
  assert.ok(answered >= 10);
});

test('link_asks_nothing_while_the_page_is_hidden', async () => {
  const { world, link } = opened({ away: true });
  await world.pass(REST_AFTER_MS - 1);
  assert.equal(world.socket.sent.length, 0);
  assert.equal(link.status.phase, 'live');
});

test('link_lets_go_when_nobody_looks_for_long_and_resumes_when_shown', async () => {
  const { world, link } = opened({ away: true });
  for (let i = 0; i < 80; i++) {
    world.socket.say({ method: 'event', params: {} });
    await world.pass(1000);
  }
  assert.equal(world.sockets[0].closed, true);
  await world.pass(3600000);
  assert.equal(world.sockets.length, 1, 'it rests');
  world.away = false;
  world.known = 'b-77';
  link.wake();
  assert.equal(world.socket.since, 'b-77');
  world.socket.snapshot();
  assert.equal(link.status.phase, 'live');
});

test('link_that_was_stopped_stays_so_when_woken', () => {
  const { world, link } = opened();
  link.stop();
  link.wake();
  assert.equal(world.sockets.length, 1);
  assert.equal(link.status.phase, 'stopped');
});

test('link_asks_at_once_when_the_page_is_shown_again', async () => {
  const { world, link } = opened({ away: true });
  await world.pass(REST_AFTER_MS / 2);
  world.away = false;
  link.wake();
  assert.equal(world.socket.sent[0].method, 'system.ping');
  await world.pass(1500);
  assert.equal(link.status.phase, 'waiting');
});

test('link_woken_while_it_waits_tries_at_once', async () => {
  const { world, link } = opened();
  world.socket.fall();
  assert.equal(link.status.phase, 'waiting');
  link.wake();
  assert.equal(world.sockets.length, 2);
  assert.equal(link.status.phase, 'connecting');
});

test('call_without_an_answer_fails_within_two_seconds', async () => {
  const { world, link } = opened();
  let code = '';
  link.call('line.set', { line: 'red', value: 1 }).catch((error) => {
    code = error.code;
  });
  await world.pass(1999);
  assert.equal(code, '');
  await world.pass(1);
  assert.equal(code, 'no-answer');
});

test('call_fails_as_offline_when_the_connection_falls', async () => {
  const { world, link } = opened();
  const call = link.call('line.set', { line: 'red', value: 1 });
  world.socket.fall();
  await assert.rejects(call, { code: 'offline' });
  await assert.rejects(link.call('line.set', {}), { code: 'offline' });
});

test('call_carries_the_gateways_own_error_code', async () => {
  const { world, link } = opened();
  const call = link.call('line.set', { line: 'red', value: 1 });
  const { id } = world.socket.sent[0];
  world.socket.say({
    id,
    error: { code: -32004, message: 'interlock', data: { code: 'interlock', blocked_by: 'valve' } },
  });
  await assert.rejects(
    call,
    (error) => error.code === 'interlock' && error.data.blocked_by === 'valve',
  );
});

test('answers_find_their_own_calls', async () => {
  const { world, link } = opened();
  const first = link.call('line.get', { line: 'a' });
  const second = link.call('line.get', { line: 'b' });
  const [a, b] = world.socket.sent;
  world.socket.say({ id: b.id, result: 'b' });
  world.socket.say({ id: a.id, result: 'a' });
  assert.deepEqual(await Promise.all([first, second]), ['a', 'b']);
});

test('link_asks_for_a_login_when_it_is_not_admitted', async () => {
  const world = Object.assign(new World(), { welcome: false });
  const link = new Link(world);
  link.start();
  world.socket.fall();
  await settle();
  assert.equal(link.status.phase, 'locked');
  await world.pass(BACKOFF_MOST_MS * 2);
  assert.equal(world.sockets.length, 1, 'it does not knock on');
  link.start();
  world.socket.snapshot();
  assert.equal(link.status.phase, 'live');
});

test('link_that_was_open_does_not_ask_for_a_login_when_it_falls', async () => {
  const { world, link } = opened({ welcome: false });
  world.socket.fall();
  await settle();
  assert.equal(link.status.phase, 'waiting');
});

test('link_tells_since_when_it_is_lost_and_forgets_it_when_live', async () => {
  const { world, link } = opened();
  await world.pass(1000);
  world.socket.fall();
  assert.equal(link.status.lostAt, 1000);
  await world.pass(BACKOFF_MOST_MS / 10);
  world.socket.fall();
  assert.equal(link.status.lostAt, 1000);
  await world.pass(BACKOFF_MOST_MS / 5);
  world.socket.snapshot();
  assert.equal(link.status.lostAt, null);
});

test('link_survives_a_message_that_is_not_json', () => {
  const { world, link } = opened();
  world.socket.onmessage({ data: 'hello?' });
  assert.equal(link.status.phase, 'live');
});
