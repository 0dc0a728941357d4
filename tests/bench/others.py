"""What a user may pick instead, in its smallest form: a GET of one line's JSON with a token checked. Each is
measured where it is installed (python3-aiohttp, python3-flask and python3-waitress, nodejs; express by npm in
NODE_PATH)."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time

from gateway import WAIT_S
from peers import SERVER_CORE, closed_port, pinned

AIOHTTP = """
import sys
from aiohttp import web
token, body, port = sys.argv[1:]
async def line(request):
    if request.headers.get("Authorization") != "Bearer " + token:
        raise web.HTTPUnauthorized()
    return web.Response(text=body, content_type="application/json")
app = web.Application()
app.add_routes([web.get("/api/v1/lines/{line}", line)])
web.run_app(app, host="127.0.0.1", port=int(port), print=None, access_log=None)
"""

FLASK = """
import sys
from flask import Flask, Response, request
from waitress import serve
token, body, port = sys.argv[1:]
app = Flask(__name__)
@app.get("/api/v1/lines/<name>")
def line(name):
    if request.headers.get("Authorization") != "Bearer " + token:
        return Response(status=401)
    return Response(body, content_type="application/json")
serve(app, host="127.0.0.1", port=int(port), threads=4, _quiet=True)
"""

NODE = """
const [token, body, port] = process.argv.slice(1);
require("http").createServer((request, response) => {
    if (request.headers.authorization !== "Bearer " + token) return response.writeHead(401).end();
    response.writeHead(200, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) });
    response.end(body);
}).listen(Number(port), "127.0.0.1");
"""

EXPRESS = """
const [token, body, port] = process.argv.slice(1);
const app = require("express")();
app.get("/api/v1/lines/:line", (request, response) => {
    if (request.headers.authorization !== "Bearer " + token) return response.sendStatus(401);
    response.type("application/json").send(body);
});
app.listen(Number(port), "127.0.0.1");
"""


class Other:
    """A server in another language on a port of its own."""

    def __init__(self, command: list[str], token: str, body: str) -> None:
        self.port = closed_port()
        self.process = subprocess.Popen(
            [*pinned(SERVER_CORE), *command, token, body, str(self.port)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.pid = self.process.pid
        deadline = time.monotonic() + WAIT_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    self.close()
                    raise
                time.sleep(0.05)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(WAIT_S)


def installed() -> dict[str, list[str]]:
    """The command of each that is there."""
    def imports(module: str) -> bool:
        return subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True,
                              stdin=subprocess.DEVNULL, check=False).returncode == 0

    found = {}
    if imports("aiohttp"):
        found["aiohttp"] = [sys.executable, "-c", AIOHTTP]
    if imports("flask") and imports("waitress"):
        found["Flask on waitress"] = [sys.executable, "-c", FLASK]
    if node := shutil.which("node"):
        found["Node.js http"] = [node, "-e", NODE, "--"]
        known = subprocess.run([node, "-e", "require('express')"], capture_output=True,
                               stdin=subprocess.DEVNULL, check=False)
        if known.returncode == 0:
            found["Express"] = [node, "-e", EXPRESS, "--"]
    return found
