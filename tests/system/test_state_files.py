"""Each file of the state folder that is something else than the gateway left there: the start or the operation says
which one and what to do, waits for nothing, and follows no link."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import StartGateway
from gateway_process import Gateway, config_with, wait_until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="gives files to another user")

STRANGER = 65534
WAIT_S = 10.0
CONFIG = {"history": {"file": True}, "listen": {"https": ["127.0.0.1:0"]}}
REMEDIES = ("remove it", "chown")


# ---- what may stand there instead ----


def by_link(place: Path) -> None:
    """To what it was, so that only who follows it finds nothing wrong."""
    aside = place.parents[1] / f"aside-{place.name}"
    place.rename(aside)
    place.symlink_to(aside)


def by_fifo(place: Path) -> None:
    remove(place)
    os.mkfifo(place, 0o600)


def by_folder(place: Path) -> None:
    remove(place)
    place.mkdir(mode=0o700)
    (place / "full").touch()


def by_device(place: Path) -> None:
    remove(place)
    os.mknod(place, 0o600 | stat.S_IFCHR, os.makedev(1, 5))  # /dev/zero


def by_file(place: Path) -> None:
    remove(place)
    place.write_text("", encoding="ascii")


def of_another(place: Path) -> None:
    os.chown(place, STRANGER, STRANGER)


def for_all(place: Path) -> None:
    place.chmod(0o777 if place.is_dir() else 0o666)


def for_group(place: Path) -> None:
    place.chmod(0o770 if place.is_dir() else 0o660)


def remove(place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


FILES = {"link": by_link, "FIFO": by_fifo, "folder": by_folder, "device": by_device, "of another": of_another,
         "for all": for_all, "for the group": for_group}
FOLDERS = {"link": by_link, "FIFO": by_fifo, "device": by_device, "file": by_file, "of another": of_another,
           "for all": for_all, "for the group": for_group}


# ---- who meets it; each returns what was said ----

Meets = Callable[[Gateway, StartGateway], str]


def a_start(gateway: Gateway, start_gateway: StartGateway) -> str:
    """Is refused: nothing listens."""
    del start_gateway
    config = config_with(CONFIG)
    again = Gateway(gateway.folder, config)
    assert again.process.wait(WAIT_S) in (69, 77, 78), again.log
    again.check()
    assert len(again.log.strip().splitlines()) == 1
    return again.log


def a_gateway(gateway: Gateway, start_gateway: StartGateway) -> str:
    """Starts, serves, and stores."""
    again = start_gateway(CONFIG, folder=gateway.folder)
    assert again.put("/api/v1/lines/red/value", 1).status == 200
    again.get("/api/v1/history?limit=10")
    again.post("/api/v1/session", {"token": again.token}, token=None)
    again.get("/api/v1/config/versions", token=again.tokens["admin"])
    again.check()
    return again.log


def token_show(gateway: Gateway, start_gateway: StartGateway) -> str:
    del start_gateway
    return gateway.run("token", "show").stderr


def tls_new(gateway: Gateway, start_gateway: StartGateway) -> str:
    del start_gateway
    made = gateway.run("tls", "new")
    assert made.returncode == 77
    return made.stderr


TABLE: list[tuple[str, Meets, list[str]]] = [
    ("token", a_start, list(FILES)),
    ("token", token_show, list(FILES)),
    ("lines.json", a_start, list(FILES)),
    ("id", a_gateway, list(FILES)),
    ("sessions", a_gateway, list(FILES)),
    ("addresses", token_show, list(FILES)),
    ("addresses", a_gateway, ["folder"]),  # everything else is replaced
    ("lines.json.new", a_gateway, ["folder"]),
    ("history.jsonl", a_gateway, list(FILES)),
    ("history.jsonl.1", a_gateway, list(FILES)),
    ("journal.json", a_gateway, list(FILES)),
    ("config-versions", a_gateway, list(FOLDERS)),
    ("config-versions/00000000001000000000.json", a_gateway, list(FILES)),
    ("tls/certificate.pem", a_start, list(FILES)),
    ("tls/key.pem", a_start, list(FILES)),
    ("tls/ca.pem", tls_new, list(FILES)),
    ("tls/ca.key", tls_new, list(FILES)),
    ("tls", tls_new, ["link", "FIFO", "device", "file"]),
]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a gateway that has left every file behind."""
    folder = tmp_path_factory.mktemp("o") / "g"
    gateway = Gateway(folder, config_with()).start()
    assert gateway.token
    assert gateway.post("/api/v1/session", {"token": gateway.token}, token=None).status == 200
    assert gateway.run("tls", "new").returncode == 0
    gateway.check()
    gateway = Gateway(folder, config_with(CONFIG)).start()
    assert gateway.put("/api/v1/lines/red/value", 1).status == 200
    gateway.process.send_signal(signal.SIGUSR2)
    assert gateway.process.wait(WAIT_S) == 75
    gateway.kill()
    state = gateway.state
    shutil.copy(state / "history.jsonl", state / "history.jsonl.1")
    (state / "config-versions").mkdir(mode=0o700)
    version = '{"etag":"\\"0\\"","time_us":1,"source":"x","role":"admin","summary":"","text":"{}"}'
    (state / "config-versions" / "00000000001000000000.json").write_text(version, encoding="ascii")
    (state / "lines.json.new").write_text("", encoding="ascii")
    return folder


