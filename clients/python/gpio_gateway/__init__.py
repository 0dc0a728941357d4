"""Client of gpio-gateway: lines of a Raspberry Pi over the network, with events and safe outputs.

    from gpio_gateway import Gateway
    with Gateway("http://raspberrypi.local:8080", "TOKEN") as gateway:
        gateway.lines["red"].on()
"""

from .errors import Conflict, GatewayError, NotFound, Uncertain, Unauthorized, Unreachable
from .events import Event, Gap
from .gateway import Gateway
from .lines import Line, Outcome
from .version import VERSION
from .watch import Watch

__all__ = [
    "Conflict",
    "Event",
    "Gap",
    "Gateway",
    "GatewayError",
    "Line",
    "NotFound",
    "Outcome",
    "Uncertain",
    "Unauthorized",
    "Unreachable",
    "Watch",
]
__version__ = VERSION
