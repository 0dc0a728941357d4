"""gpiozero's pins at a gateway: GPIOZERO_PIN_FACTORY=gateway python3 blink.py

Works with both of gpiozero's APIs. 1.x builds pin_class(factory, number), 2.x pin_class(factory,
info) with info.name "GPIO17"; both ask the factory for a board, and get that of a Raspberry Pi 4B:
the header is the same on each model, and 1.x does not know the later ones.

The gateway's config says what a pin is. The factory compares, and never changes a pin's direction,
pull or debounce. Every command carries "lease": "connection", so outputs go to their safe values
when the script ends, in whatever way.
"""

from __future__ import annotations

import atexit
import threading
import traceback
import weakref
from typing import Any

from gpiozero import (
    PinFixedPull,
    PinInvalidBounce,
    PinInvalidEdges,
    PinInvalidFunction,
    PinInvalidPin,
    PinInvalidPull,
    PinInvalidState,
    PinPWMFixedValue,
    PinPWMUnsupported,
    PinSetInput,
    PinSPIUnsupported,
)
from gpiozero.pins.pi import PiFactory, PiPin

from .declaration import config_line, declared_pull, find_line, BIAS_OF_PULL
from .errors import GatewayError
from .events import Event, Gap
from .gateway import TIMEOUT_S, Gateway
from .watch import Watch

_REVISION_4B = 0xC03111
_EDGES = {"both": (0, 1), "rising": (1,), "falling": (0,), "none": ()}


def _note_end(reference: weakref.ref[GatewayFactory]) -> None:
    factory = reference()
    if factory is not None:
        factory.ending = True


class GatewayFactory(PiFactory):
    """Pins of the gateway at `url`; without it of $GPIO_GATEWAY_URL, as for Gateway."""

    def __init__(
        self, url: str | None = None, token: str | None = None, *, timeout: float = TIMEOUT_S
    ) -> None:
        super().__init__()
        self.pin_class = GatewayPin
        self.gateway = Gateway(url, token, lease="connection", timeout=timeout)
        self._listeners: dict[str, GatewayPin] = {}
        self._listening = threading.Lock()
        self._watch: Watch | None = None
        self._edge_clock: dict[str, int] = {}  # wall clock minus monotonic clock, for each run
        self.ending = False
        # This runs before gpiozero closes each device at the end of the program.
        atexit.register(_note_end, weakref.ref(self))

    def _get_revision(self) -> int:
        return _REVISION_4B

    def spi(self, **spi_args: Any) -> Any:
        raise PinSPIUnsupported(
            "The gateway has lines, not SPI: connect the device to this machine"
        )

    def close(self) -> None:
        try:
            super().close()
        finally:
            self.gateway.close()

    # ---- time: the gateway's wall clock, in seconds ----

    def ticks(self) -> float:
        return self.gateway.now_ns() / 1e9

    def ticks_diff(self, later: float, earlier: float) -> float:
        """Never negative, as gpiozero asks, though an edge may be told "before" it was measured."""
        return max(0.0, later - earlier)

    def event_ticks(self, event: Event) -> float:
        """When it happened. Of edges the kernel's monotonic clock counts, so that what lies between
        two of them is exact; it is laid onto the wall clock once for each run of the gateway.
        """
        if event.edge_ns is None:
            return event.time_ns / 1e9
        if event.boot not in self._edge_clock:
            self._edge_clock = {event.boot: event.time_ns - event.edge_ns}
        return (event.edge_ns + self._edge_clock[event.boot]) / 1e9

    # ---- edges ----

    def listen(self, pin: GatewayPin) -> None:
        """Hands the line's events to pin.changed() from now on, in a thread of their own, so that
        what is called there may use pins.
        """
        with self._listening:
            self._listeners[pin.line] = pin
            if self._watch is None:
                self._watch = self.gateway.watch()
                threading.Thread(
                    target=self._dispatch,
                    args=(self._watch,),
                    daemon=True,
                    name="gpio-gateway-edges",
                ).start()

    def unlisten(self, pin: GatewayPin) -> None:
        with self._listening:
            self._listeners.pop(pin.line, None)

    def _dispatch(self, watch: Watch) -> None:
        try:
            for item in watch:
                with self._listening:
                    pins = list(self._listeners.values())
                for pin in pins:
                    self._tell(pin, item)
        except GatewayError:
            traceback.print_exc()

    def _tell(self, pin: GatewayPin, item: Event | Gap) -> None:
        try:
            if isinstance(item, Gap):
                if pin.line in item.values:
                    pin.changed(self.ticks(), item.values[pin.line])
            elif item.line == pin.line:
                pin.changed(self.event_ticks(item), item.value)
        except Exception:  # of the script's own functions: the next edge is still told
            traceback.print_exc()


