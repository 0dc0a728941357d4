"""docs/grafana: the dashboard and the alerts ask for what the gateway tells, and Prometheus takes both."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from gateway_process import Gateway

HERE = Path(__file__).parent
GRAFANA = HERE.parent.parent / "docs" / "grafana"
NAME = re.compile(r"\b(gpio_gateway_\w+|process_\w+)")
PROMTOOL = os.environ.get("PROMTOOL") or shutil.which("promtool")
needs_promtool = pytest.mark.skipif(not PROMTOOL, reason="promtool is missing: package prometheus")


def dashboard() -> dict[str, Any]:
    return dict(json.loads((GRAFANA / "gpio-gateway.json").read_text(encoding="utf-8")))


def queries() -> list[str]:
    return [target["expr"] for panel in dashboard()["panels"] for target in panel["targets"]]


def told(gateway: Gateway) -> set[str]:
    return set(NAME.findall(re.sub("(?m)^#.*", "", gateway.get("/metrics").text)))


@pytest.mark.parametrize("text", [
    pytest.param(lambda: " ".join(queries()), id="dashboard"),
    pytest.param(lambda: (GRAFANA / "alerts.yml").read_text(encoding="utf-8"), id="alerts"),
])
def test_every_name_that_is_asked_for_is_told(gateway: Gateway, text: Any) -> None:
    asked = set(NAME.findall(text()))
    assert asked and asked <= told(gateway)


def test_the_dashboard_has_its_panels() -> None:
    panels = dashboard()["panels"]
    assert {panel["type"] for panel in panels} >= {"state-timeline", "heatmap", "timeseries"}
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert any("quantile(0.99" in query for query in queries())
    assert any('result!="ok"' in query for query in queries())
    for panel in panels:
        references = [target["refId"] for target in panel["targets"]]
        assert len(set(references)) == len(references), panel["title"]


def promtool(*words: str, folder: Path, text: str | None = None) -> str:
    assert PROMTOOL
    done = subprocess.run([PROMTOOL, *words], cwd=folder, input=text, capture_output=True,
                          text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(GRAFANA, tmp_path / "grafana")
    shutil.copy(HERE / "alerts_test.yml", tmp_path / "grafana")
    (tmp_path / "grafana" / "gpio-gateway.token").write_text("secret", encoding="utf-8")
    return tmp_path / "grafana"


@needs_promtool
def test_prometheus_takes_config_and_rules(folder: Path) -> None:
    assert "3 rules" in promtool("check", "rules", "alerts.yml", folder=folder)
    assert "3 rules" in promtool("check", "config", "prometheus.yml", folder=folder)


@needs_promtool
def test_alerts_come_when_they_should_and_go(folder: Path) -> None:
    promtool("test", "rules", "alerts_test.yml", folder=folder)


@needs_promtool
def test_prometheus_takes_the_metrics(gateway: Gateway, folder: Path) -> None:
    gateway.post("/api/v1/lines/red/toggle")
    assert promtool("check", "metrics", folder=folder, text=gateway.get("/metrics").text) == ""


@needs_promtool
def test_prometheus_parses_each_query_of_the_dashboard(folder: Path) -> None:
    rules = {"groups": [{"name": "dashboard", "rules": [
        {"record": f"query:{number}", "expr": query.replace("$__rate_interval", "1m")}
        for number, query in enumerate(queries())]}]}
    (folder / "queries.yml").write_text(json.dumps(rules), encoding="utf-8")
    assert f"{len(queries())} rules" in promtool("check", "rules", "queries.yml", folder=folder)
