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
  for (const [, letter, rest] of path.matchAll(/([MlHVqa])([^MlHVqa]*)/g)) {
    const n = rest
      .trim()
      .split(/[\s,]+/)
      .map(Number);
    if (letter === 'M') [x, y] = n;
    if (letter === 'l') [x, y] = [x + n[0], y + n[1]];
    if (letter === 'H') [x] = n;
    if (letter === 'V') [y] = n;
    if (letter === 'q') [x, y] = [x + n[2], y + n[3]];
    if (letter === 'a') [x, y] = [x + n[5], y + n[6]];
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

/** What the rungs of a circuit are like: so high, a taller one here and there, and how far the board came down. */
const SHAPES = [
  { height: 61, tall: 96, down: 0 },
  { height: 50, tall: 50, down: 130 },
  { height: 44, tall: 62, down: 37 },
  { height: 78, tall: 140, down: 401 },
];

/** Lines on random pins below the rails. The rails and every pin at most once; more lines have no pin. */
function circuit(count, seed, { height, tall } = SHAPES[count > 12 ? 1 : 0]) {
  const random = generator(seed);
  const free = HEADER.map((_, place) => place + 1).filter((pin) => ![1, 2, 6].includes(pin));
  const rails = [2, 1, 6].map((pin, n) => ({ name: `rail${n}`, pin, y: 22 * n + 11 }));
  let top = 66;
  const lines = Array.from({ length: count }, (_, n) => {
    const own = random(5) ? height : tall;
    top += own;
    return { name: `l${n}`, pin: free.splice(random(free.length), 1)[0], y: top - own / 2 };
  });
  return [...rails, ...lines.filter(({ pin }) => pin)];
}

/** Every circuit of 1 to 40 lines, in every shape, with its wires as they are drawn. */
const DRAWINGS = Array.from({ length: 40 }, (_, n) => n + 1).flatMap((count) =>
  SHAPES.map((shape, n) => {
    const wired = circuit(count, 1000 * n + 7 * count, shape);
    const geometry = { ...GEOMETRY, top: GEOMETRY.top + shape.down };
    const routes = route(wired, geometry, channelOf(wired.length)).map((one) => {
      const all = pieces(one.path);
      const flats = all.filter(({ flat }) => flat);
      return { ...one, flats, uprights: all.filter(({ flat }) => !flat) };
    });
    return { what: `${count} lines, shape ${n}`, wired, geometry, routes };
  }),
);

const overlap = (a, b) => Math.min(a.to, b.to) - Math.max(a.from, b.from);

/** The straight pieces of a wire between its corners; what it hops over is part of them. */
function pieces(path) {
  const points = corners(path);
  const flat = (at, from, to) => ({ flat: true, at, from, to });
  const all = points.slice(1).flatMap(([x, y], n) => {
    const [fromX, fromY] = points[n];
    if (fromY === y && fromX !== x) return [flat(y, fromX, x)];
    if (fromX === x && fromY !== y) {
      return [{ flat: false, at: x, from: Math.min(y, fromY), to: Math.max(y, fromY) }];
    }
    return [];
  });
  return all.reduce((joined, piece) => {
    const before = joined.at(-1);
    if (before?.flat && piece.flat && before.at === piece.at && before.to === piece.from) {
      before.to = piece.to;
      return joined;
    }
    return [...joined, piece];
  }, []);
}

/** Points along a wire, two pixels apart at most, from x on. */
function* along(path, from = 0) {
  const points = corners(path);
  for (const [n, [x, y]] of points.slice(1).entries()) {
    const [fromX, fromY] = points[n];
    if (x < from) continue;
    const steps = Math.ceil(Math.hypot(x - fromX, y - fromY) / 2);
    for (let step = 0; step <= steps; step++) {
      yield [fromX + ((x - fromX) * step) / steps, fromY + ((y - fromY) * step) / steps];
    }
  }
}

/** Where flat pieces of one cross upright ones of another: [[x, y], …]. */
const crossingsOf = (a, b) =>
  a.flats.flatMap((one) =>
    b.uprights
      .filter((up) => one.from < up.at && up.at < one.to && up.from < one.at && one.at < up.to)
      .map((up) => [up.at, one.at]),
  );

test('no_wire_lies_on_another_on_any_pins', () => {
  const apart = (some, others) =>
    Math.min(
      ...some.flatMap((one) =>
        others
          .filter((other) => overlap(one, other) > 0)
          .map((other) => Math.abs(one.at - other.at)),
      ),
    );
  for (const { what, routes } of DRAWINGS) {
    for (const [n, a] of routes.entries()) {
      for (const b of routes.slice(n + 1)) {
        const least = Math.min(apart(a.flats, b.flats), apart(a.uprights, b.uprights));
        assert.ok(least > APART - 0.02, `${what}: ${a.name}, ${b.name}: ${least} px`);
      }
    }
  }
});

test('no_wire_runs_through_a_pin_the_name_of_one_or_what_is_on_the_board', () => {
  // A lit wire and the ring of a used pin, at their thickest.
  const WIRE = 1.5;
  const RING = 9.5;
  for (const { what, wired, geometry, routes } of DRAWINGS) {
    const pins = HEADER.map((_, place) => pinPoint(place + 1, geometry));
    const names = HEADER.flatMap((says, place) => {
      const pin = place + 1;
      if (typeof says !== 'string' || wired.some((wire) => wire.pin === pin)) return [];
      const { x, y } = pinPoint(pin, geometry);
      const [from, to] = pin % 2 ? [x - 36, x - 13] : [x + 13, x + 36];
      return [{ from, to, top: y - 5 - WIRE, bottom: y + 5 + WIRE }];
    });
    for (const { name, path } of routes) {
      const own = wired.find((wire) => wire.name === name).pin;
      for (const [x, y] of along(path)) {
        if (x > BOARD.width) break;
        const through = names.some((at) => x > at.from && x < at.to && y > at.top && y < at.bottom);
        const touched = pins.findIndex(
          (pin, n) => n + 1 !== own && Math.hypot(x - pin.x, y - pin.y) < RING + WIRE,
        );
        assert.ok(!through, `${what}: ${name} through a name`);
        assert.equal(touched, -1, `${what}: ${name} through a pin`);
      }
    }
  }
});

test('no_wire_reaches_the_rungs_but_at_its_own', () => {
  for (const { what, wired, routes } of DRAWINGS) {
    const { to } = channelOf(wired.length);
    for (const { name, path } of routes) {
      const ends = [...along(path, to)].filter(([x]) => x >= to);
      const { y } = wired.find((wire) => wire.name === name);
      assert.ok(ends.length && ends.every(([x, at]) => x === to && Math.abs(at - y) < 0.01), what);
    }
  }
});

test('crossing_is_a_bridge_and_nothing_else_is', () => {
  for (const { what, routes } of DRAWINGS) {
    for (const wire of routes) {
      const { name, path, bridges } = wire;
      const over = routes
        .filter((other) => other !== wire)
        .flatMap((other) => crossingsOf(wire, other))
        .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      const drawn = [...bridges.matchAll(/M([\d.]+) ([\d.]+)h([\d.]+)a([\d.]+)/g)]
        .map(([, x, y, lead, half]) => [Number(x) + Number(lead) + Number(half), Number(y)])
        .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      assert.equal(drawn.length, over.length, `${what}: ${name}`);
      drawn.forEach(([x, y], n) => {
        assert.ok(Math.hypot(x - over[n][0], y - over[n][1]) < 0.01, `${what}: ${name}`);
      });
      // Bridges in a row do not touch, and none is in a corner.
      const ends = corners(path).map(([x]) => x);
      drawn.forEach(([x, y], n) => {
        const next = drawn[n + 1];
        if (next?.[1] === y) assert.ok(next[0] - x > 6 - 0.01, `${what}: ${name}`);
        assert.ok(ends.some((end) => Math.abs(end - x - 3) < 0.01));
      });
    }
  }
});

test('wires_cross_only_where_no_order_of_their_tracks_avoids_it', () => {
  for (const { what, wired, geometry, routes } of DRAWINGS) {
    const ends = routes.map((one) => {
      const { pin, y } = wired.find((wire) => wire.name === one.name);
      const start = pinPoint(pin, geometry);
      return { ...one, y, exit: pin % 2 ? start.y + GEOMETRY.pitch / 2 : start.y };
    });
    for (const [n, left] of ends.entries()) {
      for (const right of ends.slice(n + 1)) {
        // Two wires must cross where their order at the rungs is not that at the board; nowhere else.
        const turned = (left.exit - right.exit) * (left.y - right.y) < 0;
        const drawn = crossingsOf(left, right).length + crossingsOf(right, left).length;
        assert.equal(drawn, Number(turned), `${what}: ${left.name}, ${right.name}`);
      }
    }
  }
});
