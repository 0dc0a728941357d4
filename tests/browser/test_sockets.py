"""The view of the sockets against the real gateway: calls, segments, the lecture's lessons."""

import os
import shutil
import socket

import pytest

import conftest
from test_axe import AXE, findings


def may_see_packets(gateway):
    [connection] = [one for one in gateway.ask("GET", "/api/v1/sockets")["sockets"] if one["role"] == "connection"
                    and one["domain"] == "AF_INET"][:1]
    return gateway.ask("GET", f"/api/v1/sockets/{connection['id']}/packets?since=0")["available"]


@pytest.fixture
def wire(gateway):
    """Segments are visible only to who may see them."""
    with socket.create_connection(("127.0.0.1", gateway.port)):
        if not may_see_packets(gateway):
            pytest.skip("needs CAP_NET_RAW")


@pytest.fixture
def without_packets(monkeypatch, tmp_path, own_gateway):
    """A gateway that may open no packet socket."""
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("needs setpriv")
        bare = tmp_path / "gpio-gateway"
        bare.write_text(f'#!/bin/sh\nexec setpriv --bounding-set -net_raw --inh-caps -net_raw "{conftest.BINARY}" "$@"\n')
        bare.chmod(0o755)
        monkeypatch.setattr(conftest, "BINARY", str(bare))
    gateway = own_gateway()
    with socket.create_connection(("127.0.0.1", gateway.port)):
        if may_see_packets(gateway):
            pytest.skip("this account may always open packet sockets")
    return gateway


def look(page):
    page.open()
    page.go("sockets")
    page.until(lambda: page.all(".you"))


def text_of(page, selector):
    return page.script("return document.querySelector(arguments[0])?.textContent ?? ''", selector)


def choose(page, part):
    """Presses the card of the socket with `part` in its words."""
    page.until(lambda: page.script("""
      const card = [...document.querySelectorAll('.socket')].find((one) => one.textContent.includes(arguments[0]));
      card?.click(); return Boolean(card)""", part), f"a card of {part}")


def count(page, selector):
    return page.script("return document.querySelectorAll(arguments[0]).length", selector)


def line_client(gateway):
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.connect(str(gateway.folder / "run" / "gpio-gateway" / "gateway.sock"))
    client.settimeout(5)
    return client


def test_your_own_connection_is_marked_and_chosen(page):
    look(page)
    [mine] = [one for one in page.all(".socket") if one.find_elements("css selector", ".you")]
    page.until(lambda: mine.get_attribute("aria-pressed") == "true")
    page.until(lambda: "accept4(" in text_of(page, ".flow-rows") and "handed to websocket" in text_of(page, ".flow-rows"))
    # Still ours when the list has come again.
    first = mine.text
    page.until(lambda: mine.text != first)
    assert count(page, ".you") == 1


def test_segments_appear_while_lines_toggle(page, gateway, wire):
    look(page)
    page.until(lambda: "SYN, ACK" in text_of(page, ".flow-rows"))
    seen = count(page, ".flow-segment.flow-out:not(.flow-unseen)")
    for value in (1, 0, 1):
        gateway.set("red", value)
    page.until(lambda: count(page, ".flow-segment.flow-out:not(.flow-unseen)") >= seen + 1)
    words = text_of(page, ".flow-rows")
    assert "PSH, ACK" in words and "seq " in words and "win " in words


def test_story_of_a_connection_ends_with_fin_and_close(page, gateway, wire):
    look(page)
    with socket.create_connection(("127.0.0.1", gateway.port)) as client:
        choose(page, f"127.0.0.1:{client.getsockname()[1]} ")
        # Made while somebody looked: it is seen from its SYN.
        page.until(lambda: "SYN, ACK" in text_of(page, ".flow-rows") and count(page, ".flow-unseen") == 0)
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        while client.recv(4096):
            pass
    page.until(lambda: "FIN" in text_of(page, ".flow-rows") and "close(" in text_of(page, ".flow-rows"))
    rows = page.script("return [...document.querySelectorAll('.flow-rows li')].map((one) => one.textContent)")
    times = page.script("return [...document.querySelectorAll('.flow-rows li:not(.flow-unseen)')].map((one) => one.dataset.time)")
    assert rows[0].startswith("SYN") and "accept4(" in rows[3]
    assert times == sorted(times)
    page.until(lambda: "closed" in text_of(page, ".flow"))


