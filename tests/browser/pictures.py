#!/usr/bin/python3
"""Takes pictures of every view, day and night, desktop and phone, to be looked at:
tests/browser/pictures.py FOLDER"""

import json
import pathlib
import sys

from chromium import chromium
from conftest import ROOT, Gateway, Page

SIZES = {"desktop": (1280, 760, False), "phone": (390, 844, True), "small": (320, 640, True)}


def default_lines():
    """The circuit that the gateway comes with."""
    return json.loads((ROOT / "config" / "gateway.json").read_text(encoding="utf-8"))["circuit"]["lines"]


def liven(gateway):
    """Something to see: lights on, a blink, a button held."""
    circuit = gateway.ask("GET", "/api/v1/circuit")["lines"]
    outputs = [line["name"] for line in circuit if line["direction"] == "output"]
    inputs = [line["name"] for line in circuit if line["direction"] == "input"]
    for name in outputs[:2] + outputs[-1:]:
        gateway.set(name, 1)
    if len(outputs) > 2:
        gateway.call("line.blink", line=outputs[2], on_ms=200, off_ms=300)
    for value in (1, 0, 1):
        gateway.ask("POST", f"/api/v1/simulator/lines/{inputs[0]}", {"value": value})


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    gateway = Gateway(lines=default_lines()).start()
    try:
        with chromium("--hide-scrollbars") as browser:
            picture(Page(browser, gateway), folder)
    finally:
        gateway.stop()


def picture(page, folder):
    for size, (width, height, touch) in SIZES.items():
        page.size(width, height, touch)
        for scheme in ("light", "dark"):
            page.media(prefers_color_scheme=scheme)
            page.open(token=page.gateway.token("admin"))
            liven(page.gateway)
            for view in ("circuit", "timeline", "sockets", "console", "edit"):
                page.go(view)
                save(page, folder / f"{view}-{size}-{scheme}.png")
            page.until(lambda: page.all(".part-card"))
            for part in ("led", "button", "relay", "motion"):
                page.script("document.querySelector(arguments[0]).click()", f'.part-card[data-part="{part}"]')
                save(page, folder / f"edit-{part}-{size}-{scheme}.png")
                page.script("document.querySelector('dialog[open] .wiring').scrollIntoView({ block: 'center' })")
                save(page, folder / f"wiring-{part}-{size}-{scheme}.png")
                page.find("dialog[open] .sheet-head button").click()
            lesson(page, folder / f"lesson-{size}-{scheme}.png")


def lesson(page, path):
    """The flow of TCP, stopped at connect()."""
    page.script("location.hash = 'sockets/lesson/tcp'")
    page.until(lambda: page.all(".lesson-answer"))
    page.script("document.querySelector('.lesson-answer').click(); document.querySelector('.lesson-run').click()")
    page.until(lambda: "1 of" in page.script("return document.querySelector('.lesson-controls')?.textContent ?? ''"))
    for _ in range(5):
        page.script("document.querySelector('.lesson-controls button').click()")
    page.script("document.querySelector('.lesson-start').scrollIntoView({ behavior: 'instant' }); scrollBy(0, -80)")
    save(page, path)


def save(page, path):
    # Two paintings later everything that was asked for stands there.
    page.browser.execute_async_script(
        "const [done] = arguments; setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 700)")
    page.browser.save_screenshot(str(path))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: pictures.py FOLDER")
    main(pathlib.Path(sys.argv[1]))
