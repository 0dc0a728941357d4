"""WebKitGTK's MiniBrowser on a screen that nobody sees: the engine of Safari."""

import contextlib
import glob
import os
import shutil
import subprocess
import tempfile

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.webkitgtk.service import Service

SCREEN = "1400x1100x24"


def browser_path():
    return next(iter(sorted(glob.glob("/usr/lib/*/webkit2gtk-4.*/MiniBrowser"), reverse=True)), None)


def missing():
    """Why there is no WebKit here; None when there is one."""
    for program in ("WebKitWebDriver", "Xvfb"):
        if not shutil.which(program):
            return f"{program} is not installed"
    return None if browser_path() else "MiniBrowser of WebKitGTK is not installed"


class WebKit(webdriver.Remote):
    # Its driver takes a finger for a mouse, and nothing makes "pointer: coarse" true.
    has_touch = False

    def size(self, width, height, touch=False):
        """A window whose page has this size."""
        self.set_window_rect(0, 0, width, height)
        seen = self.execute_script("return [innerWidth, innerHeight]")
        self.set_window_rect(0, 0, 2 * width - seen[0], 2 * height - seen[1])

    def forget(self):
        for _ in range(2):  # a page that is on its way refuses the first time
            with contextlib.suppress(WebDriverException):
                self.execute_script("try { localStorage.clear() } catch {}")
                self.delete_all_cookies()
                break
        self.get("about:blank")

    def complaints(self):
        """Its driver does not tell them."""
        return []


@contextlib.contextmanager
def screen():
    """An X server; gives its name."""
    reader, writer = os.pipe()
    process = subprocess.Popen(["Xvfb", "-displayfd", str(writer), "-screen", "0", SCREEN, "-nolisten", "tcp"],
                               pass_fds=[writer], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    os.close(writer)
    try:
        with os.fdopen(reader) as told:
            yield f":{told.readline().strip()}"
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def settings():
    """A folder of settings in which the buttons of MiniBrowser take no room: a window can be as narrow as a phone."""
    folder = tempfile.mkdtemp(prefix="browser-")
    os.mkdir(f"{folder}/gtk-3.0")
    with open(f"{folder}/gtk-3.0/gtk.css", "w", encoding="utf-8") as file:
        file.write("* { min-width: 0; padding: 0; margin: 0; border-width: 0; }\n")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def webkit():
    """A browser without a past: MiniBrowser under automation keeps nothing."""
    with screen() as display, settings() as folder:
        service = Service(shutil.which("WebKitWebDriver"), env={
            **os.environ, "DISPLAY": display, "GDK_BACKEND": "x11", "WEBKIT_DISABLE_DMABUF_RENDERER": "1",
            "XDG_CONFIG_HOME": folder})
        service.start()
        try:
            options = webdriver.WebKitGTKOptions()
            options.binary_location = browser_path()
            options.add_argument("--automation")
            options.capabilities.pop("platform", None)  # Selenium warns of its own default
            driver = WebKit(command_executor=service.service_url, options=options)
            try:
                yield driver
            finally:
                driver.quit()
        finally:
            service.stop()