def test_register_is_followed_over_the_websocket_and_left_with_the_view(page, gateway):
    page.open()
    page.script("""
      window.asked = []; const send = WebSocket.prototype.send;
      WebSocket.prototype.send = function (text) { window.asked.push(text); send.call(this, text); }""")
    follows = lambda: page.script("""
      return window.asked.map(JSON.parse).filter(({ method }) => method === 'sockets.follow').map(({ params }) => params.on)""")
    page.go("sockets")
    page.until(lambda: follows() == [1])
    client = line_client(gateway)
    try:
        page.until(lambda: page.script("""
          const card = [...document.querySelectorAll('.socket')].find((one) => /AF_UNIX.*line/.test(one.textContent) && !/LISTEN/.test(one.textContent));
          card?.click(); return Boolean(card)"""))
        client.sendall(b"get red\n")
        assert client.recv(999)
        page.until(lambda: "recv(" in text_of(page, ".flow-rows") and "send(" in text_of(page, ".flow-rows"))
    finally:
        client.close()
    page.until(lambda: "close(" in text_of(page, ".flow-rows"))
    asked = page.script("return performance.getEntriesByType('resource').filter(({ name }) => name.includes('/sockets/calls')).length")
    assert asked == 1, "caught up once, then told"
    page.go("circuit")
    page.until(lambda: follows() == [1, 0])


