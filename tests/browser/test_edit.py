"""The circuit is built on the page: by a maker with a phone, two admins at once, and who types nonsense."""

import json
import pathlib
import time
import urllib.request

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

import conftest
import test_axe

TWO = [{"name": "red", "title": "Red LED", "part": "led", "gpio": "GPIO17", "direction": "output"},
       {"name": "button", "title": "Button", "part": "button", "gpio": "GPIO5", "direction": "input",
        "bias": "pull-up", "active_low": True}]


@pytest.fixture
def bench(page_of, own_gateway):
    """Opens the editor on a gateway without tokens."""
    def open_bench(lines=None, **size):
        gateway = own_gateway(lines=TWO if lines is None else lines, mode="none")
        page = page_of(gateway)
        if size:
            page.size(**size)
        page.browser.get(f"{gateway.url}/#edit")
        page.until(lambda: page.all(".part-card"), "the editor")
        return page
    return open_bench


def ask(page, method, path, body=None, raw=None, **headers):
    data = raw.encode() if raw is not None else None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(page.gateway.url + path, data=data, method=method,
                                     headers={"Content-Type": "application/json", **headers})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.loads(answer.read())


def circuit(page):
    return json.loads(page.gateway.config.read_text())["circuit"]


def sheet(page):
    page.until(lambda: page.all("dialog[open]"), "a sheet")
    return page.find("dialog[open]")


def closed(page):
    page.until(lambda: not page.all("dialog[open]"), "the sheet is closed")


def keep(page):
    press(page, "dialog[open] .button-strong")


def bar(page):
    return page.find(".edit-bar").text


def press(page, selector, place=0):
    """Clicks what a person would scroll to first."""
    found = page.all(selector)[place]
    page.script("arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })", found)
    found.click()


def send(page):
    page.until(lambda: page.find("#edit-apply").is_enabled() and "Checking" not in bar(page), "something to apply")
    press(page, "#edit-apply")


def apply(page):
    send(page)
    page.until(lambda: "Applied" in page.text(), "applied")


def add(page, part):
    press(page, f'.part-card[data-part="{part}"]')
    sheet(page)


# ---- the minute ----------------------------------------------------------------------------


def test_from_nothing_to_a_button_that_toggles_a_led_in_a_minute_and_twelve_taps(bench):
    page = bench(lines=[], width=390, height=844, touch=True)
    page.browser.get(page.gateway.url)
    taps = 0
    began = time.monotonic()

    def tap(selector):
        nonlocal taps
        page.until(lambda: page.find(selector).is_enabled(), selector)
        press(page, selector)
        taps += 1

    tap("#waiting a")
    page.until(lambda: "What did you wire?" in page.text())
    tap('.part-card[data-part="led"]')
    tap('dialog[open] input[value="GPIO27"]')
    tap("dialog[open] .button-strong")
    closed(page)
    tap('.part-card[data-part="button"]')
    tap('dialog[open] .pins .button')  # find it: the button on the breadboard is pressed
    page.until(lambda: "20 seconds" in sheet(page).text)
    for level in (0, 1):
        ask(page, "POST", "/api/v1/simulator/pins/GPIO6", {"value": level})
    page.until(lambda: page.script("return document.querySelector('[value=GPIO6]').checked"), "the pin is found")
    tap("dialog[open] .button-strong")
    closed(page)
    tap("#edit-rules ~ .button-quiet")
    words = [page.script("return arguments[0].selectedOptions[0].text", one)
             for one in sheet(page).find_elements("css selector", "select")]
    assert {"Button", "is pressed", "toggle", "LED"} <= set(words)
    tap("dialog[open] .button-strong")
    closed(page)
    page.until(lambda: "LED: new, on GPIO27." in bar(page) and "Button: new, on GPIO6." in bar(page))
    send(page)
    taps += 1
    page.until(lambda: ask(page, "GET", "/api/v1/lines")["lines"][1]["name"] == "button", "the circuit is taken")
    assert time.monotonic() - began < 60 and taps <= 12, taps
    led, button = circuit(page)["lines"]
    assert (led["gpio"], led["direction"]) == ("GPIO27", "output")
    assert (button["gpio"], button["bias"], button["active_low"]) == ("GPIO6", "pull-up", True)
    ask(page, "POST", "/api/v1/simulator/lines/button", {"value": 1})
    page.until(lambda: ask(page, "GET", "/api/v1/lines/led")["value"] == 1,
               "the wired button toggles the wired LED")  # once its 5 ms of bouncing are over
    assert page.complaints() == []


# ---- changing what is there ----------------------------------------------------------------


