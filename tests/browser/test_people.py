"""For everyone: languages, themes, keyboard, small screens, screen readers."""

import pytest
from selenium.webdriver.common.keys import Keys


def choose(page, text):
    [label] = [one for one in page.all("dialog .choice label") if one.text == text]
    label.click()


def contrast(page, selector):
    return page.script("""
      const canvas = document.createElement('canvas').getContext('2d');
      const light = (colour) => {
        canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
        const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((v) => v / 255)
          .map((v) => (v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4));
        return .2126 * r + .7152 * g + .0722 * b;
      };
      const style = getComputedStyle(document.querySelector(arguments[0]));
      const [a, b] = [light(style.color), light(getComputedStyle(document.body).backgroundColor)].sort((x, y) => y - x);
      return (a + .05) / (b + .05);""", selector)


def test_language_is_chosen_by_hand_and_kept(page):
    page.open()
    page.find("#settings").click()
    page.until(lambda: page.all("dialog[open]"))
    choose(page, "한국어")
    page.until(lambda: page.word("red") == "꺼짐")
    assert page.find("#title").text == "시험대"
    assert page.find("dialog h2").text == "설정", "the sheet speaks it too"
    page.browser.refresh()
    page.live()
    page.shows("red", "꺼짐")
    assert page.find("html").get_attribute("lang") == "ko"
    page.control("red").click()
    page.shows("red", "켜짐")


def test_language_follows_the_browser(page):
    page.browser.execute_cdp_cmd("Network.setUserAgentOverride", {
        "userAgent": page.script("return navigator.userAgent"), "acceptLanguage": "ko-KR"})
    try:
        page.open()
        page.shows("button", "떼어짐")
        assert page.find("#tab-timeline").text == "타임라인"
    finally:
        page.browser.execute_cdp_cmd("Network.setUserAgentOverride", {
            "userAgent": page.script("return navigator.userAgent"), "acceptLanguage": "en-US"})


def test_theme_follows_the_device_and_can_be_chosen(page):
    page.open()
    ground = lambda: page.script("return getComputedStyle(document.body).backgroundColor")
    page.media(prefers_color_scheme="light")
    day = ground()
    page.media(prefers_color_scheme="dark")
    page.until(lambda: ground() != day)
    page.find("#settings").click()
    page.until(lambda: page.all("dialog[open]"))
    choose(page, "Day")
    page.until(lambda: ground() == day)
    page.browser.refresh()
    page.live()
    assert ground() == day


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_both_themes(page, scheme):
    page.media(prefers_color_scheme=scheme)
    page.open()
    for selector in (".rung-title", ".since", ".word", "#link", "#simulated", ".board-pin", ".tabs a"):
        assert contrast(page, selector) >= 4.5, selector


def test_high_contrast_is_higher(page):
    page.open()
    before = contrast(page, ".since")
    page.find("#settings").click()
    page.until(lambda: page.all("dialog[open]"))
    choose(page, "High")
    page.until(lambda: contrast(page, ".since") > max(before, 15))


def test_everything_is_reached_by_keyboard_alone(page, gateway):
    page.open()
    focused = lambda: page.script("""
      const here = document.activeElement;
      return here.closest('.rung') && here.matches('.rung-press') ? here.closest('.rung').dataset.line : here.id""")
    body = page.find("body")
    seen = []
    for _ in range(40):
        page.browser.switch_to.active_element.send_keys(Keys.TAB)
        seen.append(focused())
        if seen[-1] == "button":
            break
    assert [one for one in seen if one in ("off", "share", "settings")] == ["off", "share", "settings"]
    assert [one for one in seen if one in ("red", "green", "lamp", "buzzer", "fan")] == ["red", "green", "lamp", "buzzer", "fan"]
    outline = page.script("return getComputedStyle(document.activeElement.closest('.rung')).outlineStyle")
    assert outline == "solid", "the focus is seen"
    page.browser.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": "keyDown", "key": " ", "code": "Space"})
    page.until(lambda: gateway.value("button") == 1)
    page.browser.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": "keyUp", "key": " ", "code": "Space"})
    page.until(lambda: gateway.value("button") == 0)
    assert body.is_displayed()


def test_key_switches_an_output(page, gateway):
    page.open()
    page.control("lamp").send_keys(Keys.SPACE)
    page.shows("lamp", "on")
    page.control("lamp").send_keys(Keys.ENTER)
    page.shows("lamp", "off")


def test_controls_have_names_and_states_for_screen_readers(page):
    page.open()
    tree = page.browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    def state(node, name):
        return next((one["value"]["value"] for one in node.get("properties", []) if one["name"] == name), None)
    switches = {node["name"]["value"]: node for node in tree if node.get("role", {}).get("value") == "switch"}
    assert {"Red LED", "Green LED", "Lamp", "Buzzer", "Fan"} <= set(switches)
    assert state(switches["Red LED"], "checked") in ("false", False)
    assert "off" in switches["Red LED"]["description"]["value"]
    buttons = [node for node in tree if node.get("role", {}).get("value") in ("button", "switch")]
    assert all(node["name"]["value"] for node in buttons)


