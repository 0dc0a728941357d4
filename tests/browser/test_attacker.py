"""The browser as somebody's tool: an operator is logged in, and opens a page of another port or another site."""

import contextlib
import http.server
import json
import pathlib
import re
import socket
import threading
import urllib.request

import pytest

import conftest

ATTACKS = pathlib.Path(__file__).with_name("attacks.js").read_text(encoding="utf-8")
HOSTS = ["127.0.0.1", "evil.example"]  # the gateway's own, where cookies of all ports go, and another site
OWN_NAME = "pi.example"  # that the gateway has by auth.allowed_hosts
# How many of its requests the gateway must have refused before we look what came of them.
REFUSED = {"simple": 3, "json": 3, "opaque": 5, "beacon": 3, "form": 3, "websocket": 2, "events": 2, "read": 1,
           "include": 0}
pytestmark = pytest.mark.parametrize("engine", ["chromium", "firefox"])


class Site:
    """Somebody's page, on a port of its own."""

    def __init__(self, port=0, body=""):
        site = self
        self.body = body
        self.connections = []

        class Answer(http.server.BaseHTTPRequestHandler):
            def setup(self):
                super().setup()
                site.connections.append(self.connection)

            def do_GET(self):
                text = b"" if self.path == "/favicon.ico" else f"<!doctype html>{site.body}".encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(text)))
                self.send_header("Cache-Control", "no-store")
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Answer)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        for connection in self.connections:  # browsers open some that they do not use yet
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server.server_close()


@pytest.fixture
def site():
    made = Site()
    yield made
    made.close()


@pytest.fixture(scope="module")
def open_gateway():
    """A gateway without tokens: there the page's origin is all that counts."""
    gateway = conftest.Gateway(mode="none", allowed_hosts=[OWN_NAME]).start()
    yield gateway
    gateway.stop()


def state(gateway):
    """What an attack must not change."""
    circuit = gateway.ask("GET", "/api/v1/circuit")
    return circuit["seq"], circuit["lines"][0]["value"], gateway.config.read_text()


