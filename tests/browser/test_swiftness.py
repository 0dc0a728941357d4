"""The page is there at once, and so is what another page does.

The goals are those of tests/bench. These bounds are far above them, so that a busy machine meets them
and a page ten times as slow does not.
"""

import os
import statistics

import pytest

import swiftness

pytestmark = pytest.mark.skipif("GATEWAY_SANITIZED" in os.environ, reason="sanitizers are slow")


def address(gateway):
    return f"{gateway.url}/?token={gateway.token()}"


def test_first_live_state_is_painted_within_a_second(clean_browser, gateway):
    assert statistics.median(swiftness.loads(clean_browser, address(gateway), 5)) < 1000


def test_toggle_in_one_page_is_painted_in_another_within_a_quarter_second(clean_browser, gateway):
    assert statistics.median(swiftness.toggles(clean_browser, address(gateway), "red", 9)) < 250