def test_changes_are_said_aloud(page, gateway):
    page.open()
    gateway.set("lamp", 1)
    page.until(lambda: page.script("return document.querySelector('#said').textContent") == "Lamp: on")


@pytest.mark.parametrize("view", ["circuit", "timeline", "sockets", "console"])
def test_view_fits_a_screen_320_px_wide(page, view):
    page.size(320, 640, touch=True)
    page.open()
    page.go(view)
    page.until(lambda: page.script("return document.querySelector(arguments[0]).children.length", f"#view-{view}") > 0)
    assert page.script("return document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("title", ["Greenhouse behind the school", "학교 뒤 온실의 펌프와 등"])
def test_title_is_read_whole_on_a_phone(own_gateway, page_of, title):
    page = page_of(own_gateway(title=title))
    page.size(390, 844, touch=True)
    page.open()
    assert page.find("#title").text == title
    assert page.find("#title").get_attribute("title") == title
    cut = page.script("""
      const { scrollWidth, clientWidth, scrollHeight, clientHeight } = document.querySelector('#title');
      return [scrollWidth - clientWidth, scrollHeight - clientHeight]""")
    assert max(cut) < 5, "less than a line"
    assert page.script("return document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("width", [320, 390])
def test_line_to_paste_breaks_between_its_words(page, width):
    page.size(width, 844, touch=True)
    page.open()
    page.find("#rung-red .rung-more").click()
    page.until(lambda: page.all("dialog[open]"))
    for form in (1, 2):
        page.find(f"dialog .choice label:nth-child({form})").click()
        broken = page.script(r"""
          const walk = document.createTreeWalker(document.querySelector('dialog .by-hand'), NodeFilter.SHOW_TEXT);
          const broken = [];
          while (walk.nextNode()) {
            for (const { 0: word, index } of walk.currentNode.data.matchAll(/\$?\w+/g)) {
              const range = document.createRange();
              range.setStart(walk.currentNode, index);
              range.setEnd(walk.currentNode, index + word.length);
              if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1) broken.push(word);
            }
          }
          return broken""")
        assert broken == []
    hand = page.find("dialog .by-hand")
    assert page.script("return arguments[0].scrollWidth - arguments[0].clientWidth", hand) <= 0


def test_touch_targets_are_44_px(page):
    page.size(390, 844, touch=True)
    page.open()
    small = page.script("""
      return [...document.querySelectorAll('button, a')].filter((one) => one.checkVisibility() && !one.matches('.skip'))
        .map((one) => [one.id || one.className, one.getBoundingClientRect()])
        .filter(([, box]) => box.width < 44 || box.height < 44).map(([name, box]) => `${name} ${box.width}x${box.height}`)""")
    assert small == []


def test_nothing_moves_where_motion_is_unwelcome(page, gateway):
    page.media(prefers_reduced_motion="reduce")
    page.open()
    gateway.ask("PUT", "/api/v1/lines", {"fan": 1, "buzzer": 1, "red": 1})
    page.shows("fan", "on")
    moving = page.script("return document.getAnimations().filter((one) => one instanceof CSSAnimation).length")
    assert moving == 0
    page.media(prefers_reduced_motion="no-preference")
    page.until(lambda: page.script("return document.getAnimations().filter((one) => one instanceof CSSAnimation).length") > 0)


def test_page_can_be_put_on_the_home_screen(page):
    page.open()
    manifest = page.browser.execute_cdp_cmd("Page.getAppManifest", {})
    assert manifest["errors"] == []
    assert manifest["url"].endswith("manifest.webmanifest")


def test_sharing_tells_of_a_broker_that_is_away(page_of, own_gateway):
    page = page_of(own_gateway(mqtt={"broker": "mqtt://127.0.0.1:1"}))
    page.open()
    page.browser.find_element("id", "share").click()
    page.until(lambda: "MQTT broker cannot be reached" in page.text())


def test_sharing_names_other_gateways_as_plain_links(page):
    page.open()
    page.script("""
        const real = window.fetch;
        const neighbours = [
          {id: '3f9a1c20be77', name: '<b>Greenhouse</b>', url: 'http://192.168.7.9:8080/', version: '0.2.0'},
          {id: '3f9a1c20be78', name: 'Loop', url: 'http://127.0.0.1:9/', version: '0.2.0'}];
        window.fetch = (url, options) => String(url.url ?? url).includes('neighbours')
          ? Promise.resolve(new Response(JSON.stringify({neighbours}),
                                         {headers: {'Content-Type': 'application/json'}}))
          : real(url, options);
    """)
    page.browser.find_element("id", "share").click()
    page.until(lambda: page.browser.find_elements("css selector", ".neighbours a"))
    links = page.browser.find_elements("css selector", ".neighbours a")
    assert [link.text for link in links] == ["<b>Greenhouse</b>"]
    assert links[0].get_attribute("href") == "http://192.168.7.9:8080/"