def refusals(gateway):
    request = urllib.request.Request(f"{gateway.url}/metrics", headers={"Authorization": f"Bearer {gateway.token()}"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return int(re.search(r"^\S*http_errors_total (\d+)", answer.read().decode(), re.M)[1])


@pytest.fixture
def page(engines, engine, gateway):
    """The operator's page, logged in."""
    driver = engines(engine)
    driver.forget()
    driver.get(f"{gateway.url}/?token={gateway.token()}")
    yield conftest.Page(driver, gateway)
    driver.forget()  # others count the common gateway's sockets


def attack(page, name, target):
    page.script(ATTACKS)
    return page.script("return attacks[arguments[0]](arguments[1])", name, target)


@pytest.mark.parametrize("name", REFUSED)
def test_foreign_page_changes_nothing_and_reads_nothing(page, site, name, gateway, open_gateway):
    for host, target, address in (
            *((host, target, target.url) for host in HOSTS for target in (gateway, open_gateway)),
            (OWN_NAME, open_gateway, f"http://{OWN_NAME}:{open_gateway.port}")):
        page.browser.get(f"http://{host}:{site.port}/")
        before, refused = state(target), refusals(target)
        assert not any(attack(page, name, address)), host
        page.until(lambda: refusals(target) >= refused + REFUSED[name], f"{REFUSED[name]} requests are refused")
        assert state(target) == before, host


def test_same_words_from_the_gateways_own_page_do_act(page, gateway):
    """Else the refusals above would prove nothing. Its own policy keeps it from frames, foreign scripts and, in
    Firefox, beacons."""
    for name in [one for one in REFUSED if one not in ("form", "beacon", "include")]:
        page.browser.get(f"{gateway.url}/?token={gateway.token()}")
        before = state(gateway)
        read = attack(page, name, gateway.url)
        page.until(lambda: any(read) or state(gateway) != before, name)


def framed_text(page, frame):
    page.browser.switch_to.frame(frame)
    try:
        return page.script("""return location.href !== 'about:blank' && document.readyState !== 'loading'
          && document.documentElement.textContent""")
    finally:
        page.browser.switch_to.default_content()


def test_frame_of_a_foreign_page_shows_nothing(page, site, gateway, open_gateway):
    for host in HOSTS:
        page.browser.get(f"http://{host}:{site.port}/")
        attack(page, "frame", gateway.url)
        attack(page, "frame", open_gateway.url)
        frames = page.all("iframe")
        assert len(frames) == 6
        for frame in frames:
            text = page.until(lambda: framed_text(page, frame), "the browser shows its own page")
            assert not re.search(r'"(bench|status|version|detail)"|gateway', text, re.I), text


def is_held(page):
    return page.script("return !window.opened.closed")


def test_window_that_a_foreign_page_opened_is_out_of_its_hands(page, site, gateway):
    page.browser.get(gateway.url)
    attack(page, "popup", gateway.url)
    page.until(lambda: len(page.browser.window_handles) == 2)
    assert is_held(page), "its own page holds it"
    close_others(page)
    for host in HOSTS:
        page.browser.get(f"http://{host}:{site.port}/")
        attack(page, "popup", gateway.url)
        page.until(lambda: not is_held(page), "the browser cut the tie")
        assert len(page.browser.window_handles) == 2, "it is still there"
        close_others(page)


def close_others(page):
    first, *others = page.browser.window_handles
    for handle in others:
        page.browser.switch_to.window(handle)
        page.browser.close()
    page.browser.switch_to.window(first)


# ---- logging in for somebody else ----------------------------------------------------------


def sessions(gateway):
    return sorted((one["id"], one["role"]) for one in gateway.ask("GET", "/api/v1/sessions")["sessions"])


def who(page, gateway):
    """The role that the browser has at the gateway, by its own page."""
    page.browser.get(gateway.url)
    return page.script("return fetch('api/v1/session').then((answer) => answer.json()).then((one) => one.role ?? null)")


FORGED = {
    "link": """<a href="{url}/?token={token}">pretty</a>""",
    "link without referrer": """<a rel="noreferrer" href="{url}/?token={token}">pretty</a>""",
    "form by GET": """<form action="{url}/"><input name="token" value="{token}"><button>pretty</button></form>""",
    "form by POST": """<form method="post" action="{url}/?token={token}"><button>pretty</button></form>""",
    "form as text": """<form method="post" enctype="text/plain" action="{url}/api/v1/session">
        <input name='{{"token":"{token}","x":"' value='"}}'><button>pretty</button></form>""",
}


@pytest.mark.parametrize("forged", FORGED)
def test_login_cannot_be_forged(page, site, gateway, forged):
    site.body = FORGED[forged].format(url=gateway.url, token=gateway.token("viewer"))
    for host, role in ((HOSTS[0], "operator"), (HOSTS[1], "operator"), (HOSTS[0], None)):
        if not role:
            page.browser.delete_all_cookies()
        before = sessions(gateway)
        page.browser.get(f"http://{host}:{site.port}/")
        page.find("a, button").click()
        page.until(lambda: gateway.url in page.browser.current_url, "the gateway's answer is shown")
        assert sessions(gateway) == before
        assert who(page, gateway) == role


def test_cookies_of_another_port_take_nobodys_place(page, site, gateway):
    request = urllib.request.Request(f"{gateway.url}/api/v1/session", method="POST", headers={
        "Content-Type": "application/json"}, data=json.dumps({"token": gateway.token("viewer")}).encode())
    with urllib.request.urlopen(request, timeout=5) as answer:
        viewer, = re.findall("=([0-9a-f]{32});", answer.headers["Set-Cookie"])
    name, = [one["name"] for one in page.browser.get_cookies()]
    page.browser.get(f"http://127.0.0.1:{site.port}/")
    page.script("""for (const value of ['x', arguments[1]])
      for (const path of ['/api/v1', '/api', '/ws']) document.cookie = `${arguments[0]}=${value}; path=${path}`;""",
                name, viewer)
    assert who(page, gateway) == "operator"
    page.live()
    page.control("red").click()
    page.until(lambda: gateway.value("red") == 1)


# ---- a name that leads to another address than before --------------------------------------


def test_page_whose_name_was_bound_anew_changes_nothing_and_reads_nothing(page, own_gateway):
    """First the name leads to somebody's server, then to the gateway: to the browser both are one origin. A gateway
    without tokens has nothing but the Host to tell them apart."""
    gateway = own_gateway(mode="none")
    gateway.kill()
    site = Site(gateway.port)
    name = f"http://evil.example:{site.port}"
    page.browser.get(f"{name}/")
    site.close()
    gateway.start()
    before = state(gateway)
    for attacked in REFUSED:
        refused = refusals(gateway)
        read = attack(page, attacked, name)
        assert all(one is None or '"status":421,' in one for one in read), read
        page.until(lambda: refusals(gateway) >= refused + REFUSED[attacked], attacked)
    assert state(gateway) == before
    assert page.script("return document.cookie") == ""