class GatewayPin(PiPin):
    """A line of the gateway. `state` is the physical level, as on the Pi itself."""

    factory: GatewayFactory

    def __init__(self, factory: GatewayFactory, spec: Any) -> None:
        name = getattr(spec, "name", None) or f"GPIO{spec}"
        line = find_line(factory.gateway, name)
        if line is None:
            there = ", ".join(
                f"{info['gpio'].get('name') or '?'} ({info['name']})"
                for info in map(factory.gateway.line_info, factory.gateway.line_names())
            )
            raise PinInvalidPin(
                f"{name} is not a line of the gateway at {factory.gateway.address}. There are: "
                f"{there}. To declare it, put into its config: {config_line(name)}"
            )
        super().__init__(factory, spec)
        self._gpio = name
        self.line: str = line["name"]
        self._direction: str = line["direction"]
        self._active_low = bool(line["gpio"].get("active_low"))
        self._hz: float | None = None
        self._edges = "both"
        self._level: int | None = None  # the last one that was handed to when_changed
        self._seq: int | None = None  # of the line's last event, after this pin's last command

    def _told(self) -> dict[str, Any]:
        return self.factory.gateway.line_info(self.line)

    def _declare(self, **changes: Any) -> str:
        return (
            f"The gateway's config decides. To change it, write there: "
            f"{config_line(self._gpio, self._told(), **changes)}"
        )

    def close(self) -> None:
        """An output goes to its safe value, unless somebody else has commanded it since. At the end
        of the program, and after a lost connection, the end of the lease does that.
        """
        self.when_changed = None
        self._hz = None
        seq, self._seq = self._seq, None
        if seq is None or self.factory.ending or not self.factory.gateway.connected:
            return
        try:
            safe = self._told().get("safe", 0)
            if safe in (0, 1):
                self.factory.gateway.call("line.set", line=self.line, value=safe, expect=seq)
        except GatewayError:
            pass

    # ---- what the config declares ----

    def _get_function(self) -> str:
        return self._direction

    def _set_function(self, value: str) -> None:
        if value not in ("input", "output"):
            raise PinInvalidFunction(
                f"{self._gpio}: a line is an input or an output, not {value!r}"
            )
        if value != self._direction:
            raise PinInvalidFunction(
                f"{self._gpio} is declared as {self._direction}, not as {value}. "
                f"{self._declare(direction=value)}"
            )

    def _get_pull(self) -> str:
        return declared_pull(self._told())

    def _set_pull(self, value: str) -> None:
        if value not in BIAS_OF_PULL:
            raise PinInvalidPull(f"{self._gpio}: there is no pull {value!r}")
        if self._direction != "input":
            raise PinFixedPull(f"{self._gpio} is an output: it has no pull")
        if value != self._get_pull():
            raise PinFixedPull(
                f"{self._gpio} is declared with pull {self._get_pull()}, not {value}. "
                f"{self._declare(bias=BIAS_OF_PULL[value])}"
            )

    def _get_bounce(self) -> float | None:
        declared = self._told()["gpio"].get("debounce_ms")
        return declared / 1000 if declared else None

    def _set_bounce(self, value: float | None) -> None:
        """None takes what is declared; a time must be that."""
        if value is None:
            return
        if value < 0:
            raise PinInvalidBounce("bounce must be 0 or greater")
        if abs(value - (self._get_bounce() or 0)) > 1e-6:
            raise PinInvalidBounce(
                f"{self._gpio} is declared with bounce {self._get_bounce()}, not "
                f"{value}. {self._declare(debounce_ms=round(value * 1000, 3))}"
            )

    # ---- value ----

    def _physical(self, value: float) -> float:
        """Level of a value, and value of a level."""
        return round(1 - value, 9) if self._active_low else value

    def _get_state(self) -> float:
        info = self._told()
        if self._hz is None:
            return int(self._physical(int(info["value"])))
        pwm = info.get("pwm")
        return float(self._physical(pwm["duty"] if pwm else info["value"]))

    def _set_state(self, value: float) -> None:
        if self._direction != "output":
            raise PinSetInput(f"{self._gpio} is an input: its state cannot be set")
        if self._hz is None:
            self._command("line.set", value=int(self._physical(1 if value else 0)))
        elif 0 <= value <= 1:
            self._command("line.pwm", duty=self._physical(value), hz=self._hz)
        else:
            raise PinInvalidState(f"{self._gpio}: state {value} is not from 0 to 1")

    def _get_frequency(self) -> float | None:
        return self._hz

    def _set_frequency(self, value: float | None) -> None:
        """Begins PWM with the level that the pin has, so that nothing blinks; None ends it."""
        if value is None:
            if self._hz is not None and not self.factory.ending:
                self._command("line.stop", leased=False)
            self._hz = None
            return
        if self._direction != "output":
            raise PinPWMFixedValue(f"{self._gpio} is an input: it has no PWM")
        duty = self._physical(self._get_state())
        try:
            self._command("line.pwm", duty=duty, hz=value)
        except GatewayError as error:
            if error.code != "bad-request":
                raise
            raise PinPWMUnsupported(f"{self._gpio}: {error}") from None
        self._hz = value

    def _command(self, method: str, leased: bool = True, **params: Any) -> None:
        """Each of these may be done twice: after a lost connection it is."""
        if leased:
            params["lease"] = "connection"
        self._seq = int(self.factory.gateway.repeat(method, line=self.line, **params)["seq"])

    # ---- edges ----

    def _get_edges(self) -> str:
        return self._edges

    def _set_edges(self, value: str) -> None:
        if value not in _EDGES:
            raise PinInvalidEdges(f"{self._gpio}: there are no edges {value!r}")
        self._edges = value

    def _enable_event_detect(self) -> None:
        self.factory.listen(self)  # first, so that no edge falls between
        self._level = int(self._physical(int(self._told()["value"])))

    def _disable_event_detect(self) -> None:
        self.factory.unlisten(self)

    def changed(self, ticks: float, value: int) -> None:
        """The line has this value now, or had it then."""
        level = int(self._physical(value))
        if level == self._level:
            return
        self._level = level
        if level in _EDGES[self._edges] and self._when_changed is not None:
            self._call_when_changed(ticks, level)
