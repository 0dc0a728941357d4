"""`gpio-gateway token show` beside a gateway that runs as a service. systemd's folder is fixed, so each
test has a /var/lib of its own, laid out as for a dynamic user."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Iterator

import pytest

from gateway_process import PROGRAM

OPERATOR = "0123456789abcdef0123456789abcdef"
VIEWER = "fedcba9876543210fedcba9876543210"
LAYOUT = f"""
mount -t tmpfs none /var/lib
mkdir -m 700 /var/lib/private /var/lib/private/gpio-gateway
ln -s private/gpio-gateway /var/lib/gpio-gateway
cd /var/lib/private/gpio-gateway
printf 'operator {OPERATOR}\\nviewer {VIEWER}\\n' >token
echo 'lan http://192.168.1.7:8080/' >addresses
chmod 600 token addresses
mount -t tmpfs none /run
mkdir /run/gpio-gateway
cd /
"""
INSIDE = ["unshare", "--mount", "sh", "-ec", LAYOUT + 'exec "$@"', "sh"]


def can_mount() -> bool:
    return os.geteuid() == 0 and subprocess.run([*INSIDE, "true"], capture_output=True,
                                                check=False).returncode == 0


pytestmark = pytest.mark.skipif(not can_mount(), reason="needs root and a mount namespace")


@pytest.fixture
def home() -> Iterator[Path]:
    """Somebody's, with the program in it where that somebody may run it."""
    folder = Path("/tmp") / f"home-{os.getpid()}"
    folder.mkdir(mode=0o755)
    shutil.copy(PROGRAM, folder / "gpio-gateway")
    yield folder
    shutil.rmtree(folder)


def show(home: Path, *, user: int) -> subprocess.CompletedProcess[str]:
    os.chown(home, user, user)
    environment = {"PATH": os.environ["PATH"], "HOME": str(home)}
    return subprocess.run(
        [*INSIDE, "setpriv", f"--reuid={user}", "--clear-groups", str(home / "gpio-gateway"),
         "token", "show"], env=environment, capture_output=True, text=True, timeout=10,
        stdin=subprocess.DEVNULL, check=False)


def test_a_person_is_told_to_ask_as_root_and_nothing_is_made(home: Path) -> None:
    done = show(home, user=65534)
    assert done.returncode == 77 and done.stdout == "", done
    assert done.stderr.count("\n") == 1 and "runs as a service" in done.stderr
    assert "sudo gpio-gateway token show" in done.stderr
    assert [path.name for path in home.iterdir()] == ["gpio-gateway"]


def test_root_sees_the_tokens_and_links_of_the_service(home: Path) -> None:
    done = show(home, user=0)
    assert done.returncode == 0 and done.stderr == "", done
    assert done.stdout.startswith(f"operator {OPERATOR}\nviewer {VIEWER}\n")
    assert f"http://192.168.1.7:8080/?token={OPERATOR}" in done.stdout
    assert [path.name for path in home.iterdir()] == ["gpio-gateway"]


def test_who_has_tokens_of_his_own_is_told_of_the_service(home: Path) -> None:
    folder = home / ".local" / "state" / "gpio-gateway"
    folder.mkdir(parents=True)
    (folder / "token").write_text(f"operator {VIEWER}\nviewer {OPERATOR}\n", encoding="ascii")
    (folder / "token").chmod(0o600)
    done = show(home, user=0)
    assert done.returncode == 0 and done.stdout.startswith(f"operator {VIEWER}\n"), done
    assert "STATE_DIRECTORY=/var/lib/gpio-gateway gpio-gateway token show" in done.stderr
