import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './page.mjs';

const { courses } = await load('views/flow_steps.js');

/** Calls as the register tells them, from `socket name text` lines. */
const register = (...lines) =>
  lines.map((line, n) => {
    const [, socket, text] = /^(\d+) (.*)$/.exec(line);
    return {
      n: n + 1,
      socket: Number(socket),
      name: /^\w+/.exec(text)[0],
      result: Number(/\) = (-?\d+)/.exec(text)?.[1] ?? 0),
      text,
    };
  });
const story = (steps) => steps.map(({ side, name, seen }) => `${side} ${name}${seen ? '' : '?'}`);

const HTTP = [
  '1 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, 0) = 6',
  '1 setsockopt(6, SOL_SOCKET, SO_REUSEADDR, 1) = 0',
  '1 bind(6, 127.0.0.1:8080) = 0',
  '1 listen(6, 128) = 0',
];
const PAIR = [
  '11 socket(AF_INET, SOCK_STREAM, 0) = 23',
  '11 bind(23, 127.0.0.1:0) = 0',
  '11 getsockname(23) = 127.0.0.1:5000',
  '11 listen(23, 1) = 0',
  '12 socket(AF_INET, SOCK_STREAM, 0) = 24',
  '12 connect(24, 127.0.0.1:5000) = EINPROGRESS',
  '13 accept4(23) = 25 from 127.0.0.1:5001',
  '12 send(24, 512 bytes) = 512',
  '12 send(24, 512 bytes) = 512',
  '13 recv(25, 700) = 700',
  '12 close(24)',
  '13 close(25)',
  '11 close(23)',
];

test('flow_of_a_pair_inside_the_gateway_shows_both_sides', () => {
  const { tcp } = courses(
    register(
      ...HTTP,
      '2 accept4(6) = 22 from 127.0.0.1:4000',
      ...PAIR,
      '3 accept4(6) = 23 from 127.0.0.1:4001',
    ),
  );
  assert.deepEqual(story(tcp), [
    'server socket',
    'server bind',
    'server listen',
    'client socket',
    'client connect',
    'server accept4',
    'client send',
    'server recv',
    'client close',
    'server close',
    'server close',
  ]);
  assert.equal(tcp.find(({ name }) => name === 'send').count, 2);
  assert.deepEqual(
    tcp.filter(({ across }) => across).map(({ name, across }) => `${name} ${across}`),
    ['connect in', 'send in'],
  );
});

test('flow_with_a_peer_elsewhere_says_that_its_calls_are_not_seen', () => {
  const { tcp } = courses(
    register(
      ...HTTP,
      '2 accept4(6) = 22 from 127.0.0.1:4000',
      '2 recv(22, 512) = 9',
      '2 send(22, 8 bytes) = 8',
    ),
  );
  assert.deepEqual(story(tcp), [
    'server socket',
    'server bind',
    'server listen',
    'client socket?',
    'client connect?',
    'server accept4',
    'server recv',
    'server send',
  ]);
  assert.equal(tcp.at(-1).across, 'out');
});

test('flow_without_a_peer_invents_none', () => {
  const { tcp, udp } = courses(
    register(...HTTP, '4 socket(AF_INET, SOCK_DGRAM, 0) = 9', '4 bind(9, 127.0.0.1:7071) = 0'),
  );
  assert.deepEqual(story(tcp), ['server socket', 'server bind', 'server listen']);
  assert.deepEqual(story(udp), ['server socket', 'server bind']);
  assert.deepEqual(courses([]), { tcp: [], udp: [] });
});

test('flow_of_datagrams_has_no_connection', () => {
  const { udp } = courses(
    register(
      '4 socket(AF_INET, SOCK_DGRAM, 0) = 9',
      '4 bind(9, 127.0.0.1:0) = 0',
      '4 getsockname(9) = 127.0.0.1:7071',
      '5 socket(AF_INET, SOCK_DGRAM, 0) = 10',
      '5 sendto(10, 512 bytes, 127.0.0.1:7071) = 512',
      '4 recvmsg(9, 512) = 512 from 127.0.0.1:9000',
      '5 close(10)',
      '4 close(9)',
    ),
  );
  assert.deepEqual(story(udp), [
    'server socket',
    'server bind',
    'client socket',
    'client sendto',
    'server recvmsg',
    'client close',
    'server close',
  ]);
});

test('flow_leaves_out_what_was_only_tried', () => {
  const { tcp, udp } = courses(
    register(
      '4 socket(AF_INET, SOCK_STREAM, 0) = 9',
      '4 close(9)',
      '5 socket(AF_INET, SOCK_DGRAM, 0) = 9',
      '5 close(9)',
    ),
  );
  assert.deepEqual([tcp, udp], [[], []]);
});
