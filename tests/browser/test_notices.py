"""What the page says by itself: words that come and go, a hint, the latest changes."""

import pytest
from selenium.webdriver.common.action_chains import ActionChains

LINES = [{"name": "red", "title": "Red LED", "part": "led", "gpio": "GPIO17", "direction": "output"},
         {"name": "button", "title": "Button", "part": "button", "gpio": "GPIO5", "direction": "input"},
         {"name": "door", "title": "Door", "part": "door", "gpio": "GPIO6", "direction": "input"}]
RULE = {"name": "toggle", "when": {"line": "button", "edge": "rising"}, "do": {"method": "line.toggle", "line": "red"}}


@pytest.fixture
def ruled(own_gateway, page_of):
    return page_of(own_gateway(lines=LINES, mode="none", circuit={"rules": [RULE]}))


def test_newest_word_stands_on_top_and_goes_with_a_tap(page, gateway):
    page.size(390, 844, touch=True)
    page.open()
    gateway.call("line.lock", line="lamp", reason="lunch")
    try:
        page.control("lamp").click()
        page.until(lambda: page.all(".toast-alarm"))
        page.find("#off").click()
        page.until(lambda: len(page.all(".toast")) == 2)
        assert page.all(".toast")[0].text == "Every output is at its safe value."
        for _ in range(2):
            page.find(".toast span").click()
        page.until(lambda: not page.all(".toast"))
    finally:
        gateway.call("line.unlock", line="lamp")


def test_hint_says_how_to_press_until_somebody_has(ruled):
    ruled.open()
    hints = lambda: [one.find_element("xpath", "./ancestor::li").get_attribute("data-line")
                     for one in ruled.all(".press-me") if one.is_displayed()]
    assert hints() == ["button"], "the first input alone"
    ActionChains(ruled.browser).move_to_element(ruled.control("door")).click().perform()
    ruled.until(lambda: hints() == [])
    ruled.browser.refresh()
    ruled.live()
    assert hints() == []


def test_viewer_is_not_told_to_press(page, gateway):
    page.open(token=gateway.token("viewer"))
    assert not page.all(".press-me")


def test_latest_changes_show_the_rules_at_work_where_there_is_room(ruled):
    ruled.open()
    rows = lambda: [one.text for one in ruled.all("#latest li")]
    assert rows() == [], "what began is no change"
    ruled.gateway.ask("POST", "/api/v1/simulator/lines/button", {"value": 1})
    ruled.until(lambda: len(rows()) == 2)
    assert "Red LED: on" in rows()[0] and "rule · toggle" in rows()[0] and "Button: pressed" in rows()[1]
    ruled.browser.refresh()
    ruled.live()
    ruled.until(lambda: len(rows()) == 2, "those from before, too")
    lamp, latest = ruled.find("#rung-door").rect, ruled.find("#latest").rect
    assert latest["y"] > lamp["y"] and latest["x"] == lamp["x"]
    ruled.size(390, 844, touch=True)
    ruled.until(lambda: not ruled.find("#latest").is_displayed())
