"""`ctibridge check`: what is wrong, before the agents find out. One row each, good or with what to do."""

import argparse
import asyncio
import logging
import signal
import sys
import threading
import zoneinfo
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import TypeVar

from ctibridge import logs
from ctibridge.cli import options
from ctibridge.cli.checks import (
    cluster,
    configuration,
    kernel,
    last_calls,
    machine,
    page,
    page_probe,
    redis,
    redis_probe,
    service_user,
    stored,
    trunk_probe,
    webhook_probe,
    webhooks,
)
from ctibridge.cli.checks.scene import Scene
from ctibridge.cli.findings import Row, exit_code, print_rows, summary
from ctibridge.installation import LOCK
from ctibridge.joining import passport
from ctibridge.selftest.adapters import kept
from ctibridge.sip.adapters.udp import WANTED_BUFFER

T = TypeVar("T")
ENDED = 128 + signal.SIGTERM
PATIENCE = 30.0
"""Seconds for looking through each file of the store, without `--whole`."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    check = commands.add_parser(
        "check",
        help="what is wrong, and what to do",
        description="Configuration, page, trunks, store, directory, agents, tokens, clock and limits, one row each. A "
        "running daemon is asked what it knows of its lines; without one, the first line of each trunk registers for a "
        "moment. Exit code 1: something has to be mended; a NOTE can wait and leaves it at 0.",
    )
    check.add_argument("--json", action="store_true", help="for programs")
    check.add_argument(
        "--whole", action="store_true", help=f"look through all of the store; else {PATIENCE:.0f} s for each file"
    )
    options.add_config(check)
    check.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Returns 0 where nothing has to be mended, else 1. Raises Problem (2) for a configuration that does not hold."""
    settings = options.settings_of(args)
    # Secrets are read before root is given up: they may be root's.
    first = [Row(one, "configuration") for one in configuration.findings(settings, args.config)]
    seats = configuration.seats(settings, args.config)
    accesses = configuration.accesses(settings, args.config)
    joined = configuration.cluster(settings, args.config)
    runs = kernel.holder(settings.node.state_dir / LOCK) is not None
    first += [Row(one, "configuration") for one in service_user.findings(settings, args.config, running=runs)]
    options.become_reader(settings.node.state_dir)
    patience = None if args.whole else PATIENCE
    scene = Scene(settings, args.config, seats, datetime.now(UTC), patience, _tell, accesses, joined)
    rows = [*first, *(row for look in LOOKS for row in look(scene))]
    _tell("")
    print_rows(rows, as_json=args.json)
    if not args.json:
        print(summary(rows))
    return exit_code(rows)


def _page(scene: Scene) -> Iterator[Row]:
    web = scene.settings.web
    found = (*page.answer(page_probe.ask(web), web.listen, running=_runs(scene)), *page.addresses(web))
    return (Row(one, "page") for one in found)


def _trunks(scene: Scene) -> Iterable[Row]:
    scene.tell("asks the registrars")
    logs.configure(level=logging.CRITICAL)  # what a trunk logs stands in its rows
    found = trunk_probe.findings(scene.settings, scene.seats, scene.accesses, scene.state_dir, running=_runs(scene))
    try:
        return [Row(one, "trunks") for one in asyncio.run(_unless_ended(found))]
    except asyncio.CancelledError:
        raise SystemExit(ENDED) from None


def _runs(scene: Scene) -> bool:
    return kernel.holder(scene.state_dir / LOCK) is not None


async def _unless_ended(found: Awaitable[T]) -> T:
    """Monitoring ends by SIGTERM what takes too long, as a slow PBX does: our contact leaves the line all the same."""
    if threading.current_thread() is threading.main_thread():
        task = asyncio.current_task()
        assert task is not None
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await found


def _machine(scene: Scene) -> Iterator[Row]:
    newest = stored.newest_event(scene.state_dir)
    zones = bool(zoneinfo.available_timezones())
    for one in machine.clock(kernel.clock(), newest, datetime.now(UTC), zones=zones):
        yield Row(one, "clock")
    if scene.settings.trunk:
        yield Row(machine.buffer(kernel.largest_buffer(), WANTED_BUFFER), "limits")
    daemon = kernel.holder(scene.state_dir / LOCK)
    most = None if daemon is None else kernel.most_files(daemon)
    if most is not None:
        yield Row(machine.files(most), "limits")


def _webhooks(scene: Scene) -> Iterator[Row]:
    for webhook, seen in zip(scene.settings.webhook, webhook_probe.look(scene.settings.webhook), strict=True):
        yield Row(webhooks.receiver(webhook.name, seen, scene.at), "webhooks")


def _test_calls(scene: Scene) -> Iterator[Row]:
    made = kept.load(scene.state_dir)
    return (Row(one, "test calls") for one in last_calls.findings(scene.settings.trunk, made, scene.at))


def _redis(scene: Scene) -> Iterator[Row]:
    if scene.settings.redis is None:
        yield Row(redis.NOT_IN_USE, "redis")
    elif scene.cluster is not None:  # else its secret could not be read, which is told already
        scene.tell("asks Redis")
        seen = redis_probe.look(scene.cluster)
        yield from (Row(one, "redis") for one in redis.findings(seen))
        if seen.view is not None:
            here = cluster.Here(scene.settings.node.name, passport.last(scene.state_dir), _runs(scene))
            found = (*cluster.this_node(seen.view, here), *cluster.findings(seen.view))
            yield from (Row(one, "cluster") for one in found)


LOOKS: tuple[Callable[[Scene], Iterable[Row]], ...] = (
    _page,
    _trunks,
    _webhooks,
    _test_calls,
    stored.rows,
    _machine,
    _redis,
)
"""In the order of their rows."""


def _tell(text: str) -> None:
    """How far it is, on one line that the next one takes the place of; only where a person looks on."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
