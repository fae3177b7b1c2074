"""`ctibridge cluster status`: the nodes that Redis joins, one row each, and what is wrong under them; `cluster keep`:
this node has all people on its disk from now on."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict

from ctibridge.cli import options
from ctibridge.cli.checks import cluster, redis, redis_probe
from ctibridge.cli.problem import Problem
from ctibridge.cli.sharing import sharing
from ctibridge.cli.shown import shown
from ctibridge.cluster.settings import RedisAccess
from ctibridge.cluster.standing import Stand, nobodys, stands
from ctibridge.cluster.view import View
from ctibridge.config import ConfigError, redis_access
from ctibridge.domain.finding import Finding, Kind

PEOPLE = "PEOPLE"
HEADS = ("NODE", "STATE", "LOTS", "LINES", "DESKS", "LAG", "WEIGHT", "REDUNDANCY", "VERSION", PEOPLE)
_RIGHT = frozenset({"LOTS", "LINES", "DESKS", "LAG", "WEIGHT"})


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    top = commands.add_parser("cluster", help="several nodes, joined by Redis")
    verbs = top.add_subparsers(title="what to do", metavar="ACTION", required=True)
    status = verbs.add_parser(
        "status",
        help="which nodes there are, with lines, desks and lag",
        description="One row for each node, as Redis knows it; any machine with a node's configuration may ask. While "
        "others take over what a dead node had, it waits for the end of that, a lease and a little more. Exit code 1: "
        "Redis does not answer, no node is there, or lines are registered by nobody.",
    )
    status.add_argument("--json", action="store_true", help="for programs")
    options.add_config(status)
    status.set_defaults(run=run_status)
    keep = verbs.add_parser(
        "keep",
        help="this node has all people on its disk from now on",
        description='With directory = "redis", people are on the disks of the nodes that keep them: those where they '
        "were imported or erased, and those where this was said. Have two. It ends when they are all here.",
    )
    options.add_config(keep)
    keep.set_defaults(run=run_keep)


def run_status(args: argparse.Namespace) -> int:
    """Raises Problem: 1 without Redis, 2 without `[redis]`."""
    seen = redis_probe.look(_access(args))
    if seen.view is None:
        raise Problem(seen.fault or "redis: no answer")
    wrong = [one for one in (*redis.findings(seen), *cluster.findings(seen.view)) if not one.good]
    if args.json:
        print(json.dumps(_for_programs(seen.view, wrong), indent=2))
    else:
        for line in table(stands(seen.view)):
            print(shown(line))
        for one in wrong:
            print(shown(f"{one.text} - {one.mend}"))
    return int(not seen.view.nodes or any(one.kind is Kind.MEND for one in wrong))


def run_keep(args: argparse.Namespace) -> int:
    """Raises Problem: 1 where nobody gives them, 2 where each node has them."""
    settings = options.open_state(args)
    if settings.redis is None or not settings.redis.shares_people:
        raise Problem('each node has all people on its disk; this is for [redis] directory = "redis"', code=2)
    with sharing(args, settings, people=True):
        pass
    print("this node keeps all people")
    return 0


def table(rows: Sequence[Stand]) -> list[str]:
    """Aligned; nothing where there is no node. Who has people is told where not each of them does."""
    if not rows:
        return []
    heads = HEADS if any(one.people for one in rows) else HEADS[:-1]
    cells = [heads, *(_cells(one)[: len(heads)] for one in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if head in _RIGHT else cell.ljust(width)
            for cell, width, head in zip(line, widths, heads, strict=True)
        ).rstrip()
        for line in cells
    ]


def _access(args: argparse.Namespace) -> RedisAccess:
    settings = options.settings_of(args)
    if settings.redis is None:
        raise Problem("this configuration has no [redis]: there is one node", code=2)
    try:
        return redis_access(settings.redis, args.config.resolve().parent)
    except ConfigError as error:
        raise Problem(str(error), code=2) from None


def _cells(one: Stand) -> tuple[str, ...]:
    lots = f"{one.lots}+{one.coming}" if one.coming else str(one.lots)
    lag = "" if one.lag is None else f"{1000 * one.lag:.0f} ms"
    weight = "" if one.weight is None else f"{one.weight:g}"
    counts = ("" if count is None else f"{count:,}" for count in (one.lines, one.desks))
    return one.name, one.state, lots, *counts, lag, weight, one.redundancy or "", one.version or "", one.people or ""


def _for_programs(view: View, wrong: Sequence[Finding]) -> dict[str, object]:
    return {
        "nodes": [asdict(one) for one in stands(view)],
        "without_owner": len(nobodys(view)),
        "wrong": [{"what": one.what, "kind": one.kind.value, "text": one.text, "mend": one.mend} for one in wrong],
    }
