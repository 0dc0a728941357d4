"""What runs and what is due: programs, scenes and rules, as everybody sees them and the operator acts on them."""

import pytest

from test_axe import AXE, findings

CIRCUIT = {
    "scenes": [
        {"name": "garden", "title": {"en": "Water the garden", "ko": "정원 물 주기"},
         "steps": [{"set": {"red": 1}}, {"after_ms": 300, "set": {"green": 1}},
                   {"after_ms": 60000, "set": {"green": 0}}]},
        {"name": "evening", "set": {"lamp": 1}}],
    "rules": [
        {"name": "morning", "when": {"time": "06:30", "days": ["mon"]},
         "do": {"method": "scene.apply", "scene": "garden"}},
        {"name": "light", "when": {"line": "button", "edge": "press"}, "if": {"line": "door", "value": 0},
         "do": {"method": "line.toggle", "line": "lamp"}},
        {"name": "quick", "when": {"every_ms": 400}, "do": {"method": "line.toggle", "line": "buzzer"}}],
}


@pytest.fixture(scope="module")
def garden():
    from conftest import Gateway
    gateway = Gateway(circuit=CIRCUIT).start()
    gateway.call("rule.disable", rule="quick")
    yield gateway
    gateway.stop()


@pytest.fixture
def programs(garden, page_of):
    garden.ask("POST", "/api/v1/off")
    page = page_of(garden)
    page.open()
    page.go("programs")
    yield page
    for line in ("red", "green", "lamp"):
        garden.call("line.unlock", line=line)


def says(page, row, words, within=10):
    page.until(lambda: words in page.find(row).text, f"{row} says {words}", within)


def shown(page, row, words):
    return [one for one in page.all(f"{row} button") if one.text == words and one.is_displayed()]


def speak(page, language):
    page.script("localStorage.setItem('gpio-gateway', JSON.stringify({ language: arguments[0] }))", language)
    page.browser.refresh()
    page.live()


GARDEN, LIGHT = "[data-program=garden]", "[data-rule=light]"


def test_program_is_started_followed_and_stopped(programs, garden):
    says(programs, GARDEN, "Not running")
    programs.press(shown(programs, GARDEN, "Start")[0], "\n")
    says(programs, GARDEN, "Step 2 of 3")
    assert "left" in programs.find(GARDEN).text
    programs.until(lambda: shown(programs, GARDEN, "Stop"))
    assert not shown(programs, GARDEN, "Start")
    assert programs.script("return document.activeElement.textContent") == "Stop", "the focus stays there"
    programs.press(programs.browser.switch_to.active_element, "\n")
    says(programs, GARDEN, "by a command")
    assert not garden.value("red") and not garden.value("green")


def test_what_others_do_comes_by_itself(programs, garden):
    garden.call("scene.apply", scene="garden")
    says(programs, GARDEN, "Step 2 of 3")
    garden.ask("POST", "/api/v1/off")
    says(programs, GARDEN, "everything was switched off")


def test_step_that_is_refused_is_told_in_the_language_of_the_reader(programs, garden):
    garden.call("line.lock", line="green", reason="repair")
    garden.call("scene.apply", scene="garden")
    says(programs, GARDEN, "step 2: Green LED: Locked: repair (by")
    speak(programs, "ko")
    says(programs, GARDEN, "2단계에서 실패: 초록 LED: 잠겨 있습니다: repair (잠근 곳:")


def test_rules_are_sentences_with_their_times(programs):
    says(programs, "[data-rule=morning]", "At 06:30 (Mon), apply the scene Water the garden.")
    says(programs, "[data-rule=morning]", "next ")
    says(programs, LIGHT, "When Button is pressed briefly, toggle Lamp only if Door is off.")


def test_rule_is_tried_disabled_and_enabled(programs, garden):
    shown(programs, LIGHT, "Try now")[0].click()
    says(programs, LIGHT, "last ")
    assert garden.value("lamp") == 1
    box = programs.find(f"{LIGHT} input")
    for on in (False, True):
        box.click()
        programs.until(lambda: garden.call("rule.list")["rules"][1]["enabled"] is on)
        programs.until(lambda: ("disabled" in programs.find(LIGHT).text) is not on)


def test_latest_changes_come_with_their_cause(programs, garden):
    garden.call("rule.run", rule="light")
    programs.until(lambda: "Lamp: on" in programs.find("#view-programs .past li").text)
    assert "rule" in programs.find("#view-programs .past li").text


def test_times_are_written_in_the_language_of_the_reader(programs, garden):
    garden.call("rule.run", rule="light")
    speak(programs, "ko")
    programs.go("programs")
    programs.until(lambda: programs.find("#view-programs .past time").text[:2] in ("오전", "오후"),
                   "the browser's own language is English")


def test_misfire_of_a_rule_is_told(programs, garden):
    garden.call("line.lock", line="lamp", reason="repair")
    shown(programs, LIGHT, "Try now")[0].click()
    says(programs, LIGHT, "The last time it was refused: Lamp: Locked: repair (by")


def test_due_rule_is_seen_without_polling(programs, garden):
    """What is refused makes no event, but its time is known."""
    garden.call("line.lock", line="buzzer", reason="night")
    garden.call("rule.enable", rule="quick")
    garden.set("red", 1)  # an event: the page looks, and knows the next time
    says(programs, "[data-rule=quick]", "The last time it was refused: Buzzer: Locked: night (by")
    garden.call("rule.disable", rule="quick")
    garden.call("line.unlock", line="buzzer")


def test_viewer_sees_all_without_buttons(garden, page_of):
    page = page_of(garden)
    page.open(token=garden.token("viewer"))
    page.go("programs")
    says(page, LIGHT, "toggle Lamp")
    assert not page.all("#view-programs button") and not page.all("#view-programs input")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_programs_fit_and_axe_finds_nothing(programs, garden, scheme, width):
    programs.media(prefers_color_scheme=scheme)
    programs.size(width, 800, touch=width < 400)
    garden.call("line.lock", line="green", reason="repair")
    garden.call("scene.apply", scene="garden")
    says(programs, GARDEN, "Locked")
    assert programs.script("return document.documentElement.scrollWidth") <= width
    if AXE.exists():
        assert findings(programs) == []


def test_circuit_without_programs_says_so(page):
    page.open()
    page.go("programs")
    assert "There are no programs" in page.find("#view-programs").text


def test_low_screen_keeps_its_room_for_what_is_looked_at(page):
    """320 x 212: a page at 400 %."""
    page.open()
    page.size(320, 212)
    for bar in (".tabs", ".bar"):
        assert page.script("return getComputedStyle(document.querySelector(arguments[0])).position", bar) == "static"


def test_login_invites_to_nothing_else(page, gateway):
    page.browser.get(gateway.url)
    page.until(lambda: page.find("#token").is_displayed())
    assert not page.find(".tabs").is_displayed()
    field = page.find("#token")
    assert field.get_attribute("type") == "password"
    page.find(".login .check input").click()
    assert field.get_attribute("type") == "text"
