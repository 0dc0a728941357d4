"""The circuit: what is pressed happens, and what happens is seen."""

import re
import time

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys


def test_page_lists_every_line_with_its_state(page):
    page.open()
    titles = [element.text for element in page.all(".rung-title")]
    assert titles == ["Red LED", "Green LED", "Lamp", "Buzzer", "Fan", "Button", "Motion sensor", "Door"]
    assert page.word("red") == "off"
    assert page.word("button") == "released"
    assert page.word("door") == "closed"


def test_page_says_that_it_is_simulated(page):
    page.open()
    stamp = page.find("#simulated")
    assert stamp.is_displayed()
    assert stamp.text.lower() == "simulated"


def test_tap_switches_the_output(page, gateway):
    page.open()
    page.control("red").click()
    page.shows("red", "on")
    page.until(lambda: gateway.value("red") == 1)
    assert page.control("red").get_attribute("aria-checked") == "true"
    page.control("red").click()
    page.shows("red", "off")
    page.until(lambda: gateway.value("red") == 0)


def test_whole_rung_is_the_touch_target(page, gateway):
    page.open()
    page.size(390, 844, touch=True)
    symbol = page.find("#rung-lamp .part")
    ActionChains(page.browser).move_to_element(symbol).click().perform()
    page.until(lambda: gateway.value("lamp") == 1)
    page.shows("lamp", "on")


def lease_left(page, line):
    """Milliseconds to the end of the lease that the page shows, by the page's clock; None without one."""
    return page.script(f"""
      const left = document.querySelector('#rung-{line} .rung-note [data-says="note.lease"]');
      return left && Number(left.dataset.ends) - Date.now()""")


def test_lease_that_somebody_renews_is_not_shown_as_over(page, gateway):
    page.open()
    path, on = "/api/v1/lines/lamp/value", {"value": 1, "lease_ms": 1500}
    gateway.ask("PUT", path, on)
    page.until(lambda: lease_left(page, "lamp"))
    for _ in range(6):
        time.sleep(0.5)
        gateway.ask("PUT", path, on)
        page.until(lambda: lease_left(page, "lamp") > 0)
    page.shows("lamp", "on")
    page.shows("lamp", "off")
    page.until(lambda: lease_left(page, "lamp") is None)


def test_lease_of_a_connection_is_shown_without_a_countdown(page, gateway):
    page.open()
    page.script("""
      window.other = new WebSocket(`ws://${location.host}/ws`);
      other.onopen = () => other.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'line.set',
        params: { line: 'lamp', value: 1, lease: 'connection' } }))""")
    page.shows("lamp", "on")
    page.until(lambda: "as long as its connection" in page.find("#rung-lamp .rung-note").text)
    gateway.set("red", 1)
    page.shows("red", "on")  # and the page goes on
    page.script("other.close()")
    page.shows("lamp", "off")


def test_lease_is_renewed_by_the_page_that_switched_on_and_is_looked_at(own_gateway, page_of):
    fan = {"name": "fan", "part": "motor", "gpio": "GPIO12", "direction": "output", "lease_ms": 1500}
    gateway = own_gateway(lines=[fan])
    page = page_of(gateway).open()
    page.control("fan").click()
    page.shows("fan", "on")
    seq = gateway.ask("GET", "/api/v1/lines/fan")["seq"]
    time.sleep(4)
    assert gateway.ask("GET", "/api/v1/lines/fan")["seq"] == seq
    assert page.word("fan") == "on"
    page.script("Object.defineProperty(document, 'hidden', { configurable: true, get: () => true })")
    page.until(lambda: gateway.value("fan") == 0, within=5)
    page.script("delete document.hidden")
    page.shows("fan", "off")
    gateway.set("fan", 1)
    page.shows("fan", "on")
    page.shows("fan", "off", within=5)  # not by this page: it is not kept on
    page.control("fan").click()
    page.shows("fan", "on")
    page.browser.refresh()
    page.live()
    page.shows("fan", "off", within=5)