def test_datagrams_are_arrows_without_a_life_line(page, gateway, tmp_path):
    look(page)
    choose(page, "AF_UNIX · SOCK_DGRAM · datagram")
    page.until(lambda: "bind(" in text_of(page, ".flow-rows"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
        client.bind(str(tmp_path / "me.sock"))
        client.sendto(b"get red", str(gateway.folder / "run" / "gpio-gateway" / "datagram.sock"))
    page.until(lambda: page.all(".flow-segment.flow-in"))
    assert page.find(".flow").get_attribute("data-role") == "datagram"


def test_gateway_that_may_not_see_packets_says_why(page_of, without_packets):
    page = page_of(without_packets)
    look(page)
    page.until(lambda: "CAP_NET_RAW" in text_of(page, ".flow-note"))
    assert "accept4(" in text_of(page, ".flow-rows")
    assert not page.all(".flow-segment") and not page.find(".flow-save").is_displayed()


def test_operator_saves_what_wireshark_opens(page, gateway, wire):
    look(page)
    save = page.find(".flow-save")
    page.until(save.is_displayed)
    gateway.set("red", 1)
    begins = page.browser.execute_async_script("""
      const [href, done] = arguments;
      fetch(href).then((r) => r.arrayBuffer()).then((b) => done([...new Uint8Array(b, 0, 4)]))""", save.get_attribute("href"))
    assert bytes(begins) == b"\x0a\x0d\x0d\x0a"
    assert save.get_attribute("download").endswith(".pcapng")


def test_viewer_sees_segments_but_no_save_and_no_experiment(page, gateway, wire):
    page.open(token=gateway.token("viewer"))
    page.go("sockets")
    page.until(lambda: count(page, ".flow-segment"))
    page.until(lambda: not page.find(".race-start").is_displayed())
    assert not page.find(".flow-save").is_displayed()
    assert "viewer" in text_of(page, ".lessons")


def test_payload_is_never_shown(page, gateway, wire):
    look(page)
    with socket.create_connection(("127.0.0.1", gateway.port)) as client:
        choose(page, f"127.0.0.1:{client.getsockname()[1]} ")
        # Made while somebody looked: it is seen from its SYN.
        page.until(lambda: "SYN, ACK" in text_of(page, ".flow-rows") and count(page, ".flow-unseen") == 0)
        client.sendall(f"GET /api/v1/lines HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {gateway.token()}\r\n"
                       "X-Secret: swordfish\r\nConnection: close\r\n\r\n".encode())
        while client.recv(4096):
            pass
    page.until(lambda: "FIN" in text_of(page, ".flow-rows"))
    whole = page.script("return document.documentElement.outerHTML")
    assert gateway.token() not in whole and "swordfish" not in whole and "Bearer" not in whole


def test_matrix_tells_what_the_kernel_says_to_every_domain_and_type(page, gateway):
    look(page)
    page.find(".try-all").click()
    page.until(lambda: count(page, ".kind[data-made]") == 10)
    cells = page.script("return [...document.querySelectorAll('.kinds td > .kind')].map((one) => one.textContent)")
    whys = page.script("return [...document.querySelectorAll('.kind-why')].map((one) => one.textContent)")
    asked = [(domain, kind) for domain in ("AF_INET", "AF_INET6", "AF_UNIX", "AF_PACKET", "AF_IPX")
             for kind in ("SOCK_STREAM", "SOCK_DGRAM")]
    for (domain, kind), cell, why in zip(asked, cells, whys):
        told = gateway.ask("POST", "/api/v1/sockets/try", {"domain": domain, "type": kind})
        assert (told["errno"] or "fd") in cell
        assert why == told["why"]["en"]


def test_matrix_speaks_the_pages_language(page, gateway):
    look(page)
    page.find(".try-all").click()
    page.until(lambda: count(page, ".kind[data-made]") == 10)
    page.find("#settings").click()
    page.until(lambda: page.all('dialog[open] input[value="ko"]'))
    page.script("document.querySelector('dialog[open] input[value=\"ko\"]').click()")
    page.until(lambda: "더 이상 쓰이지 않습니다" in text_of(page, ".kinds"), "what was tried is told again in Korean")


def test_experiment_is_a_picture_of_lost_borders_and_lost_messages(page):
    look(page)
    page.find(".race-start").click()
    page.until(lambda: page.all(".drop"))
    assert count(page, ".drop") == 200
    lost = count(page, ".drop:not(.came)")
    assert f"{lost} were lost" in text_of(page, ".race")
    assert "102,400 bytes" in text_of(page, ".race")
    borders = page.script("""
      return ['.pipe-sent', '.pipe-read'].map((pipe) => [...document.querySelectorAll(`${pipe} span`)].map((one) => Math.round(one.getBoundingClientRect().right)))""")
    assert borders[0][-1] == pytest.approx(borders[1][-1], abs=2) and set(borders[0]) != set(borders[1])


def test_flows_of_the_lecture_are_the_calls_really_made(page, gateway):
    look(page)
    names = lambda place: page.script("""
      return [...document.querySelectorAll('.course')[arguments[0]].querySelectorAll('.step')].map((one) =>
        (one.classList.contains('step-client') ? 'client ' : 'server ') + one.querySelector('b').textContent)""", place)
    page.find(".race-start").click()
    page.until(lambda: "client connect()" in names(0) and "client sendto()" in names(1))
    page.until(lambda: names(0)[:6] == ["server socket()", "server bind()", "server listen()", "client socket()",
                                        "client connect()", "server accept4()"])
    page.until(lambda: names(1)[:5] == ["server socket()", "server bind()", "client socket()", "client sendto()",
                                        "server recvmsg()"])
    made = {one["text"] for one in gateway.ask("GET", "/api/v1/sockets/calls?since=0&limit=1024")["calls"]}
    shown = page.script("return [...document.querySelectorAll('.step:not(.step-unseen) code')].map((one) => one.textContent)")
    assert shown and set(shown) <= made


@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_tried_fits_and_has_no_complaints(page, width, scheme):
    page.size(width, 800)
    page.media(prefers_color_scheme=scheme)
    look(page)
    for start, done in ((".try-all", ".kind[data-made]"), (".race-start", ".drop")):
        # Beneath a phone's tabs nothing is pressed: what takes the focus comes out from under them.
        page.script("document.querySelector(arguments[0]).focus()", start)
        page.find(start).click()
        page.until(lambda: count(page, done) >= 10)
    assert page.script("return document.documentElement.scrollWidth") <= width
    assert page.complaints() == []
    if AXE.exists():
        assert findings(page) == []


def test_another_run_of_the_gateway_is_told_from_its_first_call(own_gateway, page_of):
    gateway = own_gateway()
    page = page_of(gateway)
    look(page)
    page.until(lambda: "accept4(" in text_of(page, ".flow-rows"))
    gateway.kill()
    gateway.start()
    page.live()
    page.until(lambda: count(page, ".you") == 1 and page.all('.socket[aria-pressed="true"] .you'))
    page.until(lambda: "handed to websocket" in text_of(page, ".flow-rows"))


def idle(page):
    page.until(lambda: page.all(".idle"))
    return page.find(".idle")


def test_idle_http_connections_are_one_card_that_opens(page, gateway):
    clients = [socket.create_connection(("127.0.0.1", gateway.port)) for _ in range(3)]
    try:
        for client in clients:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        look(page)
        names = [f"127.0.0.1:{client.getsockname()[1]} " for client in clients]
        seen = lambda name: any(name in one.text for one in page.all(".socket"))
        page.until(lambda: all(name in text_of(page, ".idle") for name in names), "they are in the card")
        page.until(lambda: f"Idle HTTP connections: {count(page, '.idle .socket')}" in idle(page).text)
        assert not any(map(seen, names)), "but not seen until it is opened"
        assert not page.script("return document.querySelector('.idle').contains(document.querySelector('.you'))")
        idle(page).find_element("css selector", "summary").click()
        page.until(lambda: all(map(seen, names)))
        idle(page).find_element("css selector", "summary").click()
        choose(page, names[0])
        page.until(lambda: seen(names[0]), "what is chosen is shown")
    finally:
        for client in clients:
            client.close()


def test_panel_opens_under_the_card_that_was_tapped_on_a_phone(page, gateway):
    page.size(390, 844, touch=True)
    look(page)
    is_open = lambda: any(one.is_displayed() for one in page.all(".flow"))
    assert not is_open(), "nothing is open before somebody taps"
    assert page.find(".lesson-door").rect["y"] < page.find(".socket").rect["y"]
    [mine] = [one for one in page.all(".socket") if one.find_elements("css selector", ".you")]
    mine.click()
    page.until(lambda: "accept4(" in text_of(page, ".flow-rows"))
    below = lambda: page.find(".flow").rect["y"] - mine.rect["y"] - mine.rect["height"]
    assert 0 <= below() < 24
    assert page.script("return document.documentElement.scrollWidth") <= 390
    mine.click()
    page.until(lambda: not is_open(), "a second tap closes it")
    mine.click()
    page.until(lambda: is_open() and "closed" not in page.find(".flow").text)
    page.size(1280, 900)
    page.until(lambda: page.find(".flow").rect["x"] > 380, "beside the list where there is room")


def test_story_stays_under_its_place_when_the_socket_is_closed(page, gateway):
    page.size(390, 844, touch=True)
    look(page)
    with line_client(gateway):
        page.until(lambda: any("line" in one.text and "ESTABLISHED" in one.text for one in page.all(".socket")))
        next(one for one in page.all(".socket") if "line" in one.text and "ESTABLISHED" in one.text).click()
        page.until(lambda: "accept4(" in text_of(page, ".flow-rows"))
    page.until(lambda: "This socket is closed" in page.find(".flow").text)
    assert page.find(".flow").is_displayed()
