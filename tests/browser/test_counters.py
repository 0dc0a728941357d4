"""A line that counts, in its row and in its sheet."""

import pytest

WATER = [{"name": "water", "title": {"en": "Water meter", "ko": "수도 계량기"}, "gpio": "GPIO6", "direction": "input",
          "counter": {"edge": "rising", "per_pulse": 0.45, "unit": "L"}}]


@pytest.fixture
def meter(own_gateway):
    return own_gateway(lines=WATER)


def pulse(meter, times=1):
    for _ in range(times):
        for value in (1, 0):
            meter.ask("POST", "/api/v1/simulator/lines/water", value)


def note(page):
    return page.find("#rung-water .rung-note").text


def test_pulses_are_counted_live_with_their_unit(meter, page_of):
    page = page_of(meter)
    page.open()
    assert "0 L (0 pulses), 0 L/min" in note(page)
    pulse(meter, 3)
    page.until(lambda: "1.35 L (3 pulses)" in note(page))
    page.until(lambda: "0 L/min" not in note(page).replace("10 L/min", ""))


def test_count_is_set_in_the_sheet(meter, page_of):
    page = page_of(meter)
    page.open()
    page.find("#rung-water .rung-more").click()
    page.until(lambda: page.all("dialog[open] input[type=number]"))
    field = page.find("dialog[open] input[type=number]")
    field.clear()
    field.send_keys("1000")
    next(one for one in page.all("dialog[open] button") if one.text == "Set the count").click()
    page.until(lambda: meter.ask("GET", "/api/v1/lines/water")["count"] == 1000)
    page.until(lambda: "450 L (1,000 pulses)" in page.find("dialog[open] .facts").text)


def test_viewer_sees_the_count_and_cannot_set_it(meter, page_of):
    page = page_of(meter)
    page.open(token=meter.token("viewer"))
    page.find("#rung-water .rung-more").click()
    page.until(lambda: "0 L (0 pulses)" in page.find("dialog[open] .facts").text)
    assert not page.all("dialog[open] input[type=number]")
