"""What the documentation shows can be pasted: its configs are good ones, its examples do what they say, its
links lead somewhere, and the Korean pages show the same."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gateway_process import PROGRAM, TOP, Gateway

FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(name: str) -> list[tuple[str, str]]:
    """Language and text of each block of code."""
    return FENCED.findall((TOP / name).read_text(encoding="utf-8"))


def headings(name: str) -> list[str]:
    """Their levels, in order."""
    prose = FENCED.sub("", (TOP / name).read_text(encoding="utf-8"))
    return re.findall(r"^(#+) ", prose, re.MULTILINE)


RECIPES = [text for language, text in blocks("docs/circuit.md")
           if language == "json" and text.startswith('{"circuit"')]
TRANSLATED = ["README.md", "docs/sockets.md"]


def korean(name: str) -> str:
    return name.replace(".md", ".ko.md")


def test_every_recipe_is_there() -> None:
    assert len(RECIPES) >= 6


@pytest.mark.parametrize("number", range(len(RECIPES)))
def test_a_recipe_is_a_good_config(tmp_path: Path, number: int) -> None:
    file = tmp_path / "gateway.json"
    file.write_text(RECIPES[number], encoding="utf-8")
    done = subprocess.run([PROGRAM, "check", str(file)], capture_output=True, text=True, timeout=10,
                          check=False)
    assert (done.returncode, done.stderr) == (0, ""), RECIPES[number]


def test_the_readme_is_read_in_one_sitting() -> None:
    assert len((TOP / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


def code(name: str) -> list[tuple[str, str]]:
    """The blocks, but what their remarks say: those are in the language of the page."""
    return [(language, re.sub(r"^# .*$", "#", text, flags=re.MULTILINE)) for language, text in blocks(name)]


@pytest.mark.parametrize("name", TRANSLATED)
def test_both_languages_show_the_same_code(name: str) -> None:
    assert code(name) == code(korean(name))


@pytest.mark.parametrize("name", TRANSLATED)
def test_both_languages_have_the_same_sections(name: str) -> None:
    assert headings(name) == headings(korean(name))


def test_korean_recipes_are_those_of_the_english_page() -> None:
    shown = [text for language, text in blocks("docs/circuit.ko.md") if language == "json"]
    assert shown and all(text in RECIPES for text in shown)


LINK = re.compile(r"\]\(([^)#\s]+)")


@pytest.mark.parametrize("path", sorted([*TOP.glob("*.md"), *TOP.glob("docs/*.md")]),
                         ids=lambda path: str(path.relative_to(TOP)))
def test_every_link_leads_to_a_file(path: Path) -> None:
    for link in LINK.findall(FENCED.sub("", path.read_text(encoding="utf-8"))):
        if not link.startswith(("http:", "https:")):
            assert (path.parent / link).exists(), link


def test_the_readmes_calls_by_curl_can_be_pasted(gateway: Gateway) -> None:
    text = block_with("README.md", "sh", "gw()")
    assert "http://localhost:8080" in text
    text = text.replace("http://localhost:8080", gateway.http).replace("build/gpio-gateway", PROGRAM)
    text = text.replace("buzzer", "green")
    done = run(gateway, "bash", "-e", "-c", text)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == 6 and not any("code" in answer for answer in answers), answers


def test_the_readmes_own_page_is_served(start_gateway: Any, tmp_path: Path) -> None:
    done = subprocess.run(["bash", "-e", "-c", block_with("README.md", "sh", "mkdir -p mine")],
                          cwd=tmp_path, check=True, capture_output=True)
    assert done.stderr == b""
    gateway = start_gateway(www=tmp_path / "mine")
    assert "lamp.js" in gateway.get("/", token=None).text
    assert "lines/red/toggle" in gateway.get("/lamp.js", token=None).text


def block_with(name: str, language: str, word: str) -> str:
    [found] = [text for kind, text in blocks(name) if kind == language and word in text]
    return found


def run(gateway: Gateway, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=gateway.environment, cwd=TOP, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=20, check=False)


@pytest.fixture
def levels(gateway: Gateway) -> str:
    """The block that goes down to the socket, for this gateway's ports."""
    text = block_with("docs/sockets.md", "sh", "# 4  AF_UNIX")
    tcp, udp = gateway.line, gateway.datagram
    for old, new in (("gw=build/gpio-gateway", f"gw={PROGRAM}"),
                     ("http://localhost:8080", gateway.http),
                     ("nc -N ::1 7070", f"nc -N {tcp[0]} {tcp[1]}"),
                     ("::1 7070", f"{udp[0]} {udp[1]}"),
                     ("tcp:[::1]:7070", f"tcp:{tcp[0]}:{tcp[1]}")):
        assert old in text
        text = text.replace(old, new)
    return text


def test_the_way_down_to_the_socket_can_be_pasted(gateway: Gateway, levels: str) -> None:
    done = run(gateway, "bash", "-e", "-c", levels)
    assert done.returncode == 0, done.stderr
    assert gateway.log.count("error") == 0
    events = [event for event in gateway.get("/api/v1/history").json["events"]
              if event["cause"] == "toggle"]
    assert len(events) == 6, "each level toggles once, AF_UNIX twice"


def test_its_datagram_acts_once_when_it_is_pasted_twice(gateway: Gateway, levels: str) -> None:
    begin, datagram, _ = re.split(r"# [34]  ", levels)
    begin = "\n".join(line for line in begin.splitlines() if line.startswith(("gw=", "TOKEN=")))
    datagram = datagram.split("\n", 1)[1]
    done = run(gateway, "bash", "-e", "-c", begin + "\n" + datagram + datagram)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first == second and first.startswith("#1 ok red 1 ")


def test_its_calls_are_those_of_its_own_connection(gateway: Gateway, levels: str) -> None:
    for _ in range(10):
        assert gateway.run("get").returncode == 0
    done = run(gateway, "bash", "-e", "-c", levels)
    calls = [call["text"] for call in json.loads(done.stdout.splitlines()[-1])["calls"]]
    assert not any(call.startswith(("socket(", "bind(", "listen(")) for call in calls), calls
    accepted = [call for call in calls if call.startswith("accept4(")]
    assert len(accepted) == 2, "the client's, and that of the question for the calls"


def test_its_client_in_c_tells_its_usage_and_toggles(start_gateway: Any, tmp_path: Path) -> None:
    gateway = start_gateway({"listen": {"line": ["tcp:[::1]:0"]}})
    source, program = tmp_path / "toggle.c", str(tmp_path / "toggle")
    text = block_with("docs/sockets.md", "c", "int main")
    assert "htons(7070)" in text
    source.write_text(text.replace("7070", str(gateway.line[1])), encoding="utf-8")
    built = run(gateway, "cc", "-Wall", "-Werror", "-o", program, str(source))
    assert built.returncode == 0, built.stderr
    lost = run(gateway, program)
    assert lost.returncode == 2 and lost.stderr == f"usage: {program} TOKEN\n", lost
    done = run(gateway, program, gateway.token)
    assert done.returncode == 0 and "ok red 1 " in done.stdout, done
