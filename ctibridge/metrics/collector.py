"""Reads the rooms when somebody scrapes: on the loop, so everything here is counted already or counted in a moment."""

import asyncio
import platform
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import get_args

from prometheus_client.core import HistogramMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector as Registered

from ctibridge import __version__
from ctibridge.cluster.figures import Figures
from ctibridge.delivery.adapters.outbox import Outbox
from ctibridge.delivery.adapters.web import Web
from ctibridge.delivery.close_code import CloseCode
from ctibridge.delivery.desks import Desks
from ctibridge.delivery.webhooks.pace import Pace
from ctibridge.delivery.webhooks.verdict import Outcome
from ctibridge.delivery.wire_webhook import Why
from ctibridge.domain.last_call import of_trunk
from ctibridge.domain.line import LineState
from ctibridge.domain.resolution import Status
from ctibridge.flow.distribution import Distribution
from ctibridge.flow.flow import Flow
from ctibridge.flow.outside import Outside
from ctibridge.health import Health
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.metrics import catalogue as c
from ctibridge.metrics.disk import Disk
from ctibridge.metrics.loop_lag import LoopLag
from ctibridge.sip.adapters.trunk import TrunkService

Rows = Mapping[tuple[str, ...], float]
"""By the values of the labels."""
_STATES = ("well", "waits", "stopped")


@dataclass(frozen=True, slots=True)
class Rooms:
    """What is read. trunks: those that run whenever it is gone through. tested: those of them that have a selftest.
    cluster: of one node of several."""

    flow: Flow
    desks: Desks
    web: Web
    outbox: Outbox
    lookup: Lookup
    trunks: Iterable[TrunkService]
    health: Health
    outside: Outside
    tested: Callable[[], Collection[str]]
    cluster: Callable[[], Figures] | None = None


