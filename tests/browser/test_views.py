"""Timeline, sockets and console."""

import re

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys


def lane(page, title):
    return next(one.text for one in page.all(".lane-name") if title in one.text)


def ink(page):
    """How many pixels of the strip are painted."""
    return page.script("""
      const canvas = document.querySelector('.lanes');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      let n = 0; for (let i = 3; i < data.length; i += 4) if (data[i] > 200) n++; return n""")


def test_timeline_counts_edges_of_the_past_and_live(own_gateway, page_of):
    gateway = own_gateway()
    for value in (1, 0, 1, 0):
        gateway.set("red", value)
    page = page_of(gateway).open()
    page.go("timeline")
    page.until(lambda: "4 edges" in lane(page, "Red LED"))
    gateway.set("red", 1)
    page.until(lambda: "5 edges" in lane(page, "Red LED") and "on" in lane(page, "Red LED"))


def test_timeline_draws_waves(page, gateway):
    page.open()
    page.go("timeline")
    page.until(lambda: ink(page) > 0)
    page.find(".view-head .button").click()
    page.until(lambda: page.find(".view-head .button").text == "Live")
    still = ink(page)
    gateway.set("red", 1)
    page.find(".view-head .button").click()
    page.until(lambda: ink(page) != still)


def test_timeline_measures_between_two_cursors(page):
    page.open()
    page.go("timeline")
    page.find(".view-head .button").click()
    strip = page.find(".lanes")
    width = strip.size["width"]
    for place in (-0.25, 0.25):
        ActionChains(page.browser).move_to_element_with_offset(strip, int(width * place), 0).click().perform()
    text = page.until(lambda: re.search(r"Δt ([\d.]+) s · 1/Δt ([\d.]+) Hz", page.find(".readout").text))
    assert abs(float(text[1]) - 10) < 0.2, "half of a strip of 20 s"
    assert abs(float(text[1]) * float(text[2]) - 1) < 0.1


def test_timeline_zooms_and_moves_by_wheel_and_keys(page):
    page.open()
    page.go("timeline")
    edge = lambda: page.script("return document.querySelector('.view-head .button').textContent")
    strip = page.find(".lanes")
    strip.send_keys(Keys.ARROW_LEFT)
    page.until(lambda: edge() == "Live")
    strip.send_keys(Keys.END)
    page.until(lambda: edge() == "Pause")
    ticks = lambda: page.script("return document.querySelector('.ruler').toDataURL()")
    before = ticks()
    page.script("""document.querySelector('.lanes').dispatchEvent(
      new WheelEvent('wheel', { deltaY: -400, bubbles: true, cancelable: true }))""")
    page.until(lambda: ticks() != before)


def test_timeline_zooms_by_pinch_and_moves_by_one_finger(page):
    page.size(390, 844, touch=True)
    page.open()
    page.go("timeline")
    ticks = lambda: page.script("return document.querySelector('.ruler').toDataURL()")
    button = lambda: page.script("return document.querySelector('.view-head .button').textContent")
    box = page.find(".lanes").rect
    y = box["y"] + 60
    middle = box["x"] + box["width"] / 2

    def touch(kind, *places):
        page.browser.execute_cdp_cmd("Input.dispatchTouchEvent", {
            "type": kind, "touchPoints": [{"x": middle + place, "y": y, "id": n} for n, place in enumerate(places)]})

    touch("touchStart", 0)
    for step in range(1, 9):
        touch("touchMove", step * 8)
    touch("touchEnd")
    page.until(lambda: button() == "Live", "one finger drags into the past and holds there")
    before = page.until(ticks)
    touch("touchStart", -30, 30)
    for step in range(1, 9):
        touch("touchMove", -30 - step * 7, 30 + step * 7)
    touch("touchEnd")
    page.until(lambda: ticks() != before, "two fingers zoom")
    assert page.find(".readout").text == "Tap two places to measure.", "neither was a tap"


def paused(page):
    return page.script("return document.querySelector('.view-head .button').textContent") == "Live"


