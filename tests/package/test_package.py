"""From `apt install` to Home Assistant, through an upgrade and to the end, on a Debian system of its own.

The tests run in their order: each needs what those before have done."""

from __future__ import annotations

import json
from typing import Any

from machine import Machine
from mqtt_broker import check_document
from sim import Chip, untouched

OLD, NEW = "/mnt/old.deb", "/mnt/new.deb"
CONFIG = "/etc/gpio-gateway/gateway.json"
RED = 17  # GPIO17 of the default circuit


def installed(machine: Machine) -> str:
    return machine.run("dpkg-query", "-W", "-f", "${Version}", "gpio-gateway").stdout


def retained(machine: Machine, topic: str) -> Any:
    """What the broker has kept for the topic, None for nothing."""
    text = machine.run("mosquitto_sub", "-h", "127.0.0.1", "-W", "2", "-C", "1", "-t", topic, check=False).stdout
    return json.loads(text) if text.startswith("{") else text.strip() or None


def base(machine: Machine) -> str:
    identity = machine.path("/var/lib/private/gpio-gateway/id").read_text(encoding="ascii").strip()
    return f"gpio-gateway/{identity}"


def state_is(machine: Machine, wanted: str) -> bool:
    state = retained(machine, f"{base(machine)}/lines/red/state")
    return state is not None and state["state"] == wanted


def test_apt_installs_and_starts_it(machine: Machine) -> None:
    machine.run("apt-get", "install", "-y", OLD)
    assert machine.unit("ActiveState") == "active"
    assert machine.unit("UnitFileState") == "enabled"
    assert machine.health()["backend"] == "gpiod", machine.log()


def test_page_opens(machine: Machine) -> None:
    status, body = machine.get("/")
    assert status == 200 and b"<!doctype html>" in body.lower()


def found(machine: Machine, host: str) -> bool:
    """Whether the network sees a gateway on this host."""
    listed = machine.run("avahi-browse", "-p", "-r", "-t", "_gpio-gateway._sub._http._tcp", check=False).stdout
    return any(row.startswith("=") and f";{host}.local;" in row and ";8080;" in row and '"api=1"' in row
               for row in listed.splitlines())


def test_avahi_browse_finds_it(machine: Machine) -> None:
    name = machine.run("hostname").stdout.strip()
    machine.wait(lambda: found(machine, name), "announcement")
    machine.wait(lambda: machine.health()["helpers"]["mdns"] == "announced", "word of it")


def test_host_that_is_renamed_and_its_avahi_are_followed(machine: Machine) -> None:
    assert machine.get("/healthz", "kitchen.local:8080")[0] == 421
    machine.run("hostname", "kitchen")
    machine.run("systemctl", "restart", "avahi-daemon")
    machine.wait(lambda: found(machine, "kitchen"), "announcement under the new name")
    assert machine.get("/healthz", "kitchen.local:8080")[0] == 200


def test_mqtt_that_a_reload_brings_gives_a_document_that_home_assistant_takes(machine: Machine) -> None:
    config = json.loads(machine.path(CONFIG).read_text(encoding="utf-8"))
    config["mqtt"] = {"broker": "mqtt://127.0.0.1:1883"}
    machine.path(CONFIG).write_text(json.dumps(config), encoding="utf-8")
    machine.run("systemctl", "reload", "gpio-gateway")
    machine.wait(lambda: machine.health()["helpers"]["mqtt"] == "connected", "connection")
    machine.wait(lambda: retained(machine, f"{base(machine)}/status") == "online", "word of it")
    identity = base(machine).split("/")[1]
    document = retained(machine, f"homeassistant/device/gpio-gateway-{identity}/config")
    check_document(document)
    assert document["cmps"]["red"]["p"] == "light"


def test_toggle_by_mosquitto_pub_reaches_the_pin_and_comes_back(machine: Machine, chip: Chip) -> None:
    assert chip.level(RED) == 0
    machine.run("mosquitto_pub", "-h", "127.0.0.1", "-t", f"{base(machine)}/lines/red/toggle", "-n")
    machine.wait(lambda: chip.level(RED) == 1, "level of the pin")
    machine.wait(lambda: state_is(machine, "ON"), "state")


def take_over(machine: Machine, chip: Chip, package: str) -> None:
    """Installs while GPIO17 is on, and would fall the moment somebody let go of it."""
    before, process = installed(machine), machine.unit("MainPID")
    chip.pull(RED, False)
    assert chip.level(RED) == 1
    with untouched(chip, RED):
        machine.run("dpkg", "-i", package)
        machine.wait(lambda: machine.unit("MainPID") not in (process, "0"), "next process")
        machine.wait(lambda: machine.health()["helpers"]["mqtt"] == "connected", "connection")
        machine.wait(lambda: state_is(machine, "ON"), "state")
    assert installed(machine) != before
    assert machine.unit("ActiveState") == "active"


def test_upgrade_moves_no_output(machine: Machine, chip: Chip) -> None:
    take_over(machine, chip, NEW)


def test_downgrade_moves_no_output(machine: Machine, chip: Chip) -> None:
    take_over(machine, chip, OLD)


def test_upgrade_leaves_the_old_process_alone_when_the_config_is_bad(machine: Machine, chip: Chip) -> None:
    process = machine.unit("MainPID")
    good = machine.path(CONFIG).read_text(encoding="utf-8")
    machine.path(CONFIG).write_text(good.replace('"GPIO17"', '"GPIO17", "colour": "red"'), encoding="utf-8")
    with untouched(chip, RED):
        told = machine.run("dpkg", "-i", NEW).stdout
        assert "colour" in told and "the old process goes on" in told
        assert machine.unit("MainPID") == process
    machine.path(CONFIG).write_text(good, encoding="utf-8")


def test_service_that_was_stopped_is_not_started_by_an_upgrade(machine: Machine) -> None:
    machine.run("systemctl", "stop", "gpio-gateway")
    machine.run("dpkg", "-i", OLD)
    assert machine.unit("ActiveState") == "inactive"


def test_removal_keeps_the_config_and_purge_takes_it(machine: Machine, chip: Chip) -> None:
    machine.run("systemctl", "start", "gpio-gateway")
    assert "used" in chip.flags(RED)
    machine.run("dpkg", "-r", "gpio-gateway")
    assert "used" not in chip.flags(RED)
    assert machine.path(CONFIG).exists()
    machine.run("dpkg", "-P", "gpio-gateway")
    assert not machine.path("/etc/gpio-gateway").exists()
    assert not machine.path("/var/lib/private/gpio-gateway").exists()


def test_installation_beside_a_cmake_install_takes_its_config_and_warns(machine: Machine) -> None:
    circuit = {"circuit": {"name": "mine", "lines": [{"name": "lamp", "gpio": "GPIO4", "direction": "output"}]}}
    for path, text in (("/usr/local/etc/gpio-gateway/gateway.json", json.dumps(circuit)),
                       ("/usr/local/lib/systemd/system/gpio-gateway.service",
                        "[Service]\nExecStart=/usr/bin/sleep infinity\n")):
        machine.path(path).parent.mkdir(parents=True)
        machine.path(path).write_text(text, encoding="utf-8")
    told = machine.run("dpkg", "-i", OLD).stdout
    assert "is in force instead of this package's unit" in told and "rm" not in told
    assert json.loads(machine.path(CONFIG).read_text(encoding="utf-8")) == circuit
    assert machine.unit("ActiveState") == "inactive"