def test_line_moves_to_another_pin_and_comes_back_with_undo(bench):
    page = bench()
    before = page.gateway.config.read_text()
    press(page, '[data-line="red"] .edit-open')
    sheet(page)
    press(page, 'dialog[open] input[value="GPIO22"]')
    assert "15 GPIO22" in page.find(".wiring").text, "the drawing follows"
    keep(page)
    closed(page)
    page.until(lambda: bar(page).startswith("Red LED: moves to GPIO22. 1 stay as they are."))
    apply(page)
    assert circuit(page)["lines"][0]["gpio"] == "GPIO22"
    page.until(lambda: page.find(".edit-bar .button").text == "Undo")
    press(page, ".edit-bar .button")
    page.until(lambda: page.gateway.config.read_text() == before, "the file of before")


def test_rename_follows_into_rules_and_comments_stay(bench):
    page = bench()
    text = page.gateway.config.read_text().replace(
        '"lines": [{', '"// mine": "do not touch", "rules": [{"when": {"line": "button", "edge": "rising"}, '
        '"do": {"method": "line.toggle", "line": "red"}}], "lines": [{"//": "pin 11", ')
    ask(page, "PUT", "/api/v1/config", raw=text, **{"If-Match": "*"})
    page.until(lambda: "When Button is pressed, toggle Red LED." in page.text(), "read anew by itself")
    press(page, '[data-line="red"] .edit-open')
    sheet(page)
    press(page, "dialog[open] summary")
    name = page.all("dialog[open] .more .field input")[0]
    name.clear()
    name.send_keys("lamp")
    keep(page)
    closed(page)
    apply(page)
    # A gateway that can move the line's value along gets the former name.
    assert page.gateway.config.read_text().replace(', "was": "red"', "") == text.replace('"red"', '"lamp"', 1).replace(
        '"line": "red"', '"line": "lamp"').replace('"name": "red"', '"name": "lamp"')


def test_order_changes_by_keyboard_and_by_drag(bench):
    page = bench()
    names = lambda: [row.get_attribute("data-line") for row in page.all(".edit-line")]
    handle = page.find('[data-line="red"] .edit-handle')
    handle.send_keys(Keys.ARROW_DOWN)
    page.until(lambda: names() == ["button", "red"])
    focused = page.script("return document.activeElement.getAttribute('aria-label')")
    assert "Red LED" in focused, "the focus stays with what moves"
    target = page.find('[data-line="button"] .edit-handle')
    ActionChains(page.browser).click_and_hold(page.find('[data-line="red"] .edit-handle')).move_to_element_with_offset(
        target, 0, -14).release().perform()
    page.until(lambda: names() == ["red", "button"])


def test_removed_line_takes_its_rules_along_and_discard_brings_all_back(bench):
    page = bench()
    press(page, '[data-line="red"] .edit-open')
    sheet(page)
    press(page, "dialog[open] .form-foot .button:not(.button-strong)")
    closed(page)
    page.until(lambda: "Red LED: is removed." in bar(page))
    press(page, ".edit-bar .button:not(.button-strong)")
    page.until(lambda: len(page.all(".edit-line")) == 2)
    assert not page.find(".edit-bar").is_displayed()


def test_sentence_scene_and_interlock_are_built_and_tried(bench):
    page = bench(lines=TWO + [{"name": "fan", "title": "Fan", "part": "motor", "gpio": "GPIO12",
                               "direction": "output"}])
    press(page, "#edit-rules ~ .button-quiet")
    sheet(page)
    press(page, 'dialog[open] select[aria-label="Do what"] option[value="pulse"]')
    press(page, 'dialog[open] select[aria-label="With what"] option[value="red"]')
    press(page, "dialog[open] .act .button")
    page.until(lambda: ask(page, "GET", "/api/v1/lines/red")["value"] == 1, "it was tried before it is applied")
    keep(page)
    closed(page)
    page.until(lambda: "When Button is pressed, pulse Red LED for 1 s." in page.text())
    press(page, "#edit-scenes ~ .button-quiet")
    sheet(page)
    press(page, 'dialog[open] select[aria-label="Fan"] option[value="1"]')
    keep(page)
    closed(page)
    press(page, "#edit-interlocks ~ .button-quiet")
    sheet(page)
    keep(page)
    page.until(lambda: "at least 2" in sheet(page).text or "2" in sheet(page).find_element(
        "css selector", ".fault").text, "two are needed")
    for box in page.all("dialog[open] .check input"):
        box.click()
    keep(page)
    closed(page)
    apply(page)
    after = circuit(page)
    assert after["rules"] == [{"when": {"line": "button", "edge": "rising"},
                               "do": {"method": "line.pulse", "line": "red", "ms": 1000}}]
    assert after["scenes"] == [{"name": "scene", "set": {"fan": 1}, "title": "Scene"}]
    assert after["interlocks"][0]["lines"] == ["red", "fan"]


# ---- bad input and faults ------------------------------------------------------------------