def test_timeline_shows_whole_titles_on_a_phone(own_gateway, page_of):
    titles = ["Living-room ceiling lamp", "Water pump of the rain barrel", "현관 앞 움직임 센서와 전등", "Ceiling lamp above the dining table 12"]
    lines = [{"name": f"line{n}", "title": title, "gpio": f"GPIO{n}", "direction": "output"}
             for n, title in enumerate(6 * titles)]
    page = page_of(own_gateway(lines=lines, mode="none"))
    page.size(390, 844, touch=True)
    page.open()
    page.go("timeline")
    page.until(lambda: len(page.all(".lane-title")) == 24)
    for menu in page.all(".trigger select"):
        assert menu.rect["x"] + menu.rect["width"] <= 390
    cut = page.script("""return [...document.querySelectorAll('.lane-title')]
      .filter((one) => one.scrollHeight > one.clientHeight || one.scrollWidth > one.clientWidth)
      .map((one) => one.textContent)""")
    assert cut == []
    page.until(lambda: page.script("""
      const [names, lanes] = ['.lane-names', '.waves-box'].map((one) => document.querySelector(one).getBoundingClientRect());
      return Math.abs(names.bottom - lanes.bottom) < 1.5"""), "each lane stands beside its name")
    assert page.script("return document.documentElement.scrollWidth") <= 390


def test_timeline_says_what_was_before_the_first_event(own_gateway, page_of):
    page = page_of(own_gateway()).open()
    page.script("""
      window.written = new Set();
      const write = CanvasRenderingContext2D.prototype.fillText;
      CanvasRenderingContext2D.prototype.fillText = function (text, ...at) {
        window.written.add(text); write.call(this, text, ...at); };""")
    page.go("timeline")
    page.until(lambda: page.script("return window.written.has('nothing recorded')"))


def test_timeline_stops_at_the_edge_it_was_told(page, gateway):
    page.open()
    page.go("timeline")
    line, edge = page.until(lambda: page.all(".trigger select"))
    line.send_keys("Red")
    edge.send_keys("rising")
    assert [one.get_attribute("value") for one in (line, edge)] == ["red", "rising"]
    gateway.set("green", 1)
    page.until(lambda: "on" in lane(page, "Green LED"))
    assert not paused(page), "another line's edge"
    gateway.set("red", 1)
    page.until(lambda: paused(page))
    assert "Red LED, on" in page.find(".readout").text and "Stopped at" in page.find(".readout").text
    page.find(".view-head .button").click()
    page.until(lambda: not paused(page) and "Stopped" not in page.find(".readout").text)
    gateway.set("red", 0)
    page.until(lambda: "off" in lane(page, "Red LED"))
    assert not paused(page), "a falling edge"
    gateway.set("red", 1)
    page.until(lambda: paused(page), "and at the next one again")


def test_timeline_goes_into_the_past_by_its_slider(page, gateway):
    page.open()
    page.go("timeline")
    slider = page.find(".past-slider")
    for _ in range(6):
        page.find('.zoom [aria-label="Zoom in"]').click()
    page.until(lambda: slider.is_enabled(), "there is more than the strip shows")
    assert slider.get_attribute("aria-valuetext") == "Live"
    slider.send_keys(Keys.HOME)
    page.until(lambda: paused(page) and slider.get_attribute("aria-valuetext").startswith("−"))
    slider.send_keys(Keys.END)
    page.until(lambda: not paused(page) and slider.get_attribute("aria-valuetext") == "Live")
    slider.send_keys(Keys.ARROW_LEFT)
    page.until(lambda: paused(page))

def test_timeline_pins_a_lane_to_the_top(page):
    page.open()
    page.go("timeline")
    page.until(lambda: page.all(".lane-name"))
    page.find('.lane-name[data-line="door"]').click()
    page.until(lambda: "Door" in page.all(".lane-name")[0].text)
    assert page.find('.lane-name[data-line="door"]').get_attribute("aria-pressed") == "true"


def test_timeline_saves_what_the_gateway_exports(page):
    page.open()
    page.go("timeline")
    links = page.until(lambda: page.all(".saves a"))
    for link, begins in zip(links, ("$", "")):
        text = page.browser.execute_async_script(
            "const [href, done] = arguments; fetch(href).then((r) => r.ok ? r.text() : 'failed').then(done)",
            link.get_attribute("href"))
        assert text != "failed" and text.startswith(begins) and "red" in text


