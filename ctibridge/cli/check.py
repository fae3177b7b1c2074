"""`ctibridge check`: what is wrong, before the agents find out. One row each, good or with what to do."""

import argparse
import asyncio
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from ctibridge.cli import options
from ctibridge.cli.account import print_findings
from ctibridge.cli.store_fault import RESTORE, told
from ctibridge.config import Settings
from ctibridge.delivery.adapters.token_store import TokenStore
from ctibridge.domain.finding import Finding
from ctibridge.lookup.adapters import state
from ctibridge.lookup.adapters.schema import FILE, StoreFault
from ctibridge.lookup.adapters.state import StoreState


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    check = commands.add_parser(
        "check",
        help="what is wrong, and what to do",
        description="Configuration and store, one row each. Exit code 1: something has to be mended.",
    )
    check.add_argument("--json", action="store_true", help="for programs")
    options.add_config(check)
    check.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Returns 0 where all is good, else 1. Raises Problem (2) for a configuration that does not hold."""
    settings = options.open_state(args)
    found = (Finding("configuration", str(args.config)), *_store(settings))
    print_findings(found, as_json=args.json)
    return 0 if all(one.good for one in found) else 1


def _store(settings: Settings) -> tuple[Finding, ...]:
    path = settings.node.state_dir / FILE
    if not path.exists():
        return (Finding("store", f"{path} does not exist yet", "ctibridge import PATH"),)
    try:
        found = asyncio.run(_state(path, settings.privacy.purge_after))
    except (StoreFault, sqlite3.Error) as fault:
        return (Finding("store", *told(fault)),)
    return (_soundness(found), _ended_shares(found))


async def _state(path: Path, purge_after: float) -> StoreState:
    """Raises StoreFault, sqlite3.Error: where `run` would not start, the store is not sound."""
    found = await state.of_store(path, datetime.now(UTC), purge_after)
    if found.damage is None:
        await (await TokenStore.open(path)).close()
    return found


def _soundness(found: StoreState) -> Finding:
    if found.damage is not None:
        return Finding("store", f"damaged: {found.damage}", RESTORE)
    return Finding("store", f"sound, {found.people:,} people with {found.numbers:,} numbers")


def _ended_shares(found: StoreState) -> Finding:
    count = sum(found.left_behind.values())
    if not found.left_behind:
        return Finding("ended shares", "0 people of accounts whose share has ended")
    accounts = ", ".join(sorted(found.left_behind))
    return Finding(
        "ended shares",
        f"{count:,} people of accounts whose share has ended: {accounts}",
        "they leave within a minute while the daemon runs; else: ctibridge run",
    )