@pytest.fixture
def left(original: Path, tmp_path: Path) -> Gateway:
    """A copy of it, and nobody there."""
    subprocess.run(["cp", "-a", str(original), str(tmp_path / "g")], check=True)
    gateway = Gateway(tmp_path / "g", config_with(CONFIG), args=["--no-such-option"])
    gateway.process.wait(WAIT_S)
    return gateway


@pytest.mark.parametrize("name, meets, kind", [
    pytest.param(name, meets, kind, id=f"{name}-{meets.__name__}-{kind}") for name, meets, kinds in TABLE
    for kind in kinds])
def test_what_is_no_file_of_ours_is_told_with_its_remedy(left: Gateway, start_gateway: StartGateway, name: str,
                                                         meets: Meets, kind: str) -> None:
    place = left.state / name
    assert place.exists(), "nobody makes it any more"
    (FOLDERS if place.is_dir() else FILES)[kind](place)
    aside = place.parents[1] / f"aside-{place.name}"
    before = aside.read_bytes() if aside.is_file() else b""
    beside = sorted(aside.iterdir()) if aside.is_dir() else []
    said = meets(left, start_gateway)
    lines = [line for line in said.splitlines() if str(place).removesuffix(".new") in line]
    assert lines and any(remedy in line for line in lines for remedy in REMEDIES), said
    if aside.is_file():
        assert aside.read_bytes() == before, "what a link leads to was written"
    if aside.is_dir():
        assert sorted(aside.iterdir()) == beside


@pytest.mark.parametrize("kind", ["of another", "for all", "for the group"])
@pytest.mark.parametrize("mode", ["token", "none"])
def test_state_folder_that_others_may_change_refuses(left: Gateway, kind: str, mode: str) -> None:
    """They could give themselves a token, or outputs another value."""
    FOLDERS[kind](left.state)
    again = Gateway(left.folder, config_with({"auth": {"mode": mode}}))
    assert again.process.wait(WAIT_S) == 77
    again.check()
    [line] = again.log.strip().splitlines()
    assert line.startswith(f"{left.state}: ") and "chown" in line and "chmod 700" in line


@pytest.mark.parametrize("kind", ["FIFO", "folder", "device"])
def test_config_that_is_no_file_any_more_is_not_waited_for(start_gateway: StartGateway, kind: str) -> None:
    gateway = start_gateway()
    assert gateway.token
    FILES[kind](gateway.config_path)
    gateway.process.send_signal(signal.SIGHUP)
    wait_until(lambda: f"{gateway.config_path}: is not a file" in gateway.log, "word of it")
    answer = gateway.get("/api/v1/config", token=gateway.tokens["admin"])
    assert answer.status == 500 and "not a file" in answer.json["detail"]
    assert gateway.put("/api/v1/lines/red/value", 1).status == 200


def test_config_that_is_a_fifo_without_a_writer_refuses_the_start(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path / "g", config_with())
    gateway.kill()
    gateway.config_path.unlink()
    os.mkfifo(gateway.config_path)
    checked = gateway.run("check", str(gateway.config_path), seconds=WAIT_S)
    assert checked.returncode == 78 and str(gateway.config_path) in checked.stderr


def test_config_may_come_through_a_pipe(tmp_path: Path) -> None:
    """As bash gives it: check <(generate)."""
    gateway = Gateway(tmp_path / "g", config_with())
    gateway.kill()
    words = f"{gateway.program} check <(sleep 0.3; cat {gateway.config_path})"
    checked = subprocess.run(["bash", "-c", words], capture_output=True, text=True, check=False, timeout=WAIT_S)
    assert checked.returncode == 0, checked.stderr
