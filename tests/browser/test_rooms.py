"""Many lines: rooms that fold, a filter, rows of one line each."""

import pytest
from selenium.webdriver.common.keys import Keys

from conftest import many_lines
from test_axe import AXE, findings
from test_edit import apply, bench, circuit, closed, keep, press, sheet  # noqa: F401 (bench is a fixture)

ROOMS = ["Kitchen", None, "온실"]


def house(count=24):
    """Every room's lines are scattered over the config."""
    return [{**line, **({"group": ROOMS[n % 3]} if ROOMS[n % 3] else {})} for n, line in enumerate(many_lines(count))]


@pytest.fixture
def home(own_gateway, page_of):
    return page_of(own_gateway(lines=house(), mode="none"))


def shown(page):
    """Names of the lines that are seen, from top to bottom."""
    return page.script("""return [...document.querySelectorAll('.rung')]
      .filter((one) => one.getClientRects().length).map((one) => one.dataset.line)""")


def field(page):
    page.until(lambda: page.all("#finder input"))
    return page.find("#finder input")


def compact(page):
    page.until(lambda: page.all("#finder button"))
    return page.find("#finder button")


def head(page, name):
    return next(one for one in page.all(".group-head button") if name in one.text)


def test_lines_of_one_room_stand_together_under_its_name(home):
    home.open()
    assert shown(home) == [f"line{n}" for first in (1, 0, 2) for n in range(first, 24, 3)]
    tops = home.script("""return ['line22', 'line0', 'line21', 'line2'].map((name) =>
      document.querySelector(`#rung-${name}`).getBoundingClientRect().top)""")
    kitchen, greenhouse = (head(home, name).rect["y"] for name in ("Kitchen", "온실"))
    assert tops[0] < kitchen < tops[1] < tops[2] < greenhouse < tops[3]
    assert home.find(".group .rungs-of").get_attribute("aria-label") == "Kitchen"
    home.go("timeline")
    home.until(lambda: len(home.all(".lane-name")) == 24)
    assert home.all(".lane-name")[8].get_attribute("data-line") == "line0", "the timeline has the same order"


def test_heading_tells_how_many_outputs_are_on(home):
    home.open()
    assert "0 of 6 on" in head(home, "Kitchen").text, "its two inputs are not counted"
    home.control("line0").click()
    home.until(lambda: "1 of 6 on" in head(home, "Kitchen").text)


def test_room_folds_and_is_folded_still_the_next_time(home):
    home.open()
    kitchen = head(home, "Kitchen")
    assert kitchen.get_attribute("aria-expanded") == "true"
    kitchen.send_keys(Keys.ENTER)
    home.until(lambda: "line0" not in shown(home))
    assert kitchen.get_attribute("aria-expanded") == "false"
    assert "line2" in shown(home) and "line1" in shown(home)
    home.browser.refresh()
    home.live()
    assert "line0" not in shown(home)
    head(home, "Kitchen").click()
    home.until(lambda: "line0" in shown(home))


@pytest.mark.parametrize("typed,found", [
    ("LINE 2", ["line22", "line21", "line2", "line20", "line23"]), ("line7", ["line7"]),
    ("gpio3", ["line3"]), ("5", ["line15", "line5"]), ("온실", [f"line{n}" for n in range(2, 24, 3)]), ("xyz", [])])
def test_filter_finds_by_title_name_number_and_room(home, typed, found):
    home.open()
    field(home).send_keys(typed)
    home.until(lambda: shown(home) == found, found)
    words = f"{len(found)} of 24 lines" if found else "No line matches."
    home.until(lambda: home.find("#finder [role=status]").text == words)
    field(home).send_keys(Keys.ESCAPE)
    home.until(lambda: len(shown(home)) == 24)


def test_filter_finds_in_a_folded_room_and_stays_with_another_language(home):
    home.open()
    head(home, "Kitchen").click()
    home.until(lambda: "line9" not in shown(home))
    field(home).send_keys("line9")
    home.until(lambda: shown(home) == ["line9"])
    home.find("#settings").click()
    home.until(lambda: home.all("dialog[open]"))
    next(one for one in home.all("dialog .choice label") if one.text == "한국어").click()
    home.until(lambda: home.find("#finder [role=status]").text == "라인 24개 중 1개")
    assert shown(home) == ["line9"] and field(home).get_attribute("value") == "line9"


def test_wires_lead_to_the_lines_that_are_shown_alone(home):
    home.open()
    home.until(lambda: len(home.all('#board .run:not([data-rail])')) == 24)
    field(home).send_keys("line1")
    wires = lambda: {one.get_attribute("data-line") for one in home.all("#board .run:not([data-rail])")}
    home.until(lambda: wires() == {f"line{n}" for n in (1, *range(10, 20))})


