"""What everybody does with the page, in every engine there is, at a desk and with a finger."""

import json

import pytest
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.pointer_input import PointerInput

import conftest

SIZES = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844, "touch": True}}

# Chromium at a desk is what the other files of this folder use.
PLACES = [("chromium", "phone"), ("firefox", "desk"), ("firefox", "phone"), ("webkit", "desk"), ("webkit", "phone")]
pytestmark = pytest.mark.parametrize("engine, size", PLACES)


class EnginePage(conftest.Page):
    def __init__(self, browser, gateway, size):
        super().__init__(browser, gateway)
        self.width = size["width"]
        self.is_tapped = size.get("touch", False) and browser.has_touch
        self.size(**size)

    def tap(self, selector, place=0):
        """A finger's tap, or a click, on what a person would scroll to first."""
        self.until(lambda: self.all(selector) and self.all(selector)[place].is_enabled(), selector)
        found = self.all(selector)[place]
        self.script("arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })", found)
        if not self.is_tapped:
            found.click()
            return
        actions = ActionBuilder(self.browser, mouse=PointerInput("touch", "finger"))
        actions.pointer_action.move_to(found).pointer_down().pointer_up()
        actions.perform()


@pytest.fixture
def page(engines, engine, size, gateway):
    driver = engines(engine)
    driver.forget()
    yield EnginePage(driver, gateway, SIZES[size])
    driver.forget()  # others count the common gateway's sockets


def test_page_has_the_size_and_the_finger_that_are_asked_for(page):
    page.browser.get(page.gateway.url)
    width, is_coarse = page.script("return [innerWidth, matchMedia('(pointer: coarse)').matches]")
    assert width == page.width and is_coarse == page.is_tapped


def test_login_asks_for_the_token_and_lets_in(page, gateway):
    page.browser.get(gateway.url)
    page.until(lambda: page.all("#token") and page.find("#token").is_displayed())
    page.find("#token").send_keys("not-the-token")
    page.tap("#login button")
    page.until(lambda: "not the token" in page.find("#login-error").text)
    page.find("#token").clear()
    page.find("#token").send_keys(gateway.token())
    page.tap("#login button")
    page.live()
    page.browser.refresh()
    page.live()
    assert gateway.token() not in page.script("return document.cookie + JSON.stringify(localStorage)")


def test_tap_toggles_and_a_change_made_elsewhere_is_seen(page, gateway):
    page.open()
    for value, word in ((1, "on"), (0, "off")):
        page.tap("#rung-red .rung-press")
        page.shows("red", word)
        page.until(lambda: gateway.value("red") == value)
    gateway.ask("POST", "/api/v1/simulator/lines/motion", {"value": 1})
    page.shows("motion", "motion")
    page.tap("#off")
    assert page.complaints() == []


def test_pulse_is_one_of_the_time_that_was_typed(page, gateway):
    page.open()
    page.tap("#rung-red .rung-more")
    page.until(lambda: page.all("dialog[open]"))
    place = next(n for n, one in enumerate(page.all("dialog .act")) if "Pulse" in one.text)
    number = page.all("dialog .act")[place].find_element("css selector", "input")
    number.clear()
    number.send_keys("120")
    page.script("document.querySelectorAll('dialog .act')[arguments[0]].dataset.tried = ''", place)
    page.tap("dialog [data-tried] button")
    events = lambda: gateway.ask("GET", "/api/v1/history?line=red")["events"][-2:]
    page.until(lambda: [(one["cause"], one["value"]) for one in events()] == [("pulse", 1), ("pulse", 0)])
    rise, fall = (one["time_ns"] for one in events())
    assert fall - rise >= 115_000_000
    assert page.complaints() == []


def test_page_comes_back_after_a_restart_of_the_gateway(page, own_gateway):
    page.gateway = own_gateway()
    page.open()
    page.tap("#rung-red .rung-press")
    page.shows("red", "on")
    page.gateway.kill()
    page.until(lambda: page.script("return document.body.hasAttribute('data-stale')"))
    assert "Not connected" in page.find("#link").text
    page.gateway.start()
    page.live(within=20)
    page.shows("red", "off")
    page.tap("#rung-red .rung-press")
    page.until(lambda: page.gateway.value("red") == 1)


def test_part_is_added_and_applied(page, own_gateway):
    page.gateway = own_gateway(lines=[], mode="none")
    page.browser.get(f"{page.gateway.url}/#edit")
    page.tap('.part-card[data-part="led"]')
    page.tap('dialog[open] input[value="GPIO27"]')
    page.tap("dialog[open] .button-strong")
    page.until(lambda: not page.all("dialog[open]") and "LED: new, on GPIO27." in page.find(".edit-bar").text)
    page.tap("#edit-apply")
    page.until(lambda: "Applied" in page.text())
    line, = json.loads(page.gateway.config.read_text())["circuit"]["lines"]
    assert (line["gpio"], line["direction"]) == ("GPIO27", "output")
    page.tap("#tab-circuit")
    page.tap(f"#rung-{line['name']} .rung-press")
    page.shows(line["name"], "on")
    assert page.complaints() == []


def test_step_of_the_lesson_runs_and_tells_what_happened(page):
    page.open()
    page.script("location.hash = '#sockets/lesson/tcp'")
    page.tap(".lesson-answer")
    page.tap(".lesson-run")
    page.until(lambda: page.all(".lesson-calls .step"))
    page.tap(".lesson-next")
    page.until(lambda: len(page.all(".lesson-calls .step")) == 2)
    page.tap(".lesson-all")
    page.until(lambda: page.find(".lesson-outcome").is_displayed())
    assert "✓" in page.find(".lesson-outcome").text and "ok red=1" in page.find(".lesson-outcome").text
    assert page.complaints() == []
