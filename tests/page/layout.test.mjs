import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './page.mjs';

const {
  APART,
  BOARD,
  GEOMETRY,
  HEADER,
  bcmOf,
  boardPinOf,
  channelOf,
  crossings,
  pinPoint,
  railOf,
  railsOf,
  route,
  supplyOf,
} = await load('layout.js');

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

test('module_is_fed_by_its_rail_and_shares_the_ground', () => {
  const relay = { part: 'relay', direction: 'output', gpio: { active_low: true } };
  const motion = { part: 'motion', direction: 'input', gpio: { bias: 'pull-down' } };
  const led = { part: 'led', direction: 'output', gpio: {} };
  assert.deepEqual([supplyOf(relay), railOf(relay)], ['5v', 'gnd']);
  assert.deepEqual([supplyOf(motion), railOf(motion)], ['5v', 'gnd']);
  assert.equal(supplyOf(led), null);
  assert.deepEqual(
    railsOf([led]).map(({ rail }) => rail),
    ['gnd'],
  );
  for (const { rail, pin } of railsOf([relay, { part: 'button', direction: 'input' }])) {
    assert.equal(
      String(HEADER[pin - 1]).toLowerCase(),
      rail,
      'a rail is tied to a pin that has it',
    );
  }
});

/** Numbers that look random and are the same each time. */
function generator(seed) {
  let state = seed;
  return (below) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * below);
  };
}

/** Lines on random pins, each rung so high, below the rails. */
function circuit(count, seed) {
  const random = generator(seed);
  const free = HEADER.map((_, place) => place + 1).filter((pin) => ![1, 2, 6].includes(pin));
  const rails = [2, 1, 6].map((pin, n) => ({ name: `rail${n}`, pin, y: 22 * n + 11 }));
  const height = count > 12 ? 50 : 61;
  const lines = Array.from({ length: Math.min(count, free.length) }, (_, n) => ({
    name: `l${n}`,
    pin: free.splice(random(free.length), 1)[0],
    y: 66 + height * (n + 0.5),
  }));
  return [...rails, ...lines];
}

/** Pieces of a wire between its corners, the slanted ones left out. */
function pieces(path) {
  const points = corners(path);
  return points.slice(1).flatMap(([x, y], n) => {
    const [fromX, fromY] = points[n];
    if (fromY === y && fromX !== x) return [{ flat: true, at: y, from: fromX, to: x }];
    if (fromX === x && fromY !== y) {
      return [{ flat: false, at: x, from: Math.min(y, fromY), to: Math.max(y, fromY) }];
    }
    return [];
  });
}

const overlap = (a, b) => Math.min(a.to, b.to) - Math.max(a.from, b.from);

test('no_wire_lies_on_another_on_any_pins', () => {
  for (let count = 1; count <= 37; count++) {
    for (const seed of [1, 7, 99]) {
      const wired = circuit(count, seed * 1000 + count);
      const drawn = route(wired, GEOMETRY, channelOf(wired.length)).map(({ name, path }) => ({
        name,
        pieces: pieces(path),
      }));
      for (const [n, a] of drawn.entries()) {
        for (const b of drawn.slice(n + 1)) {
          for (const one of a.pieces) {
            for (const other of b.pieces) {
              if (one.flat !== other.flat || overlap(one, other) <= 0) continue;
              const apart = Math.abs(one.at - other.at);
              assert.ok(apart >= APART - 0.01, `${count} lines: ${a.name}, ${b.name}: ${apart} px`);
            }
          }
        }
      }
    }
  }
});

test('no_wire_runs_through_the_name_of_a_pin', () => {
  const wired = circuit(37, 5);
  const names = HEADER.flatMap((what, place) => {
    const pin = place + 1;
    const free = typeof what === 'string' && !wired.some((wire) => wire.pin === pin);
    const { x, y } = pinPoint(pin, GEOMETRY);
    return free && pin % 2 === 0 ? [{ from: x + 13, to: x + 36, top: y - 4, bottom: y + 5 }] : [];
  });
  for (const { path } of route(wired, GEOMETRY, channelOf(wired.length))) {
    for (const piece of pieces(path).filter(({ flat }) => flat)) {
      for (const name of names) {
        const through = overlap(piece, name) > 0 && piece.at > name.top && piece.at < name.bottom;
        assert.ok(!through);
      }
    }
  }
});

test('wires_cross_only_where_no_order_of_their_tracks_avoids_it', () => {
  for (let seed = 1; seed < 30; seed++) {
    const wired = circuit(20, seed);
    const ends = route(wired, GEOMETRY, channelOf(wired.length)).map(({ name }) => {
      const { pin, y } = wired.find((wire) => wire.name === name);
      const start = pinPoint(pin, GEOMETRY);
      return { y, exit: pin % 2 ? start.y + GEOMETRY.pitch / 2 : start.y };
    });
    for (const [n, left] of ends.entries()) {
      for (const right of ends.slice(n + 1)) {
        assert.ok(crossings(left, right) <= crossings(right, left));
      }
    }
  }
});
