"""The answer to a scrape: Prometheus' own text, or OpenMetrics for who asks for it.

The rooms are read on the loop, in a moment; the text is made in a thread, as a thousand rows take milliseconds and a
pop would wait for them. The library's global registry is not used: what is scraped is what stands in `catalogue.py`.
"""

import asyncio
from collections.abc import Callable, Iterable

from prometheus_client import ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

FRESH = 1.0
"""Seconds that an answer is good for: whoever asks without pause is told what the one before him was."""
OPENMETRICS = "application/openmetrics-text"


class Exposition:
    """clock: monotonic seconds."""

    def __init__(self, collector: Collector, clock: Callable[[], float]) -> None:
        self._collector = collector
        self._process = ProcessCollector(registry=None)
        self._clock = clock
        self._turn = asyncio.Lock()
        self._answers: dict[bool, tuple[float, bytes, str]] = {}

    async def answer(self, accept: str) -> tuple[bytes, str]:
        """Body and content type. accept: the header as it came, of which nothing is sent back."""
        wants = OPENMETRICS in accept
        async with self._turn:
            at, body, kind = self._answers.get(wants, (float("-inf"), b"", ""))
            if self._clock() - at >= FRESH:
                encode, kind = choose_encoder(f"{OPENMETRICS}; version=1.0.0" if wants else "")
                body = await asyncio.to_thread(encode, _Read(list(self._collector.collect()), self._process))
                self._answers[wants] = self._clock(), body, kind
            return body, kind


class _Read(Collector):
    """What was read already, and then what the system says of the process: ten thousand descriptors take it a while."""

    def __init__(self, families: list[Family], process: Collector) -> None:
        self._families = families
        self._process = process

    def collect(self) -> Iterable[Family]:
        yield from self._families
        yield from self._process.collect()