@pytest.mark.parametrize("language, words", [("en", r"on again in 5\d s"), ("ko", r"5\d초 뒤에 다시 켤 수")])
def test_line_that_rests_says_for_how_long(own_gateway, page_of, language, words):
    pump = {"name": "pump", "part": "motor", "gpio": "GPIO12", "direction": "output", "min_off_ms": 59000}
    page = page_of(own_gateway(lines=[pump])).open()
    page.script("localStorage.setItem('gpio-gateway', JSON.stringify({ language: arguments[0] }))", language)
    page.browser.refresh()
    page.live()
    page.control("pump").click()  # it rests after the start too
    page.until(lambda: re.search(words, page.find(".toast-alarm").text))


def test_long_press_makes_a_pulse(page, gateway):
    page.open()
    ActionChains(page.browser).click_and_hold(page.control("green")).perform()
    page.shows("green", "on")
    ActionChains(page.browser).release().perform()
    page.shows("green", "off")
    causes = [event["cause"] for event in gateway.ask("GET", "/api/v1/history?line=green")["events"]][-2:]
    assert "pulse" in causes


def test_simulated_input_is_pressed_as_long_as_the_finger_is(page, gateway):
    page.open()
    ActionChains(page.browser).click_and_hold(page.control("button")).perform()
    page.shows("button", "pressed")
    page.until(lambda: gateway.value("button") == 1)
    assert gateway.value("button") == 1
    ActionChains(page.browser).release().perform()
    page.until(lambda: gateway.value("button") == 0)
    page.shows("button", "released")


def test_change_made_elsewhere_is_seen(page, gateway):
    page.open()
    gateway.set("fan", 1)
    page.shows("fan", "on")
    gateway.ask("POST", "/api/v1/simulator/lines/motion", {"value": 1})
    page.shows("motion", "motion")


def test_all_off_switches_everything_off(page, gateway):
    gateway.ask("PUT", "/api/v1/lines", {"red": 1, "lamp": 1})
    page.open()
    page.shows("red", "on")
    page.find("#off").click()
    page.shows("red", "off")
    page.shows("lamp", "off")
    assert gateway.value("lamp") == 0


def test_running_blink_is_told_on_its_rung(page, gateway):
    page.open()
    gateway.call("line.blink", line="buzzer", on_ms=200, off_ms=300)
    note = page.find("#rung-buzzer .rung-note")
    page.until(lambda: "200 ms on" in note.text and "300 ms off" in note.text)
    gateway.call("line.stop", line="buzzer")
    page.until(lambda: note.text == "")


def test_pwm_is_seen_as_brightness(page, gateway):
    page.open()
    gateway.call("line.pwm", line="red", duty=0.25, hz=200)
    page.until(lambda: "25 % at 200 Hz" in page.find("#rung-red .rung-note").text)
    glow = lambda: float(page.script("return getComputedStyle(document.querySelector('#rung-red .glow')).opacity"))
    page.until(lambda: 0.2 < glow() < 0.6)
    gateway.set("red", 1)
    page.until(lambda: page.find("#rung-red .rung-note").text == "" and glow() == 1)
    gateway.set("red", 0)
    page.until(lambda: glow() == 0)


def lit(page, line):
    """What is drawn of a brightness: the colour of wire, switch and the board's wire, and the bar's share."""
    return page.script("""
      const rung = document.querySelector(`#rung-${arguments[0]}`);
      const colour = (selector, name) => getComputedStyle(document.querySelector(selector))[name];
      const bar = rung.querySelector('.note-pwm .drain span');
      return { wire: colour(`#rung-${arguments[0]} .wire-in`, 'backgroundColor'),
               track: colour(`#rung-${arguments[0]} .track`, 'backgroundColor'),
               symbol: colour(`#rung-${arguments[0]} .fillable, #rung-${arguments[0]} .blades`, 'fill'),
               run: colour(`#board .run[data-line="${arguments[0]}"]`, 'stroke'),
               words: rung.querySelector('.note-pwm')?.textContent ?? '',
               bar: bar && bar.getBoundingClientRect().width / bar.parentElement.clientWidth };""", line)


