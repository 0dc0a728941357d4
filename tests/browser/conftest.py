"""A real gateway, a real browser, and a cable between them that tests can cut."""

import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request

import pytest
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.support.ui import WebDriverWait

import chromium
import firefox
import webkit

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("GATEWAY_BIN", str(ROOT / "build" / "gpio-gateway"))
BUILT = pathlib.Path(BINARY).resolve().with_name("www")  # with the twins that the build makes
WWW = BUILT if BUILT.is_dir() else ROOT / "www"
WAIT_S = 10
ENGINES = {"chromium": (chromium, chromium.chromium), "firefox": (firefox, firefox.firefox),
           "webkit": (webkit, webkit.webkit)}

LINES = [
    {"name": "red", "title": {"en": "Red LED", "ko": "빨간 LED"}, "part": "led", "color": "red",
     "gpio": "GPIO17", "direction": "output"},
    {"name": "green", "title": {"en": "Green LED", "ko": "초록 LED"}, "part": "led", "color": "green",
     "gpio": "GPIO27", "direction": "output"},
    {"name": "lamp", "title": {"en": "Lamp", "ko": "전등"}, "part": "relay", "gpio": "GPIO23", "direction": "output"},
    {"name": "buzzer", "title": {"en": "Buzzer", "ko": "부저"}, "part": "buzzer", "gpio": "GPIO18",
     "direction": "output"},
    {"name": "fan", "title": {"en": "Fan", "ko": "선풍기"}, "part": "motor", "gpio": "GPIO12", "direction": "output"},
    {"name": "button", "title": {"en": "Button", "ko": "버튼"}, "part": "button", "gpio": "GPIO5",
     "direction": "input", "bias": "pull-up", "active_low": True},
    {"name": "motion", "title": {"en": "Motion sensor", "ko": "움직임 센서"}, "part": "motion", "gpio": "GPIO26",
     "direction": "input"},
    {"name": "door", "title": {"en": "Door", "ko": "문"}, "part": "door", "gpio": "GPIO16", "direction": "input",
     "bias": "pull-up"},
]


def many_lines(count):
    parts = ["led", "relay", "motor", "button"]
    return [{"name": f"line{n}", "title": f"Line {n}", "part": parts[n % 4],
             "gpio": f"GPIO{n}", "direction": "input" if n % 4 == 3 else "output"} for n in range(count)]


