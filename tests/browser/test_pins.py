"""Every pin of the header can be asked, with the mouse, the keyboard and a finger."""

import base64
import re
import xml.etree.ElementTree

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

import test_axe


def pin(page, number):
    page.until(lambda: len(page.all(".pin-button")) == 40, "forty pins")
    return page.all(".pin-button")[number - 1]


def test_all_forty_pins_have_a_name_and_lie_on_the_drawn_ones(page):
    page.open()
    page.until(lambda: pin(page, 1).get_attribute("aria-label"))
    names = [one.get_attribute("aria-label") for one in page.all(".pin-button")]
    assert len(set(names)) == 40
    assert names[0] == "3V3, pin 1"
    assert names[10] == "GPIO17, pin 11: Red LED"
    assert names[12] == "GPIO27, pin 13: Green LED"
    assert names[6] == "GPIO4, pin 7: free"
    off = page.script("""
      const drawn = [...document.querySelectorAll('#board .pin')];
      return Math.max(...[...document.querySelectorAll('.pin-button')].map((button, n) => {
        const a = button.getBoundingClientRect(), b = drawn[n].getBoundingClientRect();
        return Math.hypot(a.x + a.width / 2 - b.x - b.width / 2, a.y + a.height / 2 - b.y - b.height / 2); }))""")
    assert off < 1
    # One stop of the Tab key for all of them.
    assert [one.get_attribute("tabindex") for one in page.all(".pin-button")].count("0") == 1


def test_hover_and_arrow_keys_tell_of_a_pin(page):
    page.open()
    card = lambda: page.find(".pin-card").text
    ActionChains(page.browser).move_to_element(pin(page, 3)).perform()
    page.until(lambda: "I2C1 SDA" in card() and "1.8 kΩ" in card() and "free" in card())
    assert page.script("""
      const { right, top } = document.querySelector('.pin-card').getBoundingClientRect();
      return document.elementFromPoint(right - 8, top + 60).closest('.pin-card') !== null"""), "nothing is drawn over it"
    ActionChains(page.browser).move_to_element(page.find("#title")).perform()
    page.until(lambda: not page.find(".pin-card").is_displayed())
    page.script("document.querySelector('.pin-button').focus()")
    page.until(lambda: "3.3 V" in card())
    for key in [Keys.ARROW_RIGHT, Keys.ARROW_DOWN, Keys.ARROW_DOWN]:
        page.press(page.browser.switch_to.active_element, key)
    page.until(lambda: card().startswith("GND"))
    for _ in range(3):
        page.press(page.browser.switch_to.active_element, Keys.ARROW_DOWN)
    page.until(lambda: "PWM0" in card() and "Buzzer" in card())
    page.press(page.browser.switch_to.active_element, Keys.ESCAPE)
    page.until(lambda: not page.find(".pin-card").is_displayed())


def test_used_pin_opens_its_line_and_a_free_one_offers_nothing_to_an_operator(page):
    page.open()
    pin(page, 11).click()
    button = page.until(lambda: page.find("dialog .button-strong"))
    assert button.text == "Open “Red LED”"
    button.click()
    page.until(lambda: page.find("dialog h2").text == "Red LED")
    page.find("dialog .icon-button").click()
    page.until(lambda: not page.all("dialog"))
    pin(page, 7).click()
    page.until(lambda: "GPCLK0, 1-Wire" in page.find("dialog").text)
    assert not page.all("dialog .button-strong")


