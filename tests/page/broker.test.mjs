// What the share sheet says of the MQTT broker.
import assert from 'node:assert/strict';
import test from 'node:test';
import { load } from './page.mjs';

const { useTexts } = await load('i18n/text.js');
await useTexts('later');
const { brokerWords } = await load('views/broker.js');

test('nothing_is_said_where_there_is_no_broker', () => {
  for (const state of ['off', undefined, '<b>']) assert.equal(brokerWords(state), null);
});

test('trouble_with_the_broker_names_who_tells_more', () => {
  assert.equal(brokerWords('connected').alarm, false);
  for (const state of ['connecting', 'refused']) {
    assert.equal(brokerWords(state).alarm, true);
    assert.match(brokerWords(state).text, /gpio-gateway doctor/);
  }
});