class Collector(Registered):
    def __init__(self, rooms: Rooms, lag: LoopLag, disk: Disk) -> None:
        self._rooms = rooms
        self._lag = lag
        self._disk = disk

    def collect(self) -> Iterator[Family]:
        yield from self._calls()
        yield from self._trunks()
        yield from self._desks()
        yield from self._queues()
        yield from self._store()
        yield from self._directory()
        yield from self._webhooks()
        yield from self._selftest()
        yield from self._cluster()
        yield from self._process()

    def _calls(self) -> Iterator[Family]:
        figures = self._rooms.flow.figures
        yield family(c.CALLS, {(account, outcome.value): n for (account, outcome), n in figures.calls.items()})
        yield family(c.STATUSES, {(status.value,): figures.statuses[status] for status in Status})
        yield one(c.OPEN_CALLS, figures.open)
        yield histogram(c.POPS, figures.pops)

    def _trunks(self) -> Iterator[Family]:
        rooms, trunks = self._rooms, list(self._rooms.trunks)
        states, alone = rooms.desks.states(), rooms.flow.figures.without_desk
        names = [trunk.settings.name for trunk in trunks]
        lines: Rows = {(name, state.value): states[name, state] for name in names for state in LineState}
        yield family(c.LINES, lines)
        yield family(c.WITHOUT_DESK, {(name,): alone[name] for name in names})
        yield family(c.STRANGERS, {(trunk.settings.name,): trunk.strangers for trunk in trunks})
        yield family(c.DROPPED, {(trunk.settings.name,): trunk.dropped for trunk in trunks})
        yield family(c.TRANSACTIONS, {(trunk.settings.name,): trunk.transactions for trunk in trunks})

    def _desks(self) -> Iterator[Family]:
        all_open, signed_in, agents = self._rooms.desks.connections
        total, worst = self._rooms.web.backlog
        closed = self._rooms.web.closed
        yield family(c.CONNECTIONS, {("signed_in",): signed_in, ("signing_in",): all_open - signed_in})
        yield one(c.AGENTS_HERE, agents)
        yield family(c.CLOSED, {(str(code.value),): closed[code] for code in CloseCode})
        yield one(c.BACKLOG, total)
        yield one(c.WORST_BACKLOG, worst)

    def _queues(self) -> Iterator[Family]:
        rooms = self._rooms
        unwritten, reads = rooms.outbox.ledger.unwritten, rooms.lookup.reads
        yield one(c.UNWRITTEN, unwritten.items)
        yield one(c.UNWRITTEN_BYTES, unwritten.size)
        yield one(c.WAITING, len(reads))
        yield family(c.LATE, {(step,): reads.late[step] for step in ("index", "record")})
        yield one(c.REVISIONS, rooms.flow.late)
        yield histogram(c.LAG, self._lag.seen)
        yield one(c.WORST_LAG, self._lag.worst)

    def _store(self) -> Iterator[Family]:
        found = self._disk.found
        newest, oldest = found.imports or (None, None)
        yield one(c.LIVE_ONLY, self._rooms.desks.live_only)
        yield family(c.STORE_BYTES, {(name,): size for name, size in found.files.items()})
        yield one(c.FREE_BYTES, found.free)
        yield one(c.PEOPLE, found.people)
        yield one(c.NEWEST_IMPORT, newest)
        yield one(c.OLDEST_IMPORT, oldest)

    def _directory(self) -> Iterator[Family]:
        snapshot, index = self._rooms.lookup.snapshot(), self._rooms.lookup.index
        yield one(c.ACCOUNTS, len(snapshot.accounts))
        yield one(c.AGENTS, len(snapshot.agents))
        yield one(c.SERVICE_NUMBERS, len(snapshot.service_numbers))
        yield one(c.INDEX_READY, index is not None and index.version is not None)
        yield one(c.INDEX_NUMBERS, 0 if index is None else index.numbers)
        yield one(c.INDEX_BYTES, 0 if index is None else index.bytes)
        yield one(c.INDEX_CHANGED, 0 if index is None else index.changed)

    def _webhooks(self) -> Iterator[Family]:
        """Each of those that run, with all its rows from the beginning."""
        all_of_them = self._rooms.outside.webhooks
        known = {} if all_of_them is None else {name: one.webhook for name, one in all_of_them.running.items()}
        outcomes, reasons = [one.value for one in Outcome], get_args(Why)
        requests: Rows = {(name, what): one.saying.outcomes[what] for name, one in known.items() for what in outcomes}
        lost: Rows = {(name, why): one.saying.lost[why] for name, one in known.items() for why in reasons}
        states: Rows = {(name, state): state == _state(one.pace) for name, one in known.items() for state in _STATES}
        yield family(c.WEBHOOK_REQUESTS, requests)
        yield family(c.WEBHOOK_LOST, lost)
        yield family(c.WEBHOOK_BEHIND, {(name,): one.behind for name, one in known.items()})
        yield family(c.WEBHOOK_STATE, states)

    def _selftest(self) -> Iterator[Family]:
        newest = {name: of_trunk(self._disk.found.last_calls, name) for name in self._rooms.tested()}
        made = {name: call for name, call in newest.items() if call is not None}
        yield family(c.SELFTEST_GOOD, {(name,): call.failed is None for name, call in made.items()})
        popped: Rows = {(name,): call.pop_ms / 1000 for name, call in made.items() if call.pop_ms is not None}
        yield family(c.SELFTEST_POP, popped)
        yield family(c.SELFTEST_AT, {(name,): call.at.timestamp() for name, call in made.items()})

    def _cluster(self) -> Iterator[Family]:
        """Nothing of a node that is the only one."""
        if self._rooms.cluster is None:
            return
        figures = self._rooms.cluster()
        yield one(c.CLUSTER_ALONE, figures.alone)
        yield one(c.CLUSTER_NODES, figures.nodes)
        yield one(c.CLUSTER_LOTS, figures.lots)
        yield one(c.CLUSTER_RELAYED, figures.relayed)
        yield one(c.POST_LAG, figures.lag)
        yield one(c.POST_DROPPED, figures.dropped)
        yield one(c.POST_GAPS, figures.gaps)

    def _process(self) -> Iterator[Family]:
        yield one(c.READY, not self._rooms.health.reasons())
        yield one(c.TASKS, len(asyncio.all_tasks()))
        yield family(c.BUILD, {(__version__, platform.python_version()): 1})


def _state(pace: Pace) -> str:
    return "stopped" if pace.stopped else "waits" if pace.failures else "well"


def family(metric: c.Metric, rows: Rows) -> Family:
    """A row for each combination of the metric's labels that there is."""
    name = metric.name.removesuffix("_total" if metric.kind == "counter" else "_info" if metric.kind == "info" else "")
    made = Family(name, metric.meaning, metric.kind)
    for values, number in rows.items():
        made.add_sample(metric.name, dict(zip(metric.labels, values, strict=True)), float(number))
    return made


def one(metric: c.Metric, number: float | None) -> Family:
    """Without labels; None: nobody knows."""
    return family(metric, {} if number is None else {(): number})


def histogram(metric: c.Metric, seen: Distribution) -> Family:
    bounds = [*map(str, seen.bounds), "+Inf"]
    return HistogramMetricFamily(
        metric.name, metric.meaning, list(zip(bounds, seen.cumulative, strict=True)), seen.sum
    )  # fmt: skip
