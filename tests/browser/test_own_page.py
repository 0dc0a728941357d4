"""The page of docs/own-page.md on another origin, in the real browser."""

import functools
import http.server
import re
import threading

import pytest
from selenium.webdriver.support.expected_conditions import alert_is_present
from selenium.webdriver.support.ui import WebDriverWait

from conftest import ROOT, WAIT_S


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def site(tmp_path):
    """A web server of somebody else, for the files of a folder."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=tmp_path)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", tmp_path
        server.shutdown()


def shown_page():
    text = (ROOT / "docs" / "own-page.md").read_text(encoding="utf-8")
    [page] = re.findall(r"^   ```html\n(.*?)^   ```$", text, re.MULTILINE | re.DOTALL)
    assert "http://raspberrypi.local:8080" in page
    return page


def type_token(browser, token):
    WebDriverWait(browser, WAIT_S).until(alert_is_present())
    browser.switch_to.alert.send_keys(token)
    browser.switch_to.alert.accept()


def open_lamp(page, site, token):
    origin, folder = site
    shown = shown_page().replace("http://raspberrypi.local:8080", page.gateway.url)
    (folder / "lamp.html").write_text(shown, encoding="utf-8")
    page.browser.get(f"{origin}/lamp.html")
    type_token(page.browser, token)


def test_own_page_on_another_origin_switches_and_follows(page_of, own_gateway, site):
    page = page_of(own_gateway(origins=[site[0]]))
    open_lamp(page, site, page.gateway.token())
    lamp = lambda: page.find("#lamp").text  # noqa: E731
    page.until(lambda: lamp() == "off", "the page shows what the line is")
    page.find("#lamp").click()
    page.until(lambda: lamp() == "on", "its button switches")
    assert page.gateway.value("red") == 1
    page.gateway.set("red", 0)
    page.until(lambda: lamp() == "off", "it follows what others do")


def test_own_page_shows_why_a_token_is_refused(page_of, own_gateway, site):
    page = page_of(own_gateway(origins=[site[0]]))
    open_lamp(page, site, "wrong")
    page.until(lambda: "token" in page.find("#lamp").text, "the page tells the gateway's reason")
