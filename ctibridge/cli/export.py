"""`ctibridge export`: everything that is kept of one person, for himself, beside a running daemon."""

import argparse
import asyncio
import json
import sqlite3
import sys
from collections.abc import Coroutine
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, TextIO

import msgspec

from ctibridge.cli import options
from ctibridge.cli.actor import actor
from ctibridge.cli.lean import refuse_lean
from ctibridge.cli.new_file import new_file
from ctibridge.cli.problem import Problem
from ctibridge.cli.store_fault import told
from ctibridge.config import Settings
from ctibridge.delivery.adapters import outbox_exporting
from ctibridge.delivery.adapters.outbox_tables import FILE as DESKS
from ctibridge.delivery.adapters.outbox_tables import TooNew
from ctibridge.delivery.erased import Traces
from ctibridge.lookup.adapters import exporting
from ctibridge.lookup.adapters.acts import Actor
from ctibridge.lookup.adapters.erasing import Erasing, Subject, Unknown
from ctibridge.lookup.adapters.schema import FILE, StoreFault

Values = dict[str, Any]


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "export",
        help="everything that is kept of one person, as JSON",
        description="One JSON document with all that is kept of a person: directory, calls, and who saw him; with each "
        "part where it is kept and for how long. Nothing is changed but a line in the audit, and a daemon may run.",
    )
    parser.add_argument("--account", metavar="A", required=True, help="whose directory has the person")
    parser.add_argument("--person", metavar="P", required=True, help="the person's id there")
    parser.add_argument("--output", metavar="FILE", type=Path, help="a new file, for you alone; else standard output")
    options.add_config(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Raises Problem: 2 for wrong usage, 1 where nothing is known of the person, or the store cannot be read."""
    with ExitStack() as stack:
        settings = options.settings_of(args)
        # Opened before root is given up: it may be in a folder of root's.
        made = None if args.output is None else stack.enter_context(new_file(args.output))
        try:
            options.own_store(settings.node.state_dir)
            refuse_lean(settings, "what is kept of a person cannot be told here")
            document = _document(settings, args.account, args.person)
            _write(document, made or sys.stdout, args.output)
            asyncio.run(_noted(settings, args.account, actor()))
        except BaseException:
            if args.output is not None:
                with suppress(OSError):  # as root it could
                    args.output.unlink()
            raise
    if args.output is not None:
        print(f"all that is kept of this person is in {args.output}")
    return 0


def _document(settings: Settings, account: str, person: str) -> Values:
    """Raises Problem."""
    state_dir = settings.node.state_dir
    try:
        subject = asyncio.run(_subject(settings, account, person))
        directory = exporting.directory(state_dir / FILE, account, person)
        learned = exporting.learned(state_dir / FILE, account, person)
        desks = outbox_exporting.told_of(state_dir / DESKS, Traces(subject.leaving), account, person)
    except TooNew as error:
        raise Problem(f"{state_dir / DESKS}: {error}; run the newer ctibridge") from None
    except StoreFault as fault:
        raise Problem("; ".join(told(fault))) from None
    except Unknown as fault:
        raise Problem(str(fault)) from None
    except sqlite3.Error as error:
        raise Problem(f"store in {state_dir}: {'; '.join(told(error))}") from None
    except msgspec.DecodeError:
        raise Problem(
            f"{state_dir / DESKS}: a row in it cannot be read; start the service, which sets it aside"
        ) from None
    if not any((directory["record"], *desks.values(), *learned.values())):
        raise Problem(f"nothing is kept of anybody with this id of {account}")
    return _with_terms(settings, account, person, directory, learned, desks)


def _with_terms(
    settings: Settings, account: str, person: str, directory: Values, learned: Values, desks: Values
) -> Values:
    """Each part with where it is kept, and until when."""
    days = settings.privacy.days(account)
    chosen = min(settings.resolution.choice_days, days)
    seen = {"seen_by": desks.pop("seen_by")}
    until = "until the customer's files do not have it any more, its share ends, or it is erased"
    return {
        "made_at": actor().at.isoformat(timespec="seconds"),
        "account": account,
        "person": person,
        "directory": {"kept_in": FILE, "retention": until, **directory},
        "learned": {"kept_in": FILE, "retention": f"{chosen} days", **learned},
        "calls": {"kept_in": DESKS, "retention": f"{days} days, at most 1,000 events of a desk", **desks},
        "sights": {"kept_in": DESKS, "retention": f"{days} days", **seen},
        "not_in_here": "backups and what customers' own tools took from webhooks; see docs/data-protection.md",
    }


def _write(document: Values, out: TextIO, path: Path | None) -> None:
    try:
        json.dump(document, out, indent=2, ensure_ascii=False)
        out.write("\n")
        out.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Problem(f"--output {path}: {error.strerror}; it is not whole") from None


def _opened(settings: Settings) -> Coroutine[Any, Any, Erasing]:
    prefixes = [plan.outside_line_prefix or "" for plan in settings.dial_plans().values()]
    return Erasing.open(settings.node.state_dir / FILE, prefixes)


async def _subject(settings: Settings, account: str, person: str) -> Subject:
    async with await _opened(settings) as known:
        return await known.person(account, person)


async def _noted(settings: Settings, account: str, by: Actor) -> None:
    try:
        async with await _opened(settings) as known:
            await known.note("export", account, by)
    except StoreFault as fault:
        raise Problem("; ".join(told(fault))) from None
