"""Firefox without a screen, in a profile of its own."""

import contextlib
import json
import shutil
import subprocess
import tempfile

from selenium import webdriver

from marionette import Marionette

PROGRAM = "firefox-esr"
PREFERENCES = {
    "marionette.port": 0, "remote.prefs.recommended": True, "intl.accept_languages": "en",
    "intl.locale.requested": "en-US",
    "browser.shell.checkDefaultBrowser": False, "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False, "app.normandy.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "network.captive-portal-service.enabled": False, "network.connectivity-service.enabled": False,
    "dom.w3c_touch_events.enabled": 1, "network.dns.disablePrefetch": True, "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False, "ui.useOverlayScrollbars": 1,
    "network.dns.localDomains": "evil.example,pi.example", "dom.disable_open_during_load": False,
}


def missing():
    """Why there is no Firefox here; None when there is one."""
    return None if shutil.which(PROGRAM) else f"{PROGRAM} is not installed"


class Firefox(webdriver.Remote):
    has_touch = True

    def size(self, width, height, touch=False):
        """What its responsive design mode does, and for every page that comes: a size and a finger."""
        self.command_executor.chrome("""
          const [width, height, touch] = arguments;
          const style = gBrowser.selectedBrowser.style;
          for (const [name, value] of [['width', width], ['height', height]])
            for (const bound of ['min-', 'max-']) style.setProperty(bound + name, `${value}px`);
          const [FINGER, MOUSE] = [1, 6];  // widget/LookAndFeel.h: coarse; fine and able to hover
          for (const name of ['ui.primaryPointerCapabilities', 'ui.allPointerCapabilities'])
            Services.prefs.setIntPref(name, touch ? FINGER : MOUSE);
          Services.prefs.setIntPref('dom.maxtouchpoints.testing.value', touch ? 1 : 0);
          Services.prefs.setBoolPref('dom.meta-viewport.enabled', touch);""", width, height, touch)

    def forget(self):
        self.get("about:blank")
        self.command_executor.chrome("""
          return new Promise((done) => Services.clearData.deleteData(
            Services.clearData.CLEAR_COOKIES | Services.clearData.CLEAR_DOM_STORAGES, () => done(null)));""")
        self.command_executor.chrome("Services.console.reset()")

    def trust(self, authority):
        """Takes a certificate authority, in base64, as "Import" in its settings does."""
        self.command_executor.chrome("""
          const known = Cc['@mozilla.org/security/x509certdb;1'].getService(Ci.nsIX509CertDB);
          known.addCertFromBase64(arguments[0], 'C,,');""", authority)

    def distrust(self, authority):
        self.command_executor.chrome("""
          const known = Cc['@mozilla.org/security/x509certdb;1'].getService(Ci.nsIX509CertDB);
          known.deleteCertificate(known.constructX509FromBase64(arguments[0]));""", authority)

    def complaints(self):
        """What its console has against the page; a refused request is no complaint."""
        found = self.command_executor.chrome("""
          return Services.console.getMessageArray().filter((one) => one instanceof Ci.nsIScriptError
            && !(one.flags & Ci.nsIScriptError.warningFlag) && /^https?:/.test(one.sourceName))
            .map((one) => `${one.sourceName}:${one.lineNumber} ${one.errorMessage}`);""")
        return [one for one in found if "wss://" not in one and "ws://" not in one]


@contextlib.contextmanager
def firefox(preferences=None):
    """A browser with these preferences more; it ends, and its profile goes, with the context."""
    profile = tempfile.mkdtemp(prefix="browser-")
    with open(f"{profile}/user.js", "w", encoding="utf-8") as file:
        for name, value in {**PREFERENCES, **(preferences or {})}.items():
            file.write(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n")
    process = subprocess.Popen(
        [PROGRAM, "--headless", "--marionette", "--remote-allow-system-access", "--no-remote", "--profile", profile,
         "--width", "1280", "--height", "1000", "about:blank"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        remote = Marionette(profile, process)
        try:
            yield Firefox(command_executor=remote, options=webdriver.FirefoxOptions())
        finally:
            remote.close()
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(profile, ignore_errors=True)
