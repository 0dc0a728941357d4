"""Always true: what the page shows is so, or is marked as not known to be."""

from selenium.webdriver.common.action_chains import ActionChains


def stale(page):
    return page.script("return document.body.hasAttribute('data-stale')")


def test_page_comes_back_after_the_gateway_was_killed_and_restarted(own_gateway, page_of):
    gateway = own_gateway()
    page = page_of(gateway).open()
    page.control("red").click()
    page.shows("red", "on")
    gateway.kill()
    page.until(lambda: stale(page))
    assert "Not connected" in page.find("#link").text
    assert page.control("red").get_attribute("aria-disabled") == "true"
    gateway.start()
    page.live(within=15)
    page.shows("red", "off")
    page.control("red").click()
    page.shows("red", "on")
    page.until(lambda: gateway.value("red") == 1)


def test_controls_do_nothing_while_the_connection_is_down(page, gateway, cable):
    wire = cable(gateway.port)
    page.open(wire.url)
    wire.cut()
    page.until(lambda: stale(page))
    page.control("red").click()
    assert page.word("red") == "off"
    page.until(lambda: "Not connected" in page.find(".toast-alarm").text)
    wire.mend()
    page.live(within=15)
    assert gateway.value("red") == 0


def test_no_event_is_missed_and_none_shown_twice_over_a_break(page, gateway, cable):
    wire = cable(gateway.port)
    page.open(wire.url)
    page.go("timeline")
    page.go("circuit")
    page.find("#rung-red .rung-more").click()
    page.until(lambda: page.all("dialog[open]"))
    edges = lambda: int(page.script("""
      const terms = [...document.querySelectorAll('dialog .facts dt')];
      return terms.find((term) => term.textContent === 'Edges').nextElementSibling.textContent.replace(/\\D/g, '')"""))
    before = edges()
    assert before == gateway.ask("GET", "/api/v1/lines/red")["edges"]
    wire.cut()
    page.until(lambda: page.phase() != "live")
    for value in (1, 0, 1, 0, 1):
        gateway.set("red", value)
    wire.mend()
    page.live(within=15)
    page.until(lambda: edges() == before + 5)
    assert edges() == gateway.ask("GET", "/api/v1/lines/red")["edges"]
    page.shows("red", "on")


def test_half_open_connection_is_found_within_ten_seconds(page, gateway, cable, measure):
    wire = cable(gateway.port)
    page.open(wire.url)
    wire.freeze()
    began = measure()
    page.until(lambda: stale(page), within=10)
    assert measure() - began < 10
    wire.cut()
    wire.mend()
    page.live(within=15)


def test_toggle_without_an_answer_is_taken_back_within_two_seconds(page, gateway, cable, measure):
    wire = cable(gateway.port)
    page.open(wire.url)
    wire.freeze()
    began = measure()
    page.control("red").click()
    page.shows("red", "on", within=1)
    page.shows("red", "off", within=3)
    assert measure() - began < 3
    assert "again" in page.find(".toast-alarm").text
    wire.cut()


def test_page_tries_at_once_when_it_is_shown_again(page, gateway, cable, measure):
    wire = cable(gateway.port)
    page.open(wire.url)
    wire.cut()
    # Three attempts and more: the next pause is long enough to tell the difference.
    page.until(lambda: page.phase() == "waiting" and "4 s" in page.find("#link").text, within=15)
    wire.mend()
    began = measure()
    page.script("dispatchEvent(new Event('online'))")
    page.live(within=1)
    assert measure() - began < 1


def test_input_held_when_the_connection_breaks_is_let_go_after(page, gateway, cable):
    wire = cable(gateway.port)
    page.open(wire.url)
    ActionChains(page.browser).click_and_hold(page.control("button")).perform()
    page.until(lambda: gateway.value("button") == 1)
    wire.cut()
    page.until(lambda: stale(page))
    ActionChains(page.browser).release().perform()
    wire.mend()
    page.live(within=15)
    page.until(lambda: gateway.value("button") == 0)


def test_two_tabs_show_the_same(page, gateway):
    page.open()
    first = page.browser.current_window_handle
    page.browser.switch_to.new_window("tab")
    page.open()
    page.control("lamp").click()
    page.shows("lamp", "on")
    page.browser.switch_to.window(first)
    page.shows("lamp", "on")
    page.control("lamp").click()
    page.shows("lamp", "off")
    assert gateway.value("lamp") == 0


def test_page_never_opens_more_than_one_socket(page, gateway):
    page.open()
    page.script("for (const name of ['pageshow', 'online']) dispatchEvent(new Event(name))")
    page.control("red").click()
    page.shows("red", "on")
    count = lambda: sum(one["owner"] == "websocket" for one in gateway.ask("GET", "/api/v1/sockets")["sockets"])
    page.until(lambda: count() == 1)


def test_page_put_aside_closes_its_socket_and_comes_back(page, gateway):
    page.open()
    count = lambda: sum(one["owner"] == "websocket" for one in gateway.ask("GET", "/api/v1/sockets")["sockets"])
    page.until(lambda: count() == 1)
    page.browser.get("about:blank")
    page.until(lambda: count() == 0)
    page.browser.back()
    page.live()
    gateway.set("red", 1)
    page.shows("red", "on")
