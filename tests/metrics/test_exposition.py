import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from prometheus_client import parser as plain
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.openmetrics import parser as open_metrics
from prometheus_client.registry import Collector

from ctibridge.flow.distribution import Distribution
from ctibridge.metrics.catalogue import CALLS, POPS, PROCESS
from ctibridge.metrics.collector import family, histogram
from ctibridge.metrics.exposition import FRESH, Exposition

ODD = 'a"c\nme\\'
"""No account is called so, and if one were, it must not break out of its label."""
ACCEPTS = ["*/*", "application/openmetrics-text; version=abc", "text/plain; version=1e99", "\0"]


class Counted(Collector):
    """How often it was read is what it says."""

    reads = 0

    def collect(self) -> Iterable[Family]:
        self.reads += 1
        yield family(CALLS, {(ODD, "abandoned"): self.reads})
        yield histogram(POPS, Distribution((0.5, 1.0)))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def calls(parser: Any, body: bytes) -> float:
    samples = [sample for each in parser.text_string_to_metric_families(body.decode()) for sample in each.samples]
    wanted = {"account": ODD, "outcome": "abandoned"}
    return next(float(sample.value) for sample in samples if sample.labels == wanted)


async def test_both_texts_are_read_by_prometheus_own_parsers() -> None:
    exposition = Exposition(Counted(), Clock())
    body, kind = await exposition.answer("")
    assert kind.startswith("text/plain; version=0.0.4")
    assert calls(plain, body) == 1
    body, kind = await exposition.answer("application/openmetrics-text; version=1.0.0,text/plain;q=0.5")
    assert kind.startswith("application/openmetrics-text; version=1.0.0")
    assert calls(open_metrics, body) == 2
    for one in PROCESS:
        assert f"# TYPE {one.name.removesuffix('_total')} {one.kind}" in body.decode()


@pytest.mark.parametrize("accept", ACCEPTS)
async def test_whatever_is_asked_for_something_is_said_and_nothing_echoed(accept: str) -> None:
    body, kind = await Exposition(Counted(), Clock()).answer(accept)
    assert body
    assert kind.split(";")[0] in {"text/plain", "application/openmetrics-text"}
    assert "abc" not in kind
    assert "1e99" not in kind


async def test_whoever_asks_without_pause_reads_the_rooms_once_a_second() -> None:
    clock, counted = Clock(), Counted()
    exposition = Exposition(counted, clock)
    answers = await asyncio.gather(*(exposition.answer("") for _ in range(20)))
    assert (counted.reads, len(set(answers))) == (1, 1)
    clock.now += FRESH
    await exposition.answer("")
    assert counted.reads == 2
