"""`ctibridge account check`: is a customer ready for its first call?"""

import argparse
import asyncio
import json
from datetime import UTC, datetime

from ctibridge.cli import options
from ctibridge.cli.problem import Problem
from ctibridge.cli.shown import shown
from ctibridge.config import Settings
from ctibridge.domain.finding import Finding
from ctibridge.lookup import readiness
from ctibridge.lookup.adapters import state
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.adapters.schema import FILE, StoreFault


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    account = commands.add_parser("account", help="how a customer stands")
    verbs = account.add_subparsers(title="what to do", metavar="ACTION", required=True)
    check = verbs.add_parser(
        "check",
        help="is it ready for its first call?",
        description="Share, grants, service numbers, greetings, hours, briefing, people. Exit code 1: one is missing.",
    )
    check.add_argument("account", metavar="ACCOUNT")
    check.add_argument("--json", action="store_true", help="for programs")
    options.add_config(check)
    check.set_defaults(run=run_check)


def run_check(args: argparse.Namespace) -> int:
    """Returns 0 where all is good, else 1. Raises Problem."""
    found = asyncio.run(_findings(options.open_state(args), args.account))
    print_findings(found, as_json=args.json)
    return 0 if all(one.good for one in found) else 1


def print_findings(found: tuple[Finding, ...], *, as_json: bool) -> None:
    """One row each: how it stands, and what to do where it is not good."""
    if as_json:
        print(
            json.dumps(
                [{"what": one.what, "ok": one.good, "text": one.text, "mend": one.mend} for one in found], indent=2
            )
        )
        return
    for one in found:
        mend = "" if one.mend is None else f" - {one.mend}"
        print(shown(f"{'ok' if one.good else 'MEND':<6}{one.what:<18}{one.text}{mend}"))


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
        return readiness.findings(record, snapshot, await state.people_of(path, account), datetime.now(UTC))
    except StoreFault as fault:
        raise Problem(str(fault)) from None