@pytest.mark.parametrize("line", ["red", "fan"])
def test_quarter_of_the_power_looks_like_a_quarter(page, gateway, line):
    page.open()
    page.until(lambda: page.all("#board .run"))
    looks = {}
    for duty in (1, 0.25, 0.75):
        gateway.call("line.pwm", line=line, duty=duty, hz=200)
        page.until(lambda: f"{round(100 * duty)} % at 200 Hz" in lit(page, line)["words"])
        page.until(lambda: lit(page, line)["track"] == lit(page, line)["wire"], "after its transition")
        looks[duty] = lit(page, line)
        assert abs(looks[duty]["bar"] - duty) < 0.02
    for what in ("wire", "symbol", "run"):
        assert len({look[what] for look in looks.values()}) == 3, what
    gateway.call("line.set", line=line, value=1)
    page.until(lambda: page.find(f"#rung-{line} .rung-note").text == "")
    assert lit(page, line)["wire"] == looks[1]["wire"]


def test_fade_is_seen_on_its_way(page, gateway):
    page.open()
    page.until(lambda: page.all("#board .run"))
    gateway.call("line.pwm", line="red", duty=0.2, hz=200)
    page.until(lambda: "20 %" in lit(page, "red")["words"])
    gateway.call("line.fade", line="red", to=0.8, ms=60000, hz=200)
    page.until(lambda: 0.2 < lit(page, "red")["bar"] < 0.5)
    begun = lit(page, "red")
    page.until(lambda: lit(page, "red")["bar"] > begun["bar"] + 0.005, "it goes on")
    page.browser.refresh()  # who comes later sees it on its way, too
    page.live()
    page.until(lambda: lit(page, "red")["bar"] > begun["bar"] + 0.005)
    gateway.call("line.fade", line="red", to=0.9, ms=50, hz=200)
    page.until(lambda: "90 %" in lit(page, "red")["words"])


def test_fade_of_a_row_that_was_drawn_anew_is_forgotten(page, gateway):
    page.open()
    gateway.call("line.pwm", line="red", duty=0.3, hz=200)
    gateway.call("line.fade", line="red", to=0.9, ms=20000, hz=200)
    page.until(lambda: page.all("#rung-red .note-pwm"))
    page.find("#settings").click()
    page.until(lambda: page.all("dialog[open]"))
    next(one for one in page.all("dialog .choice label") if one.text == "한국어").click()
    page.until(lambda: page.word("red") == "켜짐")
    gateway.call("line.pwm", line="red", duty=0.5, hz=200)
    level = lambda: page.script("return document.querySelector('#rung-red').style.getPropertyValue('--level')")
    page.until(lambda: level() == "50%")
    seen = page.browser.execute_async_script("""
      const [done] = arguments;
      const rung = document.querySelector('#rung-red');
      const seen = [];
      const look = () => seen.push(rung.style.getPropertyValue('--level'));
      for (let n = 0; n < 6; n++) setTimeout(look, 100 * n);
      setTimeout(() => done(seen), 700);""")
    assert set(seen) == {"50%"}


def test_timed_set_counts_down_on_its_rung(page, gateway):
    page.open()
    gateway.ask("PUT", "/api/v1/lines/lamp/value", {"value": 1, "for_ms": 60000})
    page.until(lambda: "more" in page.find("#rung-lamp .rung-note").text)
    assert page.all("#rung-lamp .rung-note .ring")


def test_wires_run_from_the_header_to_every_rung_on_a_wide_screen(page, gateway):
    page.open()
    # The rails have wires as well, which lead to no rung.
    page.until(lambda: page.script("""return [...document.querySelectorAll('#board .run')].filter(
      (run) => document.getElementById('rung-' + run.dataset.line)).length""") == 8)
    off = lambda: max(page.script("""
      const board = document.querySelector('#board svg').getBoundingClientRect();
      return [...document.querySelectorAll('#board .run')].filter(
        (run) => document.getElementById('rung-' + run.dataset.line)).map((run) => {
        const end = run.getPointAtLength(run.getTotalLength());
        const rung = document.getElementById('rung-' + run.dataset.line).getBoundingClientRect();
        return Math.abs(board.top + end.y - (rung.top + rung.height / 2));
      })"""))
    assert off() < 2
    # A rung that grows takes the wires below it along.
    gateway.call("line.lock", line="red", reason="a reason so long that it needs a line of its own and then another one after that")
    page.until(lambda: page.find("#rung-red").size["height"] > 70)
    page.until(lambda: off() < 2)
    gateway.call("line.unlock", line="red")
    page.size(390, 844)
    page.until(lambda: not page.all("#board svg"))


