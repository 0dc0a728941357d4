"""A program that is killed leaves its outputs safe."""

from __future__ import annotations

from typing import Any

from gateway_process import wait_until
from programs import Script, environment


def test_a_killed_program_leaves_its_outputs_safe_in_less_than_a_second(process: Any) -> None:
    script = Script(
        """
from gpio_gateway import Gateway
gateway = Gateway()
gateway.lines["red"].on()
gateway.lines["yellow"].blink(.01, .01)
gateway.lines["green"].pwm(.5)
gateway.set({"alarm": 0})
print("ready")
for event in gateway.watch(): pass
""",
        environment(process),
    )
    script.wait_for("ready")
    assert process.value("red") == 1 and process.value("alarm") == 0
    script.kill()
    wait_until(
        lambda: [process.value(name) for name in ("red", "yellow", "green", "alarm")]
        == [0, 0, 0, 1],
        "safe outputs",
        1,
    )
    assert process.get("/api/v1/lines/yellow").json["action"] is None
