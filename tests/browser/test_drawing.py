"""The drawing of the circuit: what is drawn can be wired as drawn, and read at any width."""

import random

import pytest

PARTS = ["led", "button", "relay", "motor", "motion", "door", "switch", "buzzer", "generic"]


def lines_on_random_pins(count, seed):
    """So many lines of all parts; those beyond the header's GPIOs are on another chip."""
    chance = random.Random(seed)
    pins = list(range(28))
    chance.shuffle(pins)
    lines = []
    for n in range(count):
        part = PARTS[n % len(PARTS)]
        line = {"name": f"line{n}", "title": f"A {part}, number {n}", "part": part,
                "gpio": f"GPIO{pins[n] if n < len(pins) else n}",
                "direction": "input" if part in ("button", "motion", "door", "switch") else "output"}
        if part in ("button", "door", "switch"):
            line["bias"] = chance.choice(["pull-up", "pull-down"])
        lines.append(line)
    return lines


# What is drawn over what: points of wires in boxes of labels and symbols that they have no end at.
OVERLAPS = """
  const inset = (box, by) => ({ left: box.left + by, right: box.right - by, top: box.top + by, bottom: box.bottom - by });
  const boxes = (selector, by = 0.5) => [...document.querySelectorAll(selector)]
    .filter((one) => one.getClientRects().length && getComputedStyle(one).display !== 'none')
    .map((one) => ({ what: selector + ' ' + one.textContent.trim(), rung: one.closest('.rung'),
                     ...inset(one.getBoundingClientRect(), by) }));
  const labels = boxes('.rung-title, .rung-state, .rung-note > *, .board-pin, .rail-pin, .part text');
  const symbols = boxes('.bcm, .rung-press > *, .rung-more, .part .body:not(circle)');
  const faults = [];
  const at = (x, y, box) => x > box.left && x < box.right && y > box.top && y < box.bottom;
  const board = document.querySelector('#board').getBoundingClientRect();
  const beside = [...labels, ...symbols, ...boxes('#board .pin-name')].filter((box) => box.left < board.right + 1);
  for (const run of document.querySelectorAll('#board .run')) {
    const own = run.dataset.line;
    const place = run.getScreenCTM();
    const length = run.getTotalLength();
    for (let way = 0; way <= length; way += 4) {
      const point = run.getPointAtLength(way).matrixTransform(place);
      for (const box of beside) {
        if (at(point.x, point.y, box)) faults.push(`wire of ${own} over ${box.what}`);
      }
    }
  }
  // Within the rungs: the rails and what branches off them.
  const wires = boxes('.rail, .rung .rung-branch, .rung .rung-draw > .wire, .rail-row .rung-branch', 0);
  for (const wire of wires) {
    for (const box of [...labels, ...symbols]) {
      const wide = Math.min(wire.right, box.right) - Math.max(wire.left, box.left);
      const high = Math.min(wire.bottom, box.bottom) - Math.max(wire.top, box.top);
      if (wide > 1 && high > 0.5) faults.push(`${wire.what} over ${box.what}`);
    }
  }
  return [...new Set(faults)];
"""


@pytest.mark.parametrize("count", [3, 40])
def test_no_wire_lies_on_a_label_or_a_symbol_at_any_width(own_gateway, page_of, count):
    page = page_of(own_gateway(lines=lines_on_random_pins(count, count), mode="none")).open()
    for width in (1280, 900, 390, 320):
        page.size(width, 800)
        page.until(lambda: page.script("return innerWidth") == width)
        page.until(lambda: bool(page.all("#board .run")) == (width >= 900))
        # The wires follow the rungs a painting later.
        page.browser.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
        assert page.script(OVERLAPS) == [], f"at {width} px"