def test_fault_stands_at_its_field_and_nothing_changes(bench):
    page = bench()
    before = page.gateway.config.read_text()
    add(page, "led")
    press(page, "dialog[open] summary")
    name = page.all("dialog[open] .more .field input")[0]
    name.clear()
    name.send_keys("red")
    keep(page)
    fault = lambda: page.find("dialog[open] .more .field .fault")
    page.until(lambda: fault().is_displayed() and "red" in fault().text)
    assert name.get_attribute("aria-invalid") == "true"
    press(page, "dialog[open] .sheet-head button")
    closed(page)
    assert len(page.all(".edit-line")) == 2 and page.gateway.config.read_text() == before


def test_two_admins_are_asked_whose_version_counts(bench):
    page = bench()
    page.find('[data-line="button"] .edit-handle').send_keys(Keys.ARROW_UP)
    text = page.gateway.config.read_text()
    page.gateway.config.write_text(text.replace("Red LED", "Rote LED"))  # edited by hand meanwhile
    send(page)
    page.until(lambda: "Somebody else changed the circuit" in bar(page))
    press(page, ".edit-bar .act .button")
    page.until(lambda: "Rote LED" in page.text(), "theirs is shown")
    assert not page.find(".edit-bar .button").text == "Apply"


def test_mine_replaces_theirs_which_can_be_undone(bench):
    page = bench()
    page.find('[data-line="button"] .edit-handle').send_keys(Keys.ARROW_UP)
    theirs = page.gateway.config.read_text().replace("Red LED", "Rote LED")
    page.gateway.config.write_text(theirs)
    send(page)
    page.until(lambda: "Which version do you want" in bar(page))
    press(page, ".edit-bar .act .button", 1)
    page.until(lambda: [one["name"] for one in circuit(page)["lines"]] == ["button", "red"])
    ask(page, "POST", "/api/v1/config/undo", {})
    assert page.gateway.config.read_text() == theirs


def test_file_that_cannot_be_written_says_so_and_keeps_the_edit(bench):
    page = bench()
    page.find('[data-line="button"] .edit-handle').send_keys(Keys.ARROW_UP)
    page.until(lambda: page.find("#edit-apply").is_enabled())
    page.script("""const real = fetch;
      window.fetch = (path, options) => options?.method === 'PUT' && !String(path).includes('dry_run')
        ? Promise.resolve(new Response(JSON.stringify({ code: 'read-only', detail: 'no' }), { status: 409 }))
        : real(path, options);""")
    send(page)
    page.until(lambda: "write permission" in bar(page))
    assert page.find("#edit-apply").is_displayed()


def test_connection_that_breaks_in_the_middle_is_settled_when_it_is_back(bench, cable):
    page = bench()
    wire = cable(page.gateway.port)
    page.browser.get(f"{wire.url}/#edit")
    page.until(lambda: page.all(".edit-handle"))
    page.find('[data-line="button"] .edit-handle').send_keys(Keys.ARROW_UP)
    page.until(lambda: "stay as they are" in bar(page))
    # The gateway takes it, and its answer is lost.
    page.script("""const real = fetch;
      window.fetch = async (path, options) => {
        const answer = await real(path, options);
        if (options?.method === 'PUT' && !String(path).includes('dry_run')) { window.fetch = real; throw new Error('cut'); }
        return answer;
      };""")
    send(page)
    page.until(lambda: [one["name"] for one in circuit(page)["lines"]] == ["button", "red"])
    wire.cut()
    page.until(lambda: page.phase() == "waiting")
    wire.mend()
    page.until(lambda: page.phase() == "live")
    page.until(lambda: "Applied" in page.text(), "it was taken")


def test_newer_key_is_edited_without_harm(bench):
    page = bench()
    text = page.gateway.config.read_text()
    page.gateway.config.write_text(text[:-1] + ', "from_tomorrow": {"x": 1.50}}')
    page.browser.refresh()
    page.until(lambda: page.all(".edit-line"))
    page.find('[data-line="button"] .edit-handle').send_keys(Keys.ARROW_UP)
    page.until(lambda: "from_tomorrow" in bar(page), "the gateway's own words")
    assert not page.find("#edit-apply").is_enabled()
    press(page, "#view-edit > .act .button", 0)
    area = sheet(page).find_element("css selector", "textarea")
    assert '"from_tomorrow": {"x": 1.50}' in area.get_attribute("value")


