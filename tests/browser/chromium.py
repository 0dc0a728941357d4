"""Chromium without a screen, in a profile of its own."""

import contextlib
import os
import shutil
import tempfile

from selenium import webdriver
from selenium.webdriver.chrome.service import Service


def missing():
    """Why there is no Chromium here; None when there is one."""
    return None if shutil.which("chromedriver") else "chromedriver is not installed"


class Chromium(webdriver.Chrome):
    has_touch = True

    def size(self, width, height, touch=False):
        self.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": touch})
        self.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": touch})

    def forget(self):
        """No cookies, storage, emulation or second windows are left."""
        first = self.window_handles[0]
        for handle in self.window_handles[1:]:
            self.switch_to.window(handle)
            self.close()
        self.switch_to.window(first)
        self.get("about:blank")
        self.execute_cdp_cmd("Network.clearBrowserCookies", {})
        self.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "local_storage"})
        self.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        self.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})
        self.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
        self.get_log("browser")

    def complaints(self):
        """What its console has against the page; a refused request is no complaint."""
        return [entry["message"] for entry in self.get_log("browser")
                if entry["level"] == "SEVERE" and "Failed to load resource" not in entry["message"]
                and "WebSocket" not in entry["message"]]


@contextlib.contextmanager
def chromium(*arguments, home=None):
    """A browser with these arguments more, and another home folder; it ends, and its profile goes, with the
    context."""
    profile = tempfile.mkdtemp(prefix="browser-")
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                     "--disable-background-networking", "--disable-component-update", "--disable-sync",
                     "--disable-dev-shm-usage", "--lang=en", "--host-resolver-rules=MAP *.example 127.0.0.1",
                     f"--user-data-dir={profile}", *arguments):
        options.add_argument(argument)
    options.add_experimental_option("prefs", {"intl.accept_languages": "en"})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    try:
        driver = Chromium(options=options, service=Service(
            shutil.which("chromedriver"), env={**os.environ, "HOME": str(home)} if home else None))
        try:
            yield driver
        finally:
            driver.quit()
    finally:
        shutil.rmtree(profile, ignore_errors=True)