@pytest.mark.parametrize("width", [1280, 390])
def test_compact_row_is_one_line_of_state_title_and_switch(home, width):
    home.size(width, 844, touch=width < 700)
    home.open()
    compact(home).click()
    home.until(lambda: compact(home).get_attribute("aria-pressed") == "true")
    assert not home.find("#rung-line0 .part").is_displayed() and not home.find("#board").is_displayed()
    word, title, press = (home.find(f"#rung-line0 {part}").rect for part in (".word", ".rung-title", ".rung-press"))
    assert word["x"] < title["x"] < press["x"]
    heights = home.script("return [...document.querySelectorAll('.rung')].map((one) => one.offsetHeight)")
    assert 44 <= min(heights) and max(heights) <= 46
    assert home.script("return document.documentElement.scrollWidth") <= width
    home.control("line0").click()
    home.shows("line0", "on")
    home.browser.refresh()
    home.live()
    assert not home.find("#rung-line0 .part").is_displayed(), "remembered"
    compact(home).click()
    home.until(lambda: home.find("#rung-line0 .part").is_displayed())


def test_lock_is_seen_in_a_compact_row(home):
    home.open()
    compact(home).click()
    home.gateway.call("line.lock", line="line0", reason="being repaired")
    home.until(lambda: "being repaired" in home.find("#rung-line0").text)
    home.gateway.call("line.unlock", line="line0")


def test_few_lines_need_no_filter(own_gateway, page_of):
    page = page_of(own_gateway(lines=house(11), mode="none")).open()
    assert len(page.all(".group-head")) == 2 and not page.find("#finder").is_displayed()


def test_editor_puts_a_line_into_a_room_and_knows_the_rooms_there_are(bench):  # noqa: F811
    page = bench()
    for line, room in (("red", "Kitchen"), ("button", "")):
        press(page, f'[data-line="{line}"] .edit-open')
        sheet(page)
        press(page, "dialog[open] summary")
        assert [one.get_attribute("value") for one in page.all("#rooms option")] == (["Kitchen"] if not room else [])
        page.find('dialog[open] input[list="rooms"]').send_keys(room or "Kitchen")
        keep(page)
        closed(page)
    apply(page)
    assert [line["group"] for line in circuit(page)["lines"]] == ["Kitchen", "Kitchen"]
    page.go("circuit")
    page.until(lambda: "Kitchen" in page.find(".group-head").text)
    page.go("edit")
    press(page, '[data-line="red"] .edit-open')
    sheet(page)
    press(page, "dialog[open] summary")
    page.find('dialog[open] input[list="rooms"]').clear()
    keep(page)
    closed(page)
    apply(page)
    assert "group" not in circuit(page)["lines"][0]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("is_compact", [False, True])
def test_axe_finds_nothing_with_rooms(home, scheme, is_compact):
    if not AXE.exists():
        pytest.skip("axe-core is not installed: run npm ci in tests/browser")
    home.media(prefers_color_scheme=scheme)
    home.open()
    home.control("line0").click()
    home.shows("line0", "on")
    if is_compact:
        compact(home).click()
    head(home, "온실").click()
    field(home).send_keys("line")
    home.until(lambda: home.find("#finder [role=status]").text == "24 of 24 lines")
    assert findings(home) == []


def test_filter_of_forty_lines_keeps_the_page_quick(own_gateway, page_of):
    """In the time of the page's own thread: what else the machine does hardly counts. The goal is 50 ms; the
    bound is above it, so that shared caches do not fail the test and a filter that draws twice does."""
    page = page_of(own_gateway(lines=house(40), mode="none")).open()
    page.until(lambda: page.all("#board .run"))
    field(page)
    page.browser.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})

    def spent():
        metrics = page.browser.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
        return 1000 * next(one["value"] for one in metrics if one["name"] == "TaskDuration")

    took = {}
    for text in 3 * ["l", "line", "line3", "", "온", "7", ""]:
        before = spent()
        page.browser.execute_async_script("""
          const [text, done] = arguments;
          const field = document.querySelector('#finder input');
          field.value = text;
          field.dispatchEvent(new Event('input', { bubbles: true }));
          requestAnimationFrame(() => requestAnimationFrame(done));""", text)
        took[text] = min(took.get(text, 1000), spent() - before)
    page.browser.execute_cdp_cmd("Performance.disable", {})
    assert max(took.values()) < 100, took