def test_text_names_line_and_column_and_finds_what_is_wrong(bench):
    page = bench()
    press(page, "#view-edit > .act .button", 0)
    area = sheet(page).find_element("css selector", "textarea")
    page.until(lambda: "is a valid circuit" in sheet(page).text)
    good = area.get_attribute("value")
    area.send_keys(Keys.CONTROL, Keys.END)
    area.send_keys("}")
    page.until(lambda: f"Line 1, column {len(good) + 1}" in sheet(page).text)
    area.send_keys(Keys.BACKSPACE)
    page.script("arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input'))", area,
                good.replace("GPIO17", "GPIO5"))
    page.until(lambda: sheet(page).find_elements("css selector", ".fault"))
    page.script("arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input'))", area,
                good.replace('"output"', '"outputt"'))
    page.until(lambda: "circuit.lines[0].direction" in sheet(page).text)
    sheet(page).find_element("css selector", ".faults .button").click()
    assert page.script("const a = arguments[0]; return a.value.slice(a.selectionStart, a.selectionStart + 9)",
                       area) == '"outputt"'


def test_viewer_at_the_editors_address_is_told_who_may(page_of, own_gateway):
    gateway = own_gateway()
    page = page_of(gateway)
    for role in ("viewer", "operator"):
        page.browser.get("about:blank")
        page.browser.get(f"{gateway.url}/?token={gateway.token(role)}#edit")
        page.until(lambda: "Only the admin" in page.text())
        assert not page.find("#tab-edit").is_displayed()
        assert not page.all(".edit-open")
        page.browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
    page.browser.get("about:blank")
    page.browser.get(f"{gateway.url}/?token={gateway.token('admin')}#edit")
    page.until(lambda: len(page.all(".edit-open")) == 8)


def test_leaving_with_changes_asks_once_and_keeps_them(bench):
    page = bench()
    page.find('[data-line="button"] .edit-handle').send_keys(Keys.ARROW_UP)
    press(page, "#tab-circuit")
    assert "did not apply" in sheet(page).text
    press(page, "dialog[open] .button-strong")
    page.until(lambda: page.find("#view-edit").is_displayed(), "back at it")
    assert [row.get_attribute("data-line") for row in page.all(".edit-line")] == ["button", "red"]
    press(page, "#tab-circuit")
    page.until(lambda: page.find("#view-circuit").is_displayed())
    assert not page.all("dialog[open]"), "asked once"


def test_example_can_be_begun_anew(bench):
    example = json.loads((conftest.ROOT / "config" / "gateway.json").read_text(encoding="utf-8"))["circuit"]["lines"]
    page = bench(lines=example)
    press(page, ".greeting .button")
    page.until(lambda: not page.all(".edit-line"))
    assert "What did you wire?" in page.text()


def test_pin_in_use_cannot_be_chosen_and_a_busy_one_asks(bench):
    page = bench()
    add(page, "relay")
    assert not page.find('dialog[open] input[value="GPIO5"]').is_enabled()
    press(page, 'dialog[open] input[value="GPIO2"]')
    press(page, "dialog[open] .pins .button")
    page.until(lambda: "I²C" in sheet(page).text)
    press(page, "dialog[open] .pins .button", 1)
    page.until(lambda: "GPIO2 goes on and off" in sheet(page).text)


def test_forty_lines_are_edited_without_a_long_frame(bench):
    page = bench(lines=conftest.many_lines(40))
    page.script("""window.long = [];
      new PerformanceObserver((list) => long.push(...list.getEntries().map((one) => one.duration)))
        .observe({ type: 'longtask' });""")
    for _ in range(5):
        page.find('[data-line="line3"] .edit-handle').send_keys(Keys.ARROW_DOWN)
    page.until(lambda: "stay as they are" in bar(page))
    frames = page.script("return long")
    assert all(frame < 250 for frame in frames), frames


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_editor(bench, scheme, language):
    if not test_axe.AXE.exists():
        pytest.skip("axe-core is not installed: run npm ci in tests/browser")
    page = bench(lines=TWO + [{"name": "fan", "part": "motor", "gpio": "GPIO12", "direction": "output"}])
    page.media(prefers_color_scheme=scheme)
    if language == "ko":
        page.script("localStorage.setItem('gpio-gateway', JSON.stringify({ language: 'ko' }))")
        page.browser.refresh()
        page.until(lambda: "무엇" in page.text() or "회로 편집" in page.text())
    page.find('[data-line="button"] .edit-handle').send_keys(Keys.ARROW_UP)
    page.until(lambda: page.find("#edit-apply").is_enabled())
    assert test_axe.findings(page) == []
    openers = [f'.part-card[data-part="{part}"]' for part in ("led", "button", "relay", "generic")]
    openers += [f"#edit-{group} ~ .button-quiet" for group in ("rules", "scenes", "interlocks")]
    for opener in [*openers, "#view-edit > .act .button"]:
        press(page, opener)
        sheet(page)
        page.script("for (const one of document.querySelectorAll('dialog details')) one.open = true")
        assert test_axe.findings(page) == [], opener
        press(page, "dialog[open] .sheet-head button")
        closed(page)
    assert page.complaints() == []
