"""axe finds nothing, in any view and either theme. Needs `npm ci` in this folder once."""

import pathlib

import pytest

AXE = pathlib.Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"


def findings(page):
    page.script(AXE.read_text(encoding="utf-8"))
    found = page.browser.execute_async_script("""
      const done = arguments[0];
      axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => done(violations.map((one) =>
        `${one.id}: ${one.nodes.map(({ target, failureSummary }) => target + ' ' + failureSummary).join('; ')}`)))""")
    return found


@pytest.fixture(autouse=True)
def axe():
    if not AXE.exists():
        pytest.skip("axe-core is not installed: run npm ci in tests/browser")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", ["circuit", "programs", "timeline", "sockets", "console"])
def test_axe_finds_nothing_in_a_view(page, gateway, view, scheme):
    page.media(prefers_color_scheme=scheme)
    page.open()
    gateway.set("red", 1)
    page.shows("red", "on")
    page.go(view)
    page.until(lambda: page.script("return document.querySelector(arguments[0]).children.length", f"#view-{view}") > 0)
    assert findings(page) == []


@pytest.mark.parametrize("opener", ["#share", "#settings", "#rung-red .rung-more", "#rung-button .rung-more"])
def test_axe_finds_nothing_in_a_sheet(page, opener):
    page.open()
    page.find(opener).click()
    page.until(lambda: page.all("dialog[open]"))
    assert findings(page) == []


def test_axe_finds_nothing_at_the_login(page, gateway):
    page.browser.get(gateway.url)
    page.until(lambda: page.find("#token").is_displayed())
    assert findings(page) == []


def test_axe_finds_nothing_while_the_connection_is_down(page, gateway, cable):
    wire = cable(gateway.port)
    page.open(wire.url)
    wire.cut()
    page.until(lambda: page.phase() == "waiting")
    assert findings(page) == []
