// Other gateways of the network as links.
import assert from 'node:assert/strict';
import test from 'node:test';
import { load } from './page.mjs';

const { neighboursToShow } = await load('views/neighbours.js');

const PAGE = new URL('http://192.168.1.5:8080/');
const shown = (...urls) =>
  neighboursToShow(
    urls.map((url) => ({ id: '3f9a1c20be77', name: 'Pi', url })),
    PAGE,
  ).map(({ url }) => url);

test('neighbours_of_the_network_are_shown', () => {
  const urls = ['http://192.168.1.6:8080/', 'http://[fd00::2]:8080/', 'http://pi-2.local:8080/'];
  assert.deepEqual(shown(...urls), urls);
});

test('own_gateway_and_loopback_are_no_neighbours', () => {
  assert.deepEqual(
    shown(
      'http://192.168.1.5:8080/',
      'http://127.0.0.1:8080/',
      'http://[::1]:8080/',
      'http://localhost/',
    ),
    [],
  );
});

test('addresses_that_are_no_page_are_left_out', () => {
  assert.deepEqual(
    shown('javascript:alert(1)', 'ftp://192.168.1.6/', 'http://a:b@192.168.1.6/', '', null),
    [],
  );
  assert.deepEqual(neighboursToShow(undefined, PAGE), []);
  assert.deepEqual(neighboursToShow([{ url: 'http://192.168.1.6/' }], PAGE), []);
});

test('at_most_64_neighbours_are_shown', () => {
  const many = Array.from({ length: 100 }, (_, number) => `http://192.168.2.${number}:8080/`);
  assert.equal(shown(...many).length, 64);
});
