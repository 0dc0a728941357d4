"""The guided lesson in the view of the sockets: each step really runs, in both languages."""

import json
import re

import pytest
import test_axe

STEPS = ["socket", "tcp", "udp", "compare", "loss", "many", "limit", "domains", "bind", "listen", "accept", "connect",
         "close", "circuit"]
RIGHT = {"socket": 2, "tcp": 1, "udp": 1, "compare": 1, "loss": 3, "many": 1, "limit": 3, "domains": 3, "bind": 2,
         "listen": 2, "accept": 1, "connect": 2, "close": 1, "circuit": 1}
# What the outcome must tell of the run, whatever the language.
TOLD = {"socket": r"127\.0\.0\.1:\d+.*127\.0\.0\.1:\d+", "tcp": "ok red=1", "udp": r"127\.0\.0\.1:\d+",
        "compare": "14.*one two three", "loss": r"12\D+[1-9]", "many": "3.*4", "limit": "65,507.*65,508.*EMSGSIZE.*toggle",
        "domains": "10|EAFNOSUPPORT", "bind": "EADDRINUSE.*EADDRNOTAVAIL", "listen": "2.*SYN_SENT|SYN_SENT",
        "accept": "ESTABLISHED.*EAGAIN", "connect": "ECONNREFUSED.*ECONNREFUSED", "close": "bye.*EPIPE",
        "circuit": r"127\.0\.0\.1:\d+"}


def speak(page, language):
    page.script("localStorage.setItem('gpio-gateway', JSON.stringify({ language: arguments[0] }))", language)
    page.browser.refresh()
    page.live()


def go_to(page, step):
    page.script("location.hash = `#sockets/lesson/${arguments[0]}`", step)
    page.until(lambda: page.all(f".lesson-step[data-step='{step}']"), f"{step} is shown")


def press(page, element):
    """Clicks it where the tabs of a phone do not cover it."""
    page.script("arguments[0].scrollIntoView({ block: 'center' })", element)
    element.click()


def choose(page, number):
    press(page, page.all(".lesson-answer")[number - 1])


def run(page):
    page.until(lambda: page.find(".lesson-run").is_enabled())
    press(page, page.find(".lesson-run"))
    page.until(lambda: page.all(".lesson-calls .step"), "the first call is shown")


def finish(page):
    if page.find(".lesson-all").is_enabled():
        press(page, page.find(".lesson-all"))
    page.until(lambda: page.find(".lesson-outcome").is_displayed(), "what happened is shown")
    return page.find(".lesson-outcome").text


@pytest.fixture(params=["en", "ko"])
def lesson(page, request):
    page.open()
    speak(page, request.param)
    page.language = request.param
    return page


@pytest.mark.parametrize("step", STEPS)
def test_step_runs_and_tells_what_happened(lesson, step):
    go_to(lesson, step)
    words = lesson.find(".lesson-step").text
    assert ("니다." in words) == (lesson.language == "ko")
    assert not lesson.find(".lesson-run").is_enabled(), "first one predicts"
    choose(lesson, RIGHT[step])
    run(lesson)
    assert len(lesson.all(".lesson-calls .step")) == 1, "one call at a time"
    told = finish(lesson)
    assert "✓" in told
    assert re.search(TOLD[step], told, re.S), told
    assert not re.search(r"\{\w+\}|lesson\.|undefined|NaN|null", lesson.find(".lesson-step").text)
    assert lesson.find(f".lesson-steps a[href$='/{step}']").get_attribute("data-done") == "true"
    assert lesson.complaints() == []


def test_wrong_prediction_is_told_kindly_and_stays(lesson):
    go_to(lesson, "listen")
    choose(lesson, 1)
    run(lesson)
    told = finish(lesson)
    assert "≠" in told and "✓" not in told
    assert not any(box.is_enabled() for box in lesson.all(".lesson-answer input"))


def test_each_call_stands_with_its_prototype_values_and_the_kernels_state(page):
    page.open()
    go_to(page, "tcp")
    choose(page, 1)
    run(page)
    card = page.find(".lesson-call-box").text
    assert "int socket(int domain, int type, int protocol);" in card
    assert "AF_INET = PF_INET" in card and "SOCK_STREAM" in card
    states = lambda: page.find(".lesson-states").text
    while "listen()" not in page.find(".lesson-calls .step[aria-current]").text:
        page.find(".lesson-next").click()
    assert "LISTEN" in states()
    while "accept4()" not in page.find(".lesson-calls .step[aria-current]").text:
        page.find(".lesson-next").click()
    assert states().count("ESTABLISHED") == 2
    assert "fd" in page.find(".lesson-values").text