def test_admin_adds_a_part_at_a_free_pin(page, gateway):
    page.open(token=gateway.token("admin"))
    pin(page, 7).click()
    page.until(lambda: page.find("dialog .button-strong").text == "Add a part here")
    page.find("dialog .button-strong").click()
    page.until(lambda: "GPIO4" in page.find("#edit-parts").text)
    page.find('.part-card[data-part="button"]').click()
    page.until(lambda: page.all("dialog[open] .pin-grid"))
    assert page.find("dialog .pin-grid :checked").get_attribute("value") == "GPIO4"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_phone_asks_the_pins_in_a_sheet(page, gateway, scheme):
    page.size(390, 844, touch=True)
    page.media(prefers_color_scheme=scheme)
    page.open()
    page.until(lambda: page.all("#tools button"))
    page.script("document.querySelector('#tools').scrollIntoView({ block: 'center' })")
    page.find("#tools button").click()
    pins = page.until(lambda: page.all("dialog .pin-place"))
    assert len(pins) == 40
    assert min(one.size["height"] for one in pins) >= 44
    assert page.script("return document.documentElement.scrollWidth") <= 390
    assert not test_axe.AXE.exists() or test_axe.findings(page) == []
    pins[4].click()
    page.until(lambda: page.find("dialog h2").text == "GPIO3")
    assert "I2C1 SCL" in page.find("dialog").text
    assert not test_axe.AXE.exists() or test_axe.findings(page) == []


def saved(page, kind):
    """What the button gives the browser to keep: a data: URL."""
    page.script("""
      window.kept = [];
      window.keptAs = null;
      const real = URL.createObjectURL;
      URL.createObjectURL = (blob) => { window.kept.push(blob); return real.call(URL, blob); };
      HTMLAnchorElement.prototype.click = function () { window.keptAs = this.download; };
      document.querySelectorAll('#tools button')[arguments[0] === 'svg' ? 1 : 2].click();""", kind)
    page.until(lambda: page.script("return window.keptAs"), "a file")
    data = page.browser.execute_async_script("""
      const reader = new FileReader();
      reader.onload = () => arguments[0](reader.result);
      reader.readAsDataURL(window.kept.at(-1));""")
    assert page.script("return window.keptAs") == f"Test bench.{kind}"
    kind, body = data.split(",", 1)
    return kind, base64.b64decode(body)


def contrast(one, two):
    def light(colour):
        red, green, blue = (((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    high, low = sorted((light(one), light(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme,width", [("light", 1280), ("dark", 390)])
def test_circuit_is_saved_as_a_picture_that_needs_nothing_else(page, scheme, width):
    page.size(width, 844)
    page.media(prefers_color_scheme=scheme)
    page.open()
    page.until(lambda: len(page.all("#tools button")) == 3)
    kind, svg = saved(page, "svg")
    assert kind.startswith("data:image/svg+xml")
    root = xml.etree.ElementTree.fromstring(svg)
    space = "{http://www.w3.org/2000/svg}"
    words = [one.text for one in root.iter(f"{space}text")]
    assert root.find(f"{space}title").text == "Test bench" == [one for one in words if one == "Test bench"][0]
    for word in ["Red LED", "GPIO17, header pin 11", "330 Ω", "3V3 · pin 1", "GND · pin 6", "Raspberry Pi", "50k"]:
        assert word in words, word
    # Every wire from the board to the parts is there, also on a phone, which shows no board.
    assert len([one for one in root.iter(f"{space}path") if one.get("d").startswith(("M74", "M98"))]) == 8 + 3
    assert not re.search(rb"class=|style=|var\(|url\(|href=|light-dark", svg)
    colour = lambda one: tuple(int(part) for part in re.findall(r"\d+", one.get("fill"))[:3])
    paper = colour(next(root.iter(f"{space}rect")))
    assert not [one.tag for one in root.iter() if one.get("stroke") == "none" and one.get("fill") in ("none", "rgb(0, 0, 0)")
                and one.tag in (f"{space}path", f"{space}circle") and one.get("d") != ""], "every shape has a colour"
    assert (sum(paper) > 600) == (scheme == "light")
    for one in root.iter(f"{space}text"):
        if one.text in ("Red LED", "Test bench", "GPIO17, header pin 11", "pin 11"):
            assert contrast(colour(one), paper) >= 4.5, one.text
    kind, png = saved(page, "png")
    assert kind.startswith("data:image/png") and png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20], "big") == 2 * int(root.get("width"))
    assert int.from_bytes(png[20:24], "big") == 2 * int(root.get("height"))
    assert page.complaints() == []