def test_sockets_shows_the_calls_and_marks_your_own(page):
    page.open()
    page.go("sockets")
    page.until(lambda: page.all(".you"))
    [mine] = [one for one in page.all(".socket") if one.find_elements("css selector", ".you")]
    assert "websocket" in mine.text
    page.until(lambda: "accept4(" in page.find(".flow-rows").text)
    listener = next(one for one in page.all(".socket") if "LISTEN" in one.text)
    listener.click()
    page.until(lambda: "bind(" in page.find(".flow-rows").text and "listen(" in page.find(".flow-rows").text)
    assert "accepted" in listener.text


def test_console_takes_words_and_shows_the_answer(page, gateway):
    page.open()
    page.go("console")
    page.find("#command").send_keys("set red 1", Keys.ENTER)
    page.until(lambda: gateway.value("red") == 1)
    page.until(lambda: '"value":1' in page.find(".entry-in").text)


def test_console_takes_json_rpc(page, gateway):
    page.open()
    page.go("console")
    page.find("#command").send_keys('line.toggle {"line":"lamp"}', Keys.ENTER)
    page.until(lambda: gateway.value("lamp") == 1)


def test_console_says_how_a_command_goes(page):
    page.open()
    page.go("console")
    page.find("#command").send_keys("pulse red", Keys.ENTER)
    page.until(lambda: "pulse LINE MS" in page.find(".entry-error").text)


def test_console_lists_its_words(page):
    page.open()
    page.go("console")
    page.find("#command").send_keys("help", Keys.ENTER)
    page.until(lambda: "pulse LINE MS" in page.find(".entry-in").text)
    assert "help" in page.find(".entry-in").text.split("\n")
    assert not page.all(".entry-error")


def test_console_names_a_line_of_this_circuit_as_its_example(own_gateway, page_of):
    lines = [{"name": "door", "gpio": "GPIO5", "direction": "input"}, {"name": "pump", "gpio": "GPIO6", "direction": "output"}]
    page = page_of(own_gateway(lines=lines)).open()
    page.go("console")
    assert page.find("#command").get_attribute("placeholder") == "toggle pump"
    page.find("#command").send_keys(Keys.ENTER)
    page.until(lambda: "toggle pump" in page.find(".entry-error").text)
    page.browser.refresh()  # opened before the circuit is there
    page.until(lambda: page.find("#command").get_attribute("placeholder") == "toggle pump")


def test_console_suggests_the_line_that_was_meant_and_says_nothing_else(page):
    page.open()
    page.go("console")
    page.find("#command").send_keys("toggle buzer", Keys.ENTER)
    page.until(lambda: 'did you mean "buzzer"?' in page.find(".entry-error").text)
    assert len(page.all(".entry")) == 2, "the command and its one answer"


def test_console_completes_from_the_gateways_methods(page, gateway):
    page.open()
    page.go("console")
    page.find("#command").send_keys("circuit.")
    offers = lambda: [one.get_attribute("value") for one in page.all("#offers option")]
    page.until(lambda: "circuit.get" in offers())
    known = {one["name"] for one in gateway.call("system.methods")["methods"]}
    assert set(offers()) <= known


def test_console_walks_back_through_what_was_sent(page):
    page.open()
    page.go("console")
    field = page.find("#command")
    field.send_keys("toggle red", Keys.ENTER)
    page.until(lambda: field.get_attribute("value") == "")
    field.send_keys(Keys.ARROW_UP)
    assert field.get_attribute("value") == "toggle red"


def test_console_writes_a_curl_line_that_works(page, gateway):
    import subprocess
    page.open()
    page.go("console")
    page.find("#command").send_keys("set lamp 1")
    page.all(".copies button")[0].click()
    line = page.until(lambda: page.find(".entry-copy code").text)
    subprocess.run(["sh", "-c", line], check=True, capture_output=True,
                   env={**gateway.environment, "TOKEN": gateway.token()})
    assert gateway.value("lamp") == 1
