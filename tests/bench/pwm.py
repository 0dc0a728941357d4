"""Measures software PWM: four lines at 200 Hz in the simulator, and prints what it costs and how even it is.

    GATEWAY_BIN=build/gpio-gateway /usr/bin/python3 tests/bench/pwm.py

About fifteen seconds. The cost is the processor time of the program as it is. For the times of the flips
the same objects are linked once more with a gpio_set() that writes the time down and goes on to the
real one; that needs the build folder (ninja, a C compiler) around the program. The exit status is 1 when
the goal of the cost is missed; times depend on what else the machine does, and have no goal.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from gateway import TOP, Gateway
from rows import missed, part, told

HZ = 200
DUTIES = (0.15, 0.35, 0.55, 0.75)
MEASURED_S = 5.0
GOAL_PERCENT = 5.0

WITNESS = r"""
#include "gpio/gpio.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { FLIPS_MAX = 65536 };
static struct { int64_t at_ns; int line, value; } flips[FLIPS_MAX];
static size_t flip_count;

int __real_gpio_set(struct gpio *gpio, const int *lines, const uint8_t *values, size_t count);
int __wrap_gpio_set(struct gpio *gpio, const int *lines, const uint8_t *values, size_t count);

int __wrap_gpio_set(struct gpio *gpio, const int *lines, const uint8_t *values, size_t count)
{
    struct timespec now;
    int code = __real_gpio_set(gpio, lines, values, count);
    clock_gettime(CLOCK_MONOTONIC, &now);
    for (size_t i = 0; i < count && flip_count < FLIPS_MAX; i++, flip_count++) {
        flips[flip_count].at_ns = now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
        flips[flip_count].line = lines[i];
        flips[flip_count].value = values[i];
    }
    return code;
}

static __attribute__((destructor)) void tell(void)
{
    FILE *out = flip_count ? fopen(getenv("PWM_FLIPS"), "w") : NULL;
    for (size_t i = 0; out && i < flip_count; i++)
        fprintf(out, "%lld %d %d\n", (long long)flips[i].at_ns, flips[i].line, flips[i].value);
    if (out)
        fclose(out);
}
"""


def lines_of(channel: bool) -> list[dict[str, object]]:
    return [
        {"name": f"fan{i}", "gpio": f"GPIO{16 + i}", "direction": "output"}
        | ({"pwm": f"/sys/class/pwm/pwmchip0/pwm{i}"} if channel else {})
        for i in range(len(DUTIES))
    ]


def call(gateway: Gateway, token: str, path: str, body: dict[str, float]) -> None:
    request = urllib.request.Request(
        f"http://127.0.0.1:{gateway.port}/api/v1/lines/{path}", json.dumps(body).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10):
        pass


def start_pwm(gateway: Gateway) -> None:
    token = gateway.token()
    for i, duty in enumerate(DUTIES):
        call(gateway, token, f"fan{i}/pwm", {"duty": duty, "hz": HZ})


def processor_s(gateway: Gateway) -> float:
    """User and system time, from /proc/PID/stat."""
    stat = Path(f"/proc/{gateway.process.pid}/stat").read_text(encoding="ascii")
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cost(program: str, channel: bool) -> float:
    with Gateway(program, lines_of(channel)) as gateway:
        start_pwm(gateway)
        before, began = processor_s(gateway), time.monotonic()
        time.sleep(MEASURED_S)
        return (processor_s(gateway) - before) / (time.monotonic() - began) * 100


def link_witness(build: Path, folder: Path) -> str:
    """The program's own link command, with one more source and another output."""
    commands = subprocess.run(["ninja", "-C", str(build), "-t", "commands", "gpio-gateway"],
                              capture_output=True, text=True, check=True).stdout.splitlines()
    source, program = folder / "witness.c", folder / "gpio-gateway"
    source.write_text(WITNESS, encoding="ascii")
    output = " -o gpio-gateway "
    assert output in commands[-1], commands[-1]
    link = commands[-1].replace(
        output, f" -o {program} -D_GNU_SOURCE -I{TOP / 'gateway'} {source} -Wl,--wrap=gpio_set ")
    subprocess.run(link, shell=True, cwd=build, check=True)
    return str(program)


def flips_of(build: Path) -> dict[int, list[tuple[int, int]]]:
    """Of each line the times and values of its flips."""
    flips: dict[int, list[tuple[int, int]]] = {}
    with tempfile.TemporaryDirectory(prefix="gpio-gateway-pwm-") as name:
        folder = Path(name)
        program = link_witness(build, folder)
        os.environ["PWM_FLIPS"] = str(folder / "flips")
        os.environ["GPIO_GATEWAY_SANDBOX"] = "off"  # which would keep the witness from writing there
        with Gateway(program, lines_of(channel=False)) as gateway:
            start_pwm(gateway)
            time.sleep(MEASURED_S)
        for row in (folder / "flips").read_text(encoding="ascii").splitlines():
            at_ns, line, value = map(int, row.split())
            flips.setdefault(line, []).append((at_ns, value))
    return flips


def evenness(flips: dict[int, list[tuple[int, int]]]) -> None:
    periods, ons, shares = [], [], []
    for line, duty in enumerate(DUTIES):
        rises = [at for at, value in flips[line] if value]
        pairs = list(zip(flips[line], flips[line][1:]))
        highs = [after - at for (at, value), (after, _) in pairs if value]
        periods += [abs(after - at - 1e9 / HZ) / 1e3 for at, after in zip(rises, rises[1:])]
        ons += [abs(high - duty * 1e9 / HZ) / 1e3 for high in highs[:-1]]
        shares.append(abs(sum(highs[:len(rises) - 1]) / (rises[-1] - rises[0]) - duty) * 100)
    for what, off in (("period", periods), ("time on", ons)):
        told(f"PWM {what} off by, p50", part(off, 0.5), "us")
        told(f"PWM {what} off by, p99", part(off, 0.99), "us", None, f"worst of {len(off)}: {max(off):.0f} us")
    told("PWM duty off by, worst line", max(shares), "%", None, "of the period, over the whole time")


def measure(program: str) -> None:
    what = f"{len(DUTIES)} lines at {HZ} Hz"
    told(f"processor, PWM of {what}", cost(program, channel=False), "%", GOAL_PERCENT, "of one core")
    told(f"processor, {what} by channels", cost(program, channel=True), "%", None, "the kernel's hardware PWM")
    build = Path(program).resolve().parent
    if (build / "build.ninja").exists():
        evenness(flips_of(build))


if __name__ == "__main__":
    measure(os.environ.get("GATEWAY_BIN", str(TOP / "build/gpio-gateway")))
    sys.exit(1 if missed else 0)
