"""TLS to the broker: who is believed, who is not, and what is said of it."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import Any, Iterator

import pytest
from gateway_process import Gateway, wait_until
from mqtt_broker import Broker

NAMES = {"address": "IP:127.0.0.1", "name": "DNS:localhost", "stranger": "DNS:broker.example"}


def openssl(*words: str) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True)


class Authority:
    """A certificate authority of the test alone."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        self.ca = folder / f"{name}.pem"
        self.key = folder / f"{name}.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", f"/CN={name}", "-keyout", str(self.key), "-out", str(self.ca))

    def sign(self, name: str, alternative: str) -> tuple[Path, Path]:
        """Certificate and key of a broker."""
        key, request, certificate, extension = (
            self.folder / f"{name}.{end}" for end in ("key", "csr", "crt", "ext"))
        extension.write_text(f"subjectAltName={alternative}\n", encoding="ascii")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                "-keyout", str(key), "-out", str(request))
        openssl("x509", "-req", "-in", str(request), "-CA", str(self.ca), "-CAkey", str(self.key),
                "-CAcreateserial", "-days", "2", "-extfile", str(extension), "-out", str(certificate))
        return certificate, key


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"), "home")


@pytest.fixture
def secure_broker(tmp_path: Path, authority: Authority, request: pytest.FixtureRequest) -> Iterator[Broker]:
    """Its certificate is for what NAMES says of the parameter."""
    name = getattr(request, "param", "address")
    certificate, key = authority.sign(name, NAMES[name])
    passwords = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-c", "-b", str(passwords), "gw", "right"], check=True, capture_output=True)
    broker = Broker(tmp_path / "broker", (f"certfile {certificate}", f"keyfile {key}", "allow_anonymous false",
                                          f"password_file {passwords}"))
    yield broker
    broker.stop()


def start(start_gateway: Any, broker: Broker, ca_file: str, *, host: str = "127.0.0.1", **more: Any) -> Gateway:
    password = broker.folder / "mqtt.password"
    if not password.exists():
        password.write_text("right\n", encoding="ascii")
        password.chmod(0o600)
    return start_gateway({"mqtt": {"broker": f"mqtts://{host}:{broker.port}", "ca_file": ca_file, "user": "gw",
                                   "password_file": str(password), **more}})


def state(gateway: Gateway) -> str:
    return str(gateway.get("/healthz").json["helpers"]["mqtt"])


def wait_for_reason(gateway: Gateway, reason: str) -> None:
    """The log says why; the pins do not wait; the broker is not asked all the time."""
    wait_until(lambda: reason in gateway.log, f"{reason!r} in {gateway.log}")
    assert state(gateway) == "connecting"
    assert gateway.put("/api/v1/lines/red/value", 1).status == 200
    assert gateway.log.count("not connected") == 1


@pytest.mark.parametrize("version", ["5", "3.1.1"])
@pytest.mark.parametrize("secure_broker, host", [("address", "127.0.0.1"), ("name", "localhost")],
                         indirect=["secure_broker"])
def test_broker_of_the_authority_is_connected(start_gateway: Any, secure_broker: Broker, authority: Authority,
                                              host: str, version: str) -> None:
    gateway = start(start_gateway, secure_broker, str(authority.ca), host=host, version=version)
    wait_until(lambda: state(gateway) == "connected", f"connection: {gateway.log}")
    assert "others may read" not in gateway.log


def test_broker_of_another_authority_is_told_and_gets_no_password(
        start_gateway: Any, secure_broker: Broker, tmp_path: Path) -> None:
    other = Authority(tmp_path, "other")
    gateway = start(start_gateway, secure_broker, str(other.ca))
    wait_for_reason(gateway, "certificate verify failed")
    assert "gpio-gateway" not in (secure_broker.folder / "log").read_text(encoding="utf-8")


def test_without_a_ca_file_the_systems_authorities_are_asked(start_gateway: Any, secure_broker: Broker) -> None:
    wait_for_reason(start(start_gateway, secure_broker, ""), "certificate verify failed")


@pytest.mark.parametrize("secure_broker", ["stranger"], indirect=True)
def test_certificate_for_another_name_is_told(start_gateway: Any, secure_broker: Broker,
                                              authority: Authority) -> None:
    wait_for_reason(start(start_gateway, secure_broker, str(authority.ca)), "host name verification failed")


def test_plain_mqtt_to_a_port_of_tls_and_the_other_way_are_told(
        start_gateway: Any, secure_broker: Broker, authority: Authority, tmp_path: Path) -> None:
    plain = start_gateway({"mqtt": {"broker": secure_broker.url}})
    wait_until(lambda: "The connection was lost" in plain.log, f"word of it in {plain.log}")
    without = Broker(tmp_path / "plain")
    secure = start_gateway({"mqtt": {"broker": f"mqtts://127.0.0.1:{without.port}", "ca_file": str(authority.ca)}})
    # As OpenSSL says it, or as libmosquitto does where OpenSSL says nothing.
    wait_until(lambda: "unexpected eof while reading" in secure.log or "A TLS error occurred" in secure.log,
               f"word of it in {secure.log}")
    without.stop()


def test_missing_ca_file_is_named(start_gateway: Any, secure_broker: Broker, tmp_path: Path) -> None:
    missing = tmp_path / "missing.pem"
    gateway = start(start_gateway, secure_broker, str(missing))
    wait_until(lambda: f"ca_file {missing}: No such file or directory" in gateway.log, f"name in {gateway.log}")
    assert state(gateway) == "connecting"


def test_password_file_that_others_may_read_is_told(start_gateway: Any, secure_broker: Broker,
                                                    authority: Authority) -> None:
    password = secure_broker.folder / "mqtt.password"
    password.write_text("right\n", encoding="ascii")
    password.chmod(0o640)
    gateway = start(start_gateway, secure_broker, str(authority.ca))
    wait_until(lambda: state(gateway) == "connected", "connection")
    assert f"others may read {password}; chmod 600 {password}" in gateway.log


def test_authority_that_was_mended_is_read_at_a_reload(
        start_gateway: Any, secure_broker: Broker, authority: Authority, tmp_path: Path) -> None:
    mended = tmp_path / "mended.pem"
    mended.write_bytes(Authority(tmp_path, "other").ca.read_bytes())
    gateway = start(start_gateway, secure_broker, str(mended))
    wait_until(lambda: "certificate verify failed" in gateway.log, "reason")
    mended.write_bytes(authority.ca.read_bytes())
    os.kill(gateway.pid, signal.SIGHUP)
    wait_until(lambda: state(gateway) == "connected", f"connection: {gateway.log}")