def test_segments_stand_with_the_calls_that_sent_them(page, gateway):
    if not gateway.call("sockets.demonstrate", step="tcp")["packets"]["available"]:
        pytest.skip("needs CAP_NET_RAW")
    page.open()
    go_to(page, "tcp")
    choose(page, 1)
    run(page)
    finish(page)
    rows = [row.text.replace("\n", " ") for row in page.all(".lesson-calls > li")]
    connect = next(n for n, row in enumerate(rows) if row.startswith("connect()"))
    assert [rows[connect + n].split(" :")[0] for n in (1, 2, 3)] == ["SYN", "SYN ACK", "ACK"]
    assert any("10 bytes" in row and "PSH" in row for row in rows)


def test_without_the_right_to_see_segments_it_is_said(page_of, own_gateway, monkeypatch, tmp_path):
    import os
    import conftest
    if os.geteuid() == 0:
        bare = tmp_path / "gpio-gateway"
        bare.write_text(f'#!/bin/sh\nexec setpriv --bounding-set -net_raw --inh-caps -net_raw "{conftest.BINARY}" "$@"\n')
        bare.chmod(0o755)
        monkeypatch.setattr(conftest, "BINARY", str(bare))
    page = page_of(own_gateway())
    page.open()
    go_to(page, "tcp")
    choose(page, 1)
    run(page)
    assert "CAP_NET_RAW" in page.find(".lesson-note").text
    assert finish(page)
    assert page.all(".step-way"), "then arrows stand for what the calls sent"


def test_slowly_shows_one_call_after_another_and_can_be_stopped(page):
    page.open()
    go_to(page, "bind")
    choose(page, 2)
    run(page)
    page.find(".lesson-slow").click()
    page.until(lambda: len(page.all(".lesson-calls .step")) >= 3)
    page.find(".lesson-slow").click()
    seen = len(page.all(".lesson-calls .step"))
    page.script("return new Promise((done) => setTimeout(done, 1700))")
    assert len(page.all(".lesson-calls .step")) == seen


def test_progress_is_remembered(page):
    page.open()
    go_to(page, "udp")
    choose(page, 1)
    run(page)
    finish(page)
    page.browser.refresh()
    page.live()
    page.until(lambda: page.all(".lesson-steps a[data-done='true']"))
    assert [link.get_attribute("href").rsplit("/", 1)[1] for link in page.all(".lesson-steps a[data-done='true']")] == ["udp"]


def test_lesson_opens_from_the_sockets_and_goes_on_where_it_was_left(page):
    page.open()
    page.script("localStorage.setItem('gpio-gateway', arguments[0])", json.dumps({"lesson": {"socket": True, "tcp": True}}))
    page.browser.refresh()
    page.live()
    page.go("sockets")
    page.find(".lesson-door").click()
    page.until(lambda: page.all(".lesson-step[data-step='udp']"))
    page.find(".lesson-forward").click()
    page.until(lambda: page.all(".lesson-step[data-step='compare']"))
    page.browser.back()
    page.until(lambda: page.all(".lesson-step[data-step='udp']"))
    page.find(".lesson-door").click()
    page.until(lambda: page.find(".socket-list").is_displayed())
    assert not page.all(".lesson-step") or not page.find(".lesson-step").is_displayed()


def test_projector_shows_the_step_alone_and_large(page):
    page.open()
    go_to(page, "accept")
    size = lambda: page.script("return parseFloat(getComputedStyle(document.querySelector('.lesson-text')).fontSize)")
    before = size()
    press(page, page.find(".lesson-project"))
    assert size() >= before * 1.5
    assert not page.find(".tabs").is_displayed() and not page.find(".lesson-steps").is_displayed()
    press(page, page.find(".lesson-project"))
    assert page.find(".tabs").is_displayed()
    choose(page, 1)
    run(page)
    finish(page)
    press(page, page.find(".lesson-project"))
    assert not page.find(".lesson-question").is_displayed(), "one thing at a time"
    shown = [row for row in page.all(".lesson-calls > li") if row.is_displayed()]
    assert 1 <= len(shown) <= 8 < len(page.all(".lesson-calls > li"))
    page.script("location.hash = '#circuit'")
    page.until(lambda: page.find(".tabs").is_displayed(), "who leaves the lesson leaves the projector")


