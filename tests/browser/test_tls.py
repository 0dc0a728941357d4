"""HTTPS with the gateway's own authority, in browsers that trust it, and the page by which a phone comes to trust it."""

import base64
import contextlib
import pathlib
import re
import shutil
import ssl
import subprocess
import urllib.error
import urllib.request

import pytest
from selenium.common.exceptions import WebDriverException

import conftest
from chromium import chromium

NAME = "pi.example"  # an http:// page of 127.0.0.1 is a secure context already; one of a name is not


@pytest.fixture(scope="module")
def secure():
    """A gateway with HTTPS, whose certificate has the name; `secure.told` is what `tls new` printed."""
    gateway = conftest.Gateway(https=True, allowed_hosts=[NAME])
    gateway.told = gateway.run("tls", "new", NAME)
    gateway.start()
    yield gateway
    gateway.stop()


def fetched_authority(gateway):
    """As a phone gets it: over plain HTTP."""
    with urllib.request.urlopen(f"{gateway.url}/ca.crt", timeout=5) as answer:
        assert answer.headers["Content-Type"] == "application/x-x509-ca-cert"
        return answer.read()


def trusting_chromium(authority, home):
    """Its certificates stand in the home folder: Debian's Chromium reads NSS's database there."""
    if not shutil.which("certutil"):
        pytest.skip("libnss3-tools is not installed")
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    (home / "ca.pem").write_text(ssl.DER_cert_to_PEM_cert(authority))
    for words in (["-N", "--empty-password"], ["-A", "-n", "gateway", "-t", "C,,", "-i", str(home / "ca.pem")]):
        subprocess.run(["certutil", "-d", f"sql:{database}", *words], check=True, capture_output=True)
    return chromium(home=home)


@pytest.fixture(params=["chromium", "firefox"])
def page(request, secure, tmp_path):
    """A page in a browser that has taken the authority."""
    authority = fetched_authority(secure)
    secure.ask("POST", "/api/v1/off")
    if request.param == "chromium":
        with trusting_chromium(authority, tmp_path) as driver:
            yield conftest.Page(driver, secure)
        return
    driver = request.getfixturevalue("engines")("firefox")
    driver.forget()
    text = base64.b64encode(authority).decode()
    driver.trust(text)
    yield conftest.Page(driver, secure)
    driver.distrust(text)


def test_page_is_whole_over_https(page, secure):
    address = f"https://{NAME}:{secure.https_port}"
    page.browser.get(f"http://{NAME}:{secure.https_port}/")
    page.until(lambda: page.browser.current_url == f"{address}/", "plain HTTP is led to the right link")
    page.open(address)
    page.control("red").click()
    page.shows("red", "on")
    page.until(lambda: secure.value("red") == 1)
    cookie, = page.browser.get_cookies()
    assert cookie["name"].startswith("__Host-gpio_gateway_")
    assert cookie["secure"] and cookie["httpOnly"] and cookie["sameSite"] == "Strict" and cookie["path"] == "/"
    assert page.script("return window.isSecureContext && 'wakeLock' in navigator")
    assert page.script("return performance.getEntriesByType('navigation')[0].name.startsWith('https:')")
    assert page.complaints() == []
    page.browser.get(f"http://{NAME}:{secure.port}/")
    assert not page.script("return window.isSecureContext"), "which is what HTTPS is for"


def test_browser_that_does_not_trust_it_shows_no_page(browser, secure):
    with contextlib.suppress(WebDriverException):
        browser.get(f"https://{NAME}:{secure.https_port}/")
    page = conftest.Page(browser, secure)
    page.until(lambda: "ERR_CERT_AUTHORITY_INVALID" in page.text())
    browser.get("about:blank")


# ---- the page for the phone ----------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "ko"])
def test_page_for_the_phone_offers_the_authority_and_its_fingerprint(page_of, secure, language):
    page = page_of(secure)
    page.size(390, 844, touch=True)
    page.browser.get(f"{secure.url}/ca")
    assert page.script("return document.documentElement.lang") == "en", "as the browser's language is"
    if language != "en":
        page.find(f"a[hreflang='{language}']").click()
        page.until(lambda: page.script("return document.documentElement.lang") == language)
    told, = re.findall("fingerprint ([0-9A-F:]+)", secure.told)
    assert re.sub(r"\s", "", page.find("#fingerprint").text) == told
    text = page.text()
    assert "Android" in text and "iPhone" in text and ("니다." in text) == (language == "ko")
    link = page.find("main a.button")
    assert link.get_attribute("href") == f"{secure.url}/ca.crt"
    assert page.script("return document.documentElement.scrollWidth") <= 390
    assert page.complaints() == []
    pem = pathlib.Path(re.search("authority (.*/ca.pem)", secure.told)[1]).read_text()
    assert ssl.PEM_cert_to_DER_cert(pem) == fetched_authority(secure)


def test_gateway_without_an_authority_says_that_there_is_none(page_of, gateway):
    page = page_of(gateway)
    page.browser.get(f"{gateway.url}/ca")
    assert "tls new" in page.text() and not page.all("a[href='ca.crt']")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{gateway.url}/ca.crt", timeout=5)
