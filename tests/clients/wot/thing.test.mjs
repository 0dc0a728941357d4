// The Thing Description against W3C's JSON schema, and node-wot, which knows nothing of this gateway but that.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { GatewayProcess, waitUntil } from '../javascript/gateway_process.mjs';

const require = createRequire(import.meta.url);
const Ajv = require('ajv').default;
const addFormats = require('ajv-formats').default;
const { Servient } = require('@node-wot/core');
const { HttpClientFactory } = require('@node-wot/binding-http');
const schema = require('wot-thing-description-types/schema/td-json-schema-validation.json');

let gateway;
let description;
let thing;

const fetchThing = (path, headers) => fetch(gateway.url + path, { headers });
const withToken = () => ({ Authorization: `Bearer ${gateway.token}` });

before(async () => {
  gateway = await GatewayProcess.start();
  description = await (await fetchThing('/.well-known/wot', withToken())).json();
  const servient = new Servient();
  servient.addClientFactory(new HttpClientFactory());
  servient.addCredentials({ [description.id]: { token: gateway.token } });
  thing = await (await servient.start()).consume(description);
});
after(() => gateway.end());

function validator() {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addFormat('iri-reference', true);
  // npm has the schema of the draft of 2021; the context of TD 1.1 got its final name in 2022.
  const final = structuredClone(schema);
  final.definitions['thing-context-w3c-uri'].enum.push('https://www.w3.org/2022/wot/td/v1.1');
  return ajv.compile(final);
}

test('the description is one by the schema of the W3C', () => {
  const validate = validator();
  assert.ok(validate(description), JSON.stringify(validate.errors, null, 1));
});

test('the schema would have found a mistake', () => {
  const validate = validator();
  assert.ok(!validate({ ...description, title: 7 }));
  assert.ok(!validate({ ...description, properties: { red: { forms: [{ op: ['readproperty'] }] } } }));
});

test('both addresses answer the same, to those with a token alone', async () => {
  for (const path of ['/.well-known/wot', '/api/v1/thing']) {
    const answer = await fetchThing(path, withToken());
    assert.equal(answer.headers.get('content-type'), 'application/td+json');
    assert.deepEqual(await answer.json(), description);
    const refused = await fetchThing(path, {});
    assert.equal(refused.status, 401);
    assert.match(refused.headers.get('www-authenticate'), /^Bearer /);
  }
});

test('each action and property of the description leads somewhere', async () => {
  for (const [name, { forms }] of [...Object.entries(description.properties), ...Object.entries(description.actions)]) {
    for (const form of forms) {
      const path = form.href.replace('{line}', 'red').replace('{scene}', 'both').replace('{rule}', 'any');
      const answer = await fetch(new URL(path, description.base), { method: 'OPTIONS' });
      assert.ok(answer.headers.get('allow')?.includes(form['htv:methodName'] ?? 'GET'), `${name}: ${JSON.stringify(form)}`);
    }
  }
});

test('node-wot reads and writes a line', async () => {
  for (const value of [1, 0]) {
    await thing.writeProperty('red', value);
    assert.equal(await (await thing.readProperty('red')).value(), value);
    assert.equal((await gateway.request('GET', '/api/v1/lines/red')).value, value);
  }
});

test('node-wot may not write an input', async () => {
  await assert.rejects(thing.writeProperty('button', 1));
});

test('node-wot invokes commands with their fields', async () => {
  const line = { uriVariables: { line: 'green' } };
  const { was, value } = await (await thing.invokeAction('toggle', {}, line)).value();
  assert.deepEqual([was, value], [0, 1]);
  await thing.invokeAction('blink', { on_ms: 5000, off_ms: 5000 }, line);
  assert.equal((await gateway.request('GET', '/api/v1/lines/green')).action.kind, 'blink');
  await thing.invokeAction('off', {});
  assert.equal((await gateway.request('GET', '/api/v1/lines/green')).value, 0);
  await thing.invokeAction('scene', {}, { uriVariables: { scene: 'both' } });
  assert.equal((await gateway.request('GET', '/api/v1/lines/green')).value, 1);
});

test('node-wot observes an input', async () => {
  const seen = [];
  const subscription = await thing.observeProperty('button', async (output) => { seen.push(await output.value()); });
  for (const value of [1, 0, 1]) {
    const count = seen.length;
    await waitUntil(async () => (await gateway.request('GET', '/api/v1/sockets')).sockets.some(({ owner }) => owner === 'poll'), 'poll');
    await gateway.request('POST', '/api/v1/simulator/lines/button', value);
    await waitUntil(() => seen.length > count, `value ${value}`);
  }
  assert.deepEqual(seen, [1, 0, 1]);
  await subscription.stop();
});

test('what the edge event promises is what its stream sends', async () => {
  const { data, forms } = description.events.edge;
  const stop = new AbortController();
  const stream = await fetch(gateway.url + forms[0].href, { headers: { ...withToken(), Accept: forms[0].contentType }, signal: stop.signal });
  await gateway.request('POST', '/api/v1/lines/red/toggle', {});
  let text = '';
  for await (const part of stream.body) {
    text += Buffer.from(part).toString();
    if (/^data: .*\n\n/m.test(text)) break;
  }
  stop.abort();
  const event = JSON.parse(text.match(/^data: (.*)$/m)[1]);
  const ajv = new Ajv({ strict: false });
  addFormats(ajv);
  assert.ok(ajv.validate({ ...data, required: Object.keys(data.properties) }, event), JSON.stringify(ajv.errors));
});