def test_the_same_is_offered_by_hand(page):
    page.open()
    go_to(page, "tcp")
    page.find(".lesson-hand summary").click()
    page.until(lambda: len(page.all(".lesson-way")) == 3)
    text = page.find(".lesson-hands").text
    assert "nc -l 127.0.0.1 9000" in text and "--explain" in text and "int main(void)" in text


def test_viewer_reads_the_step_and_is_told_why_it_does_not_run(page, gateway):
    page.open(token=gateway.token("viewer"))
    go_to(page, "tcp")
    assert not page.find(".lesson-run").is_displayed()
    assert "operator" in page.find(".lesson-step").text


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("step", ["domains", "loss", "accept"])
def test_lesson_fits_a_phone(page, width, step):
    page.size(width, 740, touch=True)
    page.open()
    go_to(page, step)
    choose(page, RIGHT[step])
    run(page)
    finish(page)
    assert page.script("return document.documentElement.scrollWidth") <= width


# ---- a class ----


@pytest.fixture
def second(clean_browser, gateway):
    """A pupil's page in a browser of its own, with a viewer's link."""
    import conftest
    from chromium import chromium

    with chromium() as driver:
        pupil = conftest.Page(driver, gateway)
        pupil.size(390, 844, touch=True)
        yield pupil


def teach(page):
    press(page, page.find(".class-teach"))
    page.until(lambda: page.find(".class-teach").get_attribute("aria-pressed") == "true")


def test_class_sees_the_teachers_step_and_each_call(page, second, gateway):
    page.open()
    go_to(page, "tcp")
    teach(page)
    second.open(token=gateway.token("viewer"))
    second.script("location.hash = '#sockets/lesson'")
    second.until(lambda: second.all(".lesson-step[data-step='tcp']"), "the class is at the teacher's step")
    go_to(page, "bind")
    second.until(lambda: second.all(".lesson-step[data-step='bind']"))
    choose(second, 2)
    choose(page, 1)
    run(page)
    second.until(lambda: len(second.all(".lesson-calls .step")) == 1, "the teacher's first call")
    press(page, page.find(".lesson-next"))
    second.until(lambda: len(second.all(".lesson-calls .step")) == 2)
    finish(page)
    second.until(lambda: second.find(".lesson-outcome").is_displayed())
    assert "✓" in second.find(".lesson-outcome").text, "each has predicted for oneself"
    calls = lambda one: [row.text for row in one.all(".lesson-calls .step code")]
    assert calls(second) == calls(page), "the same real values"


def test_class_is_told_when_the_teacher_goes(page, second, gateway):
    page.open()
    go_to(page, "close")
    teach(page)
    second.open(token=gateway.token("viewer"))
    second.script("location.hash = '#sockets/lesson'")
    second.until(lambda: "teacher’s step" in second.find(".class-words").text)
    page.script("location.hash = '#circuit'")
    second.until(lambda: "has left" in second.find(".class-words").text)
    assert second.all(".lesson-step[data-step='close']"), "the step stays"


def test_operator_chooses_whether_to_follow(page, second, gateway):
    page.open()
    go_to(page, "tcp")
    teach(page)
    second.open()
    go_to(second, "limit")
    second.until(lambda: second.find(".class-follow").is_displayed())
    assert second.all(".lesson-step[data-step='limit']")
    press(second, second.find(".class-follow"))
    second.until(lambda: second.all(".lesson-step[data-step='tcp']"))


def test_invitation_leads_to_the_lesson(page, gateway):
    page.open()
    go_to(page, "tcp")
    teach(page)
    press(page, page.find(".class-invite"))
    page.until(lambda: page.all("dialog .share-url"))
    assert all(link.text.endswith("#sockets/lesson") for link in page.all("dialog .share-url"))
    press(page, page.find("dialog .icon-button"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_step(page, scheme):
    """Before the prediction, after the run, and as a class sees it on the wall."""
    if not test_axe.AXE.exists():
        pytest.skip("axe-core is not installed: run npm ci in tests/browser")
    page.media(prefers_color_scheme=scheme)
    page.open()
    for step in STEPS:
        go_to(page, step)
        assert test_axe.findings(page) == [], step
        choose(page, RIGHT[step])
        run(page)
        finish(page)
        assert test_axe.findings(page) == [], f"{step} after its run"
        press(page, page.find(".lesson-project"))
        assert test_axe.findings(page) == [], f"{step} on the wall"
        press(page, page.find(".lesson-project"))
