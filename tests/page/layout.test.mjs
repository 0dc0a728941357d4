import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './page.mjs';

const { HEADER, bcmOf, boardPinOf, railOf, route, pinPoint, channelOf, BOARD, GEOMETRY } =
  await load('layout.js');

const CHANNEL = channelOf(28);

test('header_has_forty_pins_and_every_gpio_once', () => {
  assert.equal(HEADER.length, 40);
  const numbers = HEADER.filter((what) => typeof what === 'number').sort((a, b) => a - b);
  assert.deepEqual(
    numbers,
    Array.from({ length: 28 }, (_, n) => n),
  );
  assert.equal(HEADER.filter((what) => what === 'GND').length, 8);
  assert.deepEqual([HEADER[0], HEADER[1], HEADER[10], HEADER[39]], ['3V3', '5V', 17, 21]);
});

test('pin_is_found_by_name_or_by_the_offset_of_a_pis_own_chip', () => {
  assert.equal(boardPinOf({ gpio: { name: 'GPIO17', label: 'simulator', offset: 3 } }), 11);
  assert.equal(boardPinOf({ gpio: { name: 'TXD1', label: 'pinctrl-bcm2711', offset: 14 } }), 8);
  assert.equal(boardPinOf({ gpio: { name: 'x', label: 'some-expander', offset: 14 } }), null);
  assert.equal(
    boardPinOf({ gpio: { name: 'GPIO40', label: 'pinctrl-bcm2835', offset: 40 } }),
    null,
  );
  assert.equal(bcmOf({}), null);
});

test('rail_is_where_the_part_is_wired_to', () => {
  const of = (direction, gpio) => railOf({ direction, gpio });
  assert.equal(of('output', {}), 'gnd');
  assert.equal(of('output', { active_low: true }), '3v3');
  assert.equal(of('input', { bias: 'pull-up' }), 'gnd');
  assert.equal(of('input', { bias: 'pull-down' }), '3v3');
});

/** The corners of a route, all curves as their end points. */
function corners(path) {
  let [x, y] = [0, 0];
  const points = [];
  for (const [, letter, rest] of path.matchAll(/([MlHVq])([^MlHVq]*)/g)) {
    const n = rest
      .trim()
      .split(/[\s,]+/)
      .map(Number);
    if (letter === 'M') [x, y] = n;
    if (letter === 'l') [x, y] = [x + n[0], y + n[1]];
    if (letter === 'H') [x] = n;
    if (letter === 'V') [y] = n;
    if (letter === 'q') [x, y] = [x + n[2], y + n[3]];
    points.push([x, y]);
  }
  return points;
}

function wires(count, rung) {
  const pins = HEADER.map((what, place) => (typeof what === 'number' ? place + 1 : 0)).filter(
    Boolean,
  );
  // An order that has nothing to do with the pins', so that wires must cross.
  return Array.from({ length: count }, (_, n) => ({
    name: `l${n}`,
    pin: pins[(n * 11) % pins.length],
    y: rung * (n + 0.5),
  }));
}

for (const count of [1, 8, 28]) {
  test(`wires_of_${count}_lines_run_in_tracks_of_their_own_to_their_rungs`, () => {
    const all = wires(count, 61);
    const routes = route(all, GEOMETRY, CHANNEL);
    assert.equal(routes.length, count);
    const tracks = routes.map(({ track }) => track).sort((a, b) => a - b);
    tracks.forEach((track, n) => {
      assert.ok(CHANNEL.from > BOARD.width && track > CHANNEL.from && track < CHANNEL.to);
      if (n) assert.ok(track - tracks[n - 1] > 4, 'wide enough to tell apart');
    });
    for (const { name, path } of routes) {
      const points = corners(path);
      const wire = all.find((one) => one.name === name);
      const from = pinPoint(wire.pin, GEOMETRY);
      assert.deepEqual(points[0], [from.x, from.y]);
      const end = points[points.length - 1];
      assert.equal(end[0], CHANNEL.to);
      assert.ok(Math.abs(end[1] - wire.y) < 1, `${name} ends at its rung`);
    }
  });
}

test('wires_in_the_order_of_their_pins_do_not_cross', () => {
  const all = [14, 15, 18, 23].map((bcm, n) => ({
    name: `l${n}`,
    pin: HEADER.indexOf(bcm) + 1,
    y: 300 + n * 60,
  }));
  const routes = route(all, GEOMETRY, CHANNEL);
  const of = (n) => routes.find(({ name }) => name === all[n].name);
  for (let n = 1; n < all.length; n++) assert.ok(of(n).track < of(n - 1).track);
});

test('wire_of_the_left_column_passes_between_the_right_ones_pins', () => {
  const [{ path }] = route([{ name: 'a', pin: 11, y: 400 }], GEOMETRY, CHANNEL);
  const { y } = pinPoint(12, GEOMETRY);
  const [, out] = corners(path);
  assert.ok(Math.abs(out[1] - y) > 8, 'clear of pin 12');
});