def test_wires_of_the_header_are_lit_with_their_line(page):
    page.open()
    page.until(lambda: page.all("#board .run"))
    page.control("red").click()
    page.until(lambda: page.find('#board .run[data-line="red"]').get_attribute("data-on") == "1")
    assert page.find('#board .run[data-line="green"]').get_attribute("data-on") == "0"


@pytest.mark.parametrize("count", [1, 40])
def test_layout_holds_with_one_line_and_with_forty(own_gateway, page_of, count):
    from conftest import many_lines
    page = page_of(own_gateway(lines=many_lines(count), mode="none")).open()
    assert len(page.all(".rung")) == count
    for width in (1280, 390, 320):
        page.size(width, 800)
        page.until(lambda: page.script("return innerWidth") == width)
        assert page.script("return document.documentElement.scrollWidth") <= width
        heights = page.script("return [...document.querySelectorAll('.rung')].map((r) => r.getBoundingClientRect().height)")
        assert min(heights) >= 44


def test_sheet_pulses_and_shows_the_same_by_hand(page, gateway):
    page.open()
    page.find("#rung-red .rung-more").click()
    page.until(lambda: page.all("dialog[open]"))
    field = [one for one in page.all("dialog .act") if "Pulse" in one.text][0]
    number = field.find_element("css selector", "input")
    number.clear()
    number.send_keys("120")
    hand = page.find("dialog .by-hand")
    page.until(lambda: "/lines/red/pulse" in hand.text and '{"ms":120}' in hand.text)
    field.find_element("css selector", "button").click()
    page.until(lambda: [event["cause"] for event in gateway.ask("GET", "/api/v1/history?line=red")["events"]][-1] == "pulse")
    page.find("dialog .choice label:nth-child(2)").click()
    page.until(lambda: "pulse red 120" in hand.text and "| nc " in hand.text)
    page.press(page.find("dialog"), Keys.ESCAPE)
    page.until(lambda: not page.all("dialog"))
    assert page.script("return document.activeElement.closest('.rung')?.id") == "rung-red", "focus comes back"


def test_lock_tells_its_reason_and_holds(page, gateway):
    page.open()
    gateway.call("line.lock", line="lamp", reason="lunch")
    try:
        page.until(lambda: "lunch" in page.find("#rung-lamp .rung-note").text)
        page.control("lamp").click()
        page.until(lambda: page.all(".toast-alarm"))
        page.shows("lamp", "off")
        assert gateway.value("lamp") == 0
    finally:
        gateway.call("line.unlock", line="lamp")
    page.until(lambda: page.find("#rung-lamp .rung-note").text == "")


def test_sheet_locks_unlocks_and_says_what_is_held_back(page, gateway):
    page.open()
    page.find("#rung-fan .rung-more").click()
    page.until(lambda: page.all("dialog[open]"))
    button = lambda words: next(one for one in page.all("dialog button") if one.text == words)
    page.find('dialog [data-when="unlocked"] input').send_keys("cleaning")
    button("Lock").click()
    page.until(lambda: page.find('dialog [data-when="locked"]').is_displayed())
    button("On").click()
    toast = page.until(lambda: page.find(".toast-alarm"))
    on_top = page.script("""
      const box = arguments[0].getBoundingClientRect();
      return arguments[0].contains(document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2))""", toast)
    assert on_top, "the sheet does not cover what it has to say"
    assert gateway.value("fan") == 0
    button("Unlock").click()
    page.until(lambda: page.find('dialog [data-when="unlocked"]').is_displayed())
    button("On").click()
    page.until(lambda: gateway.value("fan") == 1)
