"""Firefox's own remote control, as Selenium speaks it. Debian packages no geckodriver, which would stand between:
https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html"""

import json
import pathlib
import socket
import time

# Selenium's words; what is not here is called as in Selenium with a capital letter.
NAMES = {
    "get": "Navigate", "goBack": "Back", "goForward": "Forward", "close": "CloseWindow",
    "clickElement": "ElementClick", "clearElement": "ElementClear", "sendKeysToElement": "ElementSendKeys",
    "findChildElement": "FindElement", "findChildElements": "FindElements", "w3cGetActiveElement": "GetActiveElement",
    "w3cGetCurrentWindowHandle": "GetWindowHandle", "w3cGetWindowHandles": "GetWindowHandles",
    "w3cExecuteScript": "ExecuteScript", "w3cExecuteScriptAsync": "ExecuteAsyncScript",
    "actions": "PerformActions", "clearActionState": "ReleaseActions", "screenshot": "TakeScreenshot",
    "getElementValueOfCssProperty": "GetElementCSSValue", "getCurrentUrl": "GetCurrentURL",
}
ANSWER_S = 60


class Marionette:
    """A command executor for webdriver.Remote."""

    def __init__(self, profile, process, within=30):
        self.asked = 0
        self.connection = self._connect(pathlib.Path(profile) / "MarionetteActivePort", process, within)
        self.reader = self.connection.makefile("rb")
        self._read()  # its greeting

    @staticmethod
    def _connect(file, process, within):
        until = time.monotonic() + within
        while time.monotonic() < until and process.poll() is None:
            if file.exists() and (text := file.read_text().strip()):
                return socket.create_connection(("127.0.0.1", int(text)), ANSWER_S)
            time.sleep(0.02)
        raise RuntimeError("Firefox did not open its remote control")

    def _read(self):
        length = b""
        while (byte := self.reader.read(1)) != b":":
            if not byte:
                raise ConnectionError("Firefox has gone")
            length += byte
        return json.loads(self.reader.read(int(length)))

    def call(self, name, **parameters):
        """The result of one command; what failed comes as {"error": …}."""
        self.asked += 1
        text = json.dumps([0, self.asked, name, parameters]).encode()
        self.connection.sendall(b"%d:%s" % (len(text), text))
        _, _, error, result = self._read()
        return error or result

    def execute(self, command, parameters):
        if command == "quit":
            return {"value": None}  # who started the process ends it
        parameters = {key: value for key, value in (parameters or {}).items() if key != "sessionId"}
        if command == "newSession":
            parameters = parameters["capabilities"]["alwaysMatch"]
        if command.startswith("findChild"):
            parameters["element"] = parameters.pop("id")
        if command == "switchToWindow":
            parameters["handle"] = parameters.get("handle") or parameters.get("name")
        result = self.call("WebDriver:" + NAMES.get(command, command[0].upper() + command[1:]), **parameters)
        if isinstance(result, dict) and "error" in result:
            return {"status": 400, "value": json.dumps({"value": result})}
        if isinstance(result, dict) and set(result) == {"value"}:
            result = result["value"]
        return {"value": result}

    def chrome(self, script, *arguments):
        """Runs a script with the rights of the browser itself."""
        self.call("Marionette:SetContext", value="chrome")
        try:
            result = self.call("WebDriver:ExecuteScript", script=script, args=list(arguments))
        finally:
            self.call("Marionette:SetContext", value="content")
        if "error" in result:
            raise RuntimeError(result["message"])
        return result["value"]

    def close(self):
        self.reader.close()
        self.connection.close()
