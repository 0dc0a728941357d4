"""clients/javascript in a browser, served by the gateway beside the page."""

import shutil

import pytest

import conftest
from conftest import ROOT, WWW, Cable

CONNECT = """
const [token, done] = arguments;
import('/client/index.js').then(async ({ connect }) => {
  window.seen = [];
  window.gw = await connect(location.origin, { token });
  (async () => { for await (const event of gw.events()) seen.push([event.line, event.value, event.lost]); })();
  done(Object.keys(gw.lines).length);
}).catch((error) => done(`${error.constructor.name} ${error.code}: ${error.message}`));
"""
CALL = """
const [work, done] = arguments;
new Function('gw', `return ${work}`)(gw).then(done, (error) => done(`${error.constructor.name} ${error.code}`));
"""


@pytest.fixture(scope="module")
def www(tmp_path_factory):
    """The page's folder with the client in it."""
    folder = tmp_path_factory.mktemp("www") / "www"
    shutil.copytree(WWW, folder)
    shutil.copytree(ROOT / "clients" / "javascript" / "src", folder / "client")
    return folder


@pytest.fixture
def served(own_gateway, www, monkeypatch):
    monkeypatch.setattr(conftest, "WWW", www)
    return own_gateway()


@pytest.fixture
def cable(served):
    made = Cable(served.port)
    yield made
    made.close()


@pytest.fixture
def tab(clean_browser, cable):
    """A document of the gateway that shows nothing."""
    clean_browser.set_script_timeout(20)
    clean_browser.get(f"{cable.url}/client/index.js")
    return clean_browser


def press(gateway, value):
    gateway.ask("POST", "/api/v1/simulator/lines/motion", {"value": value})


def wait_for(tab, page, seen):
    page.until(lambda: tab.execute_script("return seen") == seen, lambda: tab.execute_script("return seen"))


def test_a_missing_and_a_wrong_token_are_told_with_the_remedy(tab):
    assert tab.execute_async_script(CONNECT, None).startswith("Unauthorized unauthorized:")
    told = tab.execute_async_script(CONNECT, "wrong")
    assert told.startswith("Unauthorized unauthorized:") and "token show" in told


def test_commands_events_resumption_and_the_lease(tab, served, cable, page):
    assert tab.execute_async_script(CONNECT, served.token()) == 8
    assert tab.execute_async_script(CALL, "gw.set('red', 1).then(({ value }) => value)") == 1
    assert served.value("red") == 1
    assert tab.execute_async_script(CALL, "gw.set('motion', 1)") == "Conflict not-an-output"
    press(served, 1)
    seen = [["red", 1, None], ["motion", 1, None]]
    wait_for(tab, page, seen)

    cable.cut()
    page.until(lambda: tab.execute_script("return gw.phase") == "waiting")
    for value in (0, 1, 0):
        press(served, value)
    cable.mend()
    seen += [["red", 0, None], *(["motion", value, None] for value in (0, 1, 0))]
    page.until(lambda: len(tab.execute_script("return seen")) == len(seen))
    told = tab.execute_script("return seen")
    # The lease ends when the gateway notices that the connection did.
    assert sorted(told) == sorted(seen) and [item for item in told if item[0] == "motion"] == [
        ["motion", value, None] for value in (1, 0, 1, 0)]

    assert tab.execute_async_script(CALL, "gw.toggle('red').then(({ value }) => value)") == 1
    tab.get("about:blank")
    page.until(lambda: served.value("red") == 0, "a safe output")
    tab.back()
    page.until(lambda: tab.execute_script("return window.gw ? gw.phase : 'a new document'") != "waiting")