class Gateway:
    """The program under test, in folders of its own."""

    def __init__(self, lines=None, port=0, mode="token", title=None, origins=(), circuit=None, mqtt=None,
                 https=False, allowed_hosts=()):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="gateway-"))
        self.environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("XDG_", "STATE_", "RUNTIME_"))},
            "XDG_STATE_HOME": str(self.folder / "state"), "XDG_RUNTIME_DIR": str(self.folder / "run"),
            "HOME": str(self.folder)}
        (self.folder / "run").mkdir(mode=0o700)
        self.port = port
        self.https_port = 0
        self.tokens = {}
        self.config = self.folder / "gateway.json"
        self.config.write_text(json.dumps({
            "circuit": {"name": "bench", "title": title or {"en": "Test bench", "ko": "시험대"},
                        "lines": LINES if lines is None else lines, **(circuit or {})},
            "gpio": {"backend": "simulator"},
            "listen": {"http": ["127.0.0.1:0"], "https": ["127.0.0.1:0"] if https else [],
                       "line": ["unix:gateway.sock"], "datagram": ["unix:datagram.sock"]},
            "auth": {"mode": mode, "allowed_origins": list(origins), "allowed_hosts": list(allowed_hosts)},
            **({"mqtt": mqtt} if mqtt else {})}, ensure_ascii=False))
        self.process = None
        self.log = self.folder / "log"

    def start(self):
        with open(self.log, "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [BINARY, "--config", str(self.config), "--www", str(WWW),
                 "--http", f"127.0.0.1:{self.port}"],
                stdout=subprocess.PIPE, stderr=log, text=True, env=self.environment)
        for line in self.process.stdout:
            if line.startswith("listening http"):
                port = int(line.strip().rstrip("/").rsplit(":", 1)[1])
                if line.startswith("listening https"):
                    self.https_port = port
                else:
                    self.port = port
            if line.strip() == "ready":
                return self
        raise RuntimeError(f"the gateway did not start: {self.log.read_text()}")

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *words):
        """What a command of the program prints."""
        return subprocess.run([BINARY, *words], capture_output=True, text=True, check=True,
                              env=self.environment).stdout

    def token(self, role="operator"):
        if not self.tokens:
            shown = (line.split() for line in self.run("token", "show").splitlines())
            self.tokens = {words[0]: words[1] for words in shown if len(words) > 1}
        return self.tokens[role]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method, path, body=None):
        """One request with the operator's token; the answer's JSON."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method, headers={
            "Authorization": f"Bearer {self.token()}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=5) as answer:
            text = answer.read()
            return json.loads(text) if text else None

    def call(self, method, **params):
        answer = self.ask("POST", "/api/v1/rpc", {"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        assert "error" not in answer, answer
        return answer["result"]

    def value(self, line):
        return self.ask("GET", f"/api/v1/lines/{line}")["value"]

    def set(self, line, value):
        return self.ask("PUT", f"/api/v1/lines/{line}/value", value)


class Cable:
    """A relay on the way to the gateway: `cut` breaks it, `freeze` leaves it open and silent."""

    def __init__(self, port):
        self.target = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.frozen = threading.Event()
        self.broken = False
        self.pairs = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            if self.broken:
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                near.close()
                continue
            self.pairs.append((near, far))
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._relay, args=(source, sink), daemon=True).start()

    def _relay(self, source, sink):
        try:
            while data := source.recv(65536):
                if not self.frozen.is_set():
                    sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        self.broken = True
        for pair in self.pairs:
            for end in pair:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
        self.pairs.clear()

    def mend(self):
        self.broken = False
        self.frozen.clear()

    def freeze(self):
        self.frozen.set()

    def close(self):
        self.cut()
        self.listener.close()


class Page:
    """What a user does and sees."""

    def __init__(self, browser, gateway):
        self.browser = browser
        self.gateway = gateway

    def open(self, url=None, token=None):
        base = url or self.gateway.url
        self.browser.get(f"{base}/?token={token or self.gateway.token()}")
        self.live()
        return self

    def size(self, width, height, touch=False):
        self.browser.size(width, height, touch)

    def media(self, **features):
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]})

    def find(self, selector):
        return self.browser.find_element("css selector", selector)

    def all(self, selector):
        return self.browser.find_elements("css selector", selector)

    def script(self, text, *arguments):
        return self.browser.execute_script(text, *arguments)

    def until(self, seen, message="", within=WAIT_S):
        # What is asked about may just be drawn anew.
        waiting = WebDriverWait(self.browser, within, poll_frequency=0.03,
                                ignored_exceptions=(StaleElementReferenceException, NoSuchElementException))
        return waiting.until(lambda _: seen(), message)

    def phase(self):
        return self.script("return document.body.dataset.link")

    def live(self, within=WAIT_S):
        self.until(lambda: self.phase() == "live" and self.all(".rung"), "the page is live", within)

    def control(self, line):
        return self.find(f"#rung-{line} .rung-press")

    def word(self, line):
        return self.script("return document.querySelector(arguments[0])?.textContent", f"#rung-{line} .word")

    def shows(self, line, word, within=WAIT_S):
        self.until(lambda: self.word(line) == word, f"{line} shows {word}", within)

    def go(self, view):
        self.find(f"#tab-{view}").click()
        shown = f"#view-{view} > *"
        self.until(lambda: self.find(f"#view-{view}").is_displayed() and self.all(shown), f"{view} is shown")

    def press(self, target, keys):
        target.send_keys(keys)

    def text(self):
        return self.find("body").text

    def complaints(self):
        return self.browser.complaints()


@pytest.fixture(scope="session")
def browser():
    with chromium.chromium() as driver:
        yield driver


@pytest.fixture(scope="session")
def engines(request):
    """Starts an engine when it is asked for, or says why there is none; all end with the last test."""
    with contextlib.ExitStack() as ending:
        running = {}

        def start(name):
            module, run = ENGINES[name]
            if reason := module.missing():
                pytest.skip(reason)
            if name == "chromium":
                return request.getfixturevalue("browser")
            if name not in running:
                running[name] = ending.enter_context(run())
            return running[name]

        yield start


@pytest.fixture(scope="session")
def standing_gateway():
    gateway = Gateway().start()
    yield gateway
    gateway.stop()


@pytest.fixture
def gateway(standing_gateway):
    """The common gateway, every line as at its start."""
    standing_gateway.ask("POST", "/api/v1/off")
    for line in ("button", "motion", "door"):
        standing_gateway.ask("POST", f"/api/v1/simulator/lines/{line}", {"value": 0})
    return standing_gateway


@pytest.fixture
def own_gateway():
    """Gateways of a test's own, which it may kill."""
    made = []

    def make(**options):
        gateway = Gateway(**options).start()
        made.append(gateway)
        return gateway

    yield make
    for gateway in made:
        gateway.stop()


@pytest.fixture
def clean_browser(browser):
    """The shared browser without cookies, storage, emulation or second windows."""
    browser.forget()
    return browser


@pytest.fixture
def page(clean_browser, gateway):
    page = Page(clean_browser, gateway)
    page.size(1280, 900)
    yield page
    page.script("try { localStorage.clear() } catch {}")


@pytest.fixture
def page_of(clean_browser):
    """A page of another gateway than the common one."""
    def make(gateway):
        page = Page(clean_browser, gateway)
        page.size(1280, 900)
        return page

    yield make
    clean_browser.execute_script("try { localStorage.clear() } catch {}")


@pytest.fixture
def cable():
    """A cable to a gateway's port."""
    made = []

    def lay(port):
        made.append(Cable(port))
        return made[-1]

    yield lay
    for one in made:
        one.close()


@pytest.fixture
def measure():
    return time.monotonic
