import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './page.mjs';
import { Model } from './model.mjs';

const { Store } = await load('store.js');
const { Link, CallError } = await load('link.js');
const { Commands } = await load('commands.js');
const { LeaseKeepalive } = await load('lease_keepalive.js');

const LEASE = { ms: 900, ends_at: '2026-01-01T00:00:00Z' };

/** A page whose fan is off, and a gateway that answers what `say` tells. */
function made(lease = LEASE) {
  const model = new Model();
  const store = new Store(() => {});
  const link = new Link(model);
  const sent = [];
  let seq = 10;
  const page = {
    model,
    store,
    link,
    sent,
    commands: Object.assign(new Commands(store, link, () => {}), {
      leases: new LeaseKeepalive(store, link),
    }),
    say: async (method, params) => ({
      line: params.line,
      was: 1 - (params.value ?? 1),
      value: params.value ?? 1,
      seq: 11,
    }),
    event: (value, more) =>
      store.takeEvent({ boot: 'b', seq: ++seq, line: 'fan', value, cause: 'set', ...more }),
    renewals: () => sent.filter(({ params }) => 'expect' in params),
    switchOn: async () => {
      page.event(1, { lease });
      await page.commands.set('fan', 1);
    },
  };
  link.call = (method, params) => {
    sent.push({ method, params });
    return page.say(method, params);
  };
  store.takeSnapshot({
    boot: 'b',
    seq,
    lines: [{ name: 'fan', direction: 'output', value: 0, seq: 3 }],
  });
  page.phase = (phase) => store.takeStatus({ phase, lostAt: null, retryAt: null, attempt: 0 });
  page.phase('live');
  return page;
}

test('page_renews_what_it_switched_on_every_third_of_the_lease', async () => {
  const page = made();
  await page.switchOn();
  await page.model.pass(299);
  assert.equal(page.renewals().length, 0);
  await page.model.pass(1);
  assert.deepEqual(page.renewals(), [
    { method: 'line.set', params: { line: 'fan', value: 1, expect: 11 } },
  ]);
  await page.model.pass(2400);
  assert.equal(page.renewals().length, 9);
});

test('event_behind_the_answer_is_waited_for', async () => {
  const page = made();
  await page.commands.set('fan', 1);
  page.event(1, { lease: LEASE });
  await page.model.pass(300);
  assert.equal(page.renewals().length, 1);
});

test('toggle_is_renewed_by_a_set', async () => {
  const page = made();
  page.event(1, { lease: LEASE });
  await page.commands.ask('line.toggle', { line: 'fan' });
  await page.model.pass(300);
  assert.deepEqual(
    page.renewals().map(({ method, params }) => [method, params.value]),
    [['line.set', 1]],
  );
});

test('change_by_anybody_ends_the_renewing', async () => {
  const page = made();
  await page.switchOn();
  page.event(0, { lease: null });
  page.event(1, { lease: LEASE });
  await page.model.pass(5000);
  assert.deepEqual(page.renewals(), []);
});

test('what_the_page_did_not_switch_on_is_not_renewed', async () => {
  const page = made();
  page.event(1, { lease: LEASE });
  await page.model.pass(5000);
  assert.deepEqual(page.sent, []);
});

test('line_without_a_lease_and_lease_of_a_connection_are_not_renewed', async () => {
  for (const lease of [null, { ms: 0, ends_at: null }]) {
    const page = made(lease);
    await page.switchOn();
    await page.model.pass(5000);
    assert.deepEqual(page.renewals(), []);
  }
});

test('nothing_is_renewed_while_nobody_looks_or_the_link_is_down', async () => {
  const page = made();
  await page.switchOn();
  page.model.away = true;
  await page.model.pass(5000);
  page.model.away = false;
  page.phase('waiting');
  await page.model.pass(5000);
  assert.deepEqual(page.renewals(), []);
  page.phase('live');
  await page.model.pass(300);
  assert.equal(page.renewals().length, 1, 'nobody changed it: it goes on');
});

test('line_of_a_gateway_started_anew_is_not_renewed', async () => {
  const page = made();
  await page.switchOn();
  page.store.takeSnapshot({
    boot: 'c',
    seq: 11,
    lines: [{ name: 'fan', direction: 'output', value: 1, seq: 11, lease: LEASE }],
  });
  await page.model.pass(5000);
  assert.deepEqual(page.renewals(), []);
});

test('one_renewal_a_line_is_in_flight_at_most', async () => {
  const page = made();
  await page.switchOn();
  const { say } = page;
  const late = [];
  page.say = (method, params) =>
    'expect' in params
      ? new Promise((_, fail) => {
          late.push(fail);
        })
      : say(method, params);
  await page.model.pass(2000);
  await page.commands.set('fan', 1); // already on: no event, the same seq
  await page.model.pass(2000);
  assert.equal(late.length, 1);
  late[0](new CallError('no-answer'));
  await page.model.pass(300);
  assert.equal(late.length, 2);
});

test('line_that_waits_for_its_interlock_is_renewed_from_when_it_is_on', async () => {
  const page = made();
  const { say } = page;
  page.say = async (...call) => ({ ...(await say(...call)), value: 0 });
  page.event(0, { lease: LEASE, action: { kind: 'gap' } });
  await page.commands.set('fan', 1);
  await page.model.pass(600);
  assert.deepEqual(page.renewals(), []);
  page.event(1, { action: null });
  await page.model.pass(300);
  assert.deepEqual(
    page.renewals().map(({ params }) => params.expect),
    [12],
  );
});
