"""`ctibridge account check`: is a customer ready for its first call?"""

import argparse
import asyncio
from datetime import UTC, datetime

from ctibridge.cli import options
from ctibridge.cli.findings import Row, exit_code, print_rows
from ctibridge.cli.lean import goes_without_people
from ctibridge.cli.problem import Problem
from ctibridge.config import Settings
from ctibridge.domain.finding import Finding
from ctibridge.domain.last_call import of_account
from ctibridge.lookup import readiness
from ctibridge.lookup.adapters import state
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.adapters.schema import FILE, StoreFault
from ctibridge.selftest.adapters import kept


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    account = commands.add_parser("account", help="how a customer stands")
    verbs = account.add_subparsers(title="what to do", metavar="ACTION", required=True)
    check = verbs.add_parser(
        "check",
        help="is it ready for its first call?",
        description="Share, grants, service numbers, greetings, hours, briefing, people, last test call. "
        "Exit code 1: one is missing.",
    )
    check.add_argument("account", metavar="ACCOUNT", help="its id, as in accounts.csv")
    check.add_argument("--json", action="store_true", help="for programs")
    options.add_config(check)
    check.set_defaults(run=run_check)


def run_check(args: argparse.Namespace) -> int:
    """Returns 0 where all is good, else 1. Raises Problem."""
    rows = [Row(one) for one in asyncio.run(_findings(options.open_state(args), args.account))]
    print_rows(rows, as_json=args.json)
    return exit_code(rows)


async def _findings(settings: Settings, account: str) -> tuple[Finding, ...]:
    path = settings.node.state_dir / FILE
    try:
        lookup = await Lookup.open(path, settings.resolution, settings.language)
        try:
            snapshot = lookup.snapshot()
        finally:
            await lookup.close()
        record = snapshot.accounts.get(account)
        if record is None:
            raise Problem(f"account {account!r} is not known; import accounts.csv with it first")
        tested = of_account(kept.load(settings.node.state_dir), account)
        people = None if goes_without_people(settings) else await state.people_of(path, account)
        return readiness.findings(record, snapshot, people, tested, datetime.now(UTC))
    except StoreFault as fault:
        raise Problem(str(fault)) from None
