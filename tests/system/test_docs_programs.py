"""What docs/own-page.md and docs/home-assistant.md tell others to write does what they say."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from conftest import StartGateway
from gateway_process import TOP, Gateway
from test_docs import block_with


def test_sketch_for_an_arduino_toggles_once(gateway: Gateway, tmp_path: Path) -> None:
    if not shutil.which("g++"):
        pytest.skip("no C++ compiler here")
    sketch = block_with("docs/own-page.md", "cpp", "void setup()")
    host, port = gateway.datagram
    for old, new in (("TOKEN", gateway.token), ('"raspberrypi.local", 7070', f'"{host}", {port}')):
        assert old in sketch
        sketch = sketch.replace(old, new)
    source, program = tmp_path / "sketch.cpp", tmp_path / "sketch"
    source.write_text(f"{sketch}\nint main() {{ setup(); return command(\"set green 1\") ? 0 : 1; }}\n",
                      encoding="utf-8")
    subprocess.run(["g++", "-I", TOP / "tests/system/arduino", "-o", program, source], check=True)
    assert subprocess.run([program], timeout=20, check=False).returncode == 0
    assert gateway.value("red") == gateway.value("green") == 1
    assert gateway.get("/api/v1/lines/red").json["edges"] == 1


def test_home_assistants_rest_switch_reads_and_sets(gateway: Gateway) -> None:
    """Asks as its platform `rest` does: `method` with a body, and a GET of the same resource, whose text is
    `value` in the template, to the last byte, and `value_json` where it is JSON."""
    text = block_with("docs/home-assistant.md", "", "platform: rest")
    keys = dict(re.findall(r'^ +([\w-]+): "?([^"\n]+)"?$', text, re.MULTILINE))
    assert keys["resource"].startswith("http://raspberrypi.local:8080/")
    path = keys["resource"].removeprefix("http://raspberrypi.local:8080")
    headers = {"Authorization": keys["Authorization"].replace("TOKEN", gateway.token),
               "Content-Type": keys["Content-Type"]}
    assert keys["is_on_template"] == "{{ value_json == 1 }}"
    for body in (keys["body_on"], keys["body_off"]):
        answer = gateway.request(keys["method"].upper(), path, body.encode(), token=None, headers=headers)
        assert answer.status == 200
        shown = json.loads(gateway.get(path, token=None, headers=headers).text)
        assert (shown == 1) == (body == keys["body_on"]), shown


def test_origin_of_the_own_page_is_refused_with_the_key_and_allowed_by_it(start_gateway: StartGateway) -> None:
    page = (TOP / "docs/own-page.md").read_text(encoding="utf-8")
    [allowed] = re.findall(r'"allowed_origins": \["(.+?)"\]', page)
    asked: dict[str, Any] = {"headers": {"Origin": allowed, "Sec-Fetch-Site": "cross-site"}}
    refused = start_gateway().get("/api/v1/lines/red/value", **asked)
    assert refused.status == 403 and "auth.allowed_origins" in refused.json["detail"]
    gateway = start_gateway({"auth": {"allowed_origins": [allowed]}})
    answer = gateway.get("/api/v1/lines/red/value", **asked)
    assert answer.status == 200 and answer.headers["Access-Control-Allow-Origin"] == allowed


def test_own_page_has_fifteen_lines() -> None:
    [page] = re.findall(r"^   ```html\n(.*?)^   ```$", (TOP / "docs/own-page.md").read_text(encoding="utf-8"),
                        re.MULTILINE | re.DOTALL)
    assert len(page.splitlines()) <= 15
