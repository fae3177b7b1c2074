"""The dashboard and the alert rules name only metrics, labels and states that there are.

That a daemon's scrape is the catalogue, tests/e2e/test_metrics.py sees. `promtool check rules` of Prometheus 2.42 was
run over the rules, and each expression asked of such a server that scraped a daemon, by hand.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from ctibridge.cli import parser
from ctibridge.domain.call import Outcome
from ctibridge.metrics import catalogue
from tests.metrics.rooms import measured, with_webhook

ROOT = Path(__file__).parents[2]
DASHBOARD: dict[str, Any] = json.loads((ROOT / "config" / "grafana-dashboard.json").read_text(encoding="utf-8"))
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((ROOT / "config" / "prometheus-alerts.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
WORDS = {"and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right", "offset", "bool"}
OF_PROMETHEUS = {"up"}
OF_A_SCRAPE = {"instance", "job"}


def names() -> set[str]:
    """All that can be queried."""
    every = set()
    for one in catalogue.ALL:
        endings = ("_bucket", "_sum", "_count") if one.kind == "histogram" else ("",)
        every |= {one.name + ending for ending in endings}
    return every


def named(expression: str) -> set[str]:
    """The metrics of a PromQL expression: its identifiers, without functions, keywords, labels, strings and times."""
    bare = re.sub(r'"[^"]*"', "", expression)
    bare = re.sub(r"\b(by|without|on|ignoring)\s*\([^)]*\)", " ", bare)
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\boffset\s+\w+", " ", bare)
    return set(re.findall(r"(?<![\w.:])[a-zA-Z_:][\w:]*(?!\w|\s*\()", bare)) - WORDS


def matchers(expression: str) -> Iterator[tuple[str, str, str]]:
    """Each metric, label and value that has to be."""
    for metric, inside in re.findall(r"([\w:]+)\{([^}]*)\}", expression):
        for label, value in re.findall(r'(\w+)="([^"]*)"', inside):
            yield metric, label, value


def grouped(expression: str) -> set[str]:
    lists = re.findall(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)", expression)
    return {label.strip() for each in lists for label in each.split(",")}


def expressions(panels: list[dict[str, Any]]) -> list[str]:
    return [target["expr"] for panel in panels for target in panel["targets"]]


STARTS = DASHBOARD["annotations"]["list"][0]["expr"]
ALL = sorted({*expressions(DASHBOARD["panels"]), *(rule["expr"] for rule in RULES), STARTS})


@pytest.mark.parametrize(
    ("expression", "metrics"),
    [
        ('sum by (le, a) (rate(x_total{b="c", d=~"$e"}[$__rate_interval])) * 60', {"x_total"}),
        ("time() - y > 2 * 86400 and on (instance) z offset 1w", {"y", "z"}),
        ("a_b / ignoring (s) group_left sum(c:d)", {"a_b", "c:d"}),
        ("nothing_like_it < 1e9", {"nothing_like_it"}),
    ],
)
def test_what_is_named_is_found(expression: str, metrics: set[str]) -> None:
    assert named(expression) == metrics


@pytest.mark.parametrize("expression", ALL)
def test_only_metrics_and_labels_that_exist(expression: str) -> None:
    assert named(expression), "it asks for something"
    assert named(expression) - names() - OF_PROMETHEUS == set()
    labels = {label for one in catalogue.ALL for label in one.labels} | {"le"} | OF_A_SCRAPE
    assert grouped(expression) <= labels


async def test_only_values_of_labels_that_exist(tmp_path: Path) -> None:
    async with measured(tmp_path) as of:
        with with_webhook(of.rooms, "tool"):
            samples = [sample for one in of.collector.collect() for sample in one.samples]
    there = {(sample.name, *pair) for sample in samples for pair in sample.labels.items()}
    there |= {(catalogue.CALLS.name, "outcome", outcome.value) for outcome in Outcome} | {("up", "job", "ctibridge")}
    assert {wanted for expression in ALL for wanted in matchers(expression)} - there == set()


def test_each_alert_says_how_bad_it_is_and_what_to_do() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES) > 20
    for rule in RULES:
        assert rule["alert"].startswith("Ctibridge")
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert set(rule["annotations"]) == {"summary", "description"}
        assert len(rule["annotations"]["summary"]) < 100
        assert len(rule["annotations"]["description"]) > 60
        for label in re.findall(r"\$labels\.(\w+)", str(rule["annotations"])):
            assert label in {"trunk", "webhook", "why", *OF_A_SCRAPE}


def test_phones_that_are_signed_off_for_a_night_wake_nobody() -> None:
    """All lines are alone then, and none is registered. (Seen with `promtool test rules`, by hand.)"""
    of = {rule["alert"]: rule["expr"] for rule in RULES}
    states = {state for _, _, state in matchers(of["CtibridgeTrunkDeaf"])}
    assert states == {"registered", "deaf", "registering"}
    assert "(ctibridge_lines)" not in of["CtibridgeTrunkDeaf"], "all of them: those that are alone, too"
    assert re.findall(r"\[(.*?)\]", of["CtibridgeLinesAlone"]) == ["3d"]


def test_each_command_that_an_alert_names_is_there() -> None:
    told = " ".join(rule["annotations"]["description"] for rule in RULES)
    commands = set(re.findall(r"`ctibridge ([a-z]+)", told))
    assert "check" in commands
    for command in commands:
        with pytest.raises(SystemExit, match=r"^0$"):
            parser(command).parse_args([command, "--help"])


def test_what_an_operator_wants_is_on_one_screen() -> None:
    """Grafana takes it from a file and by hand: the source is a variable, ids are its own, nothing overlaps."""
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        sources = {panel["datasource"]["uid"], *(target["datasource"]["uid"] for target in panel["targets"])}
        assert sources == {"${DS_PROMETHEUS}"}
        assert panel["title"]
        assert panel["description"]
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
    places = [
        (x, y)
        for grid in (panel["gridPos"] for panel in panels)
        for x in range(grid["x"], grid["x"] + grid["w"])
        for y in range(grid["y"], grid["y"] + grid["h"])
    ]
    assert len(places) == len(set(places))
    variables = {one["name"]: one for one in DASHBOARD["templating"]["list"]}
    assert variables["DS_PROMETHEUS"]["type"] == "datasource"
    used = set(re.findall(r"\$(\w+)", "".join(ALL)))
    assert used <= {*variables, "__rate_interval"}


def test_most_of_what_is_measured_is_shown_or_watched() -> None:
    """The others are documented alone."""
    shown = {name for expression in ALL for name in named(expression)}
    shown |= {name.removesuffix("_bucket") for name in shown}
    assert {one.name for one in catalogue.OURS} - shown == {
        "ctibridge_newest_import_timestamp_seconds",
        "ctibridge_directory_agents",
        "ctibridge_directory_service_numbers",
        "ctibridge_index_bytes",
        "ctibridge_sip_transactions",
        "ctibridge_tasks",
    }
