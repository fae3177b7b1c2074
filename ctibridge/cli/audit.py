"""`ctibridge audit`: who saw whom, and who allowed it, as CSV. Beside a running daemon; nothing is changed."""

import argparse
import csv
import heapq
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import TextIO

from ctibridge.cli import options
from ctibridge.cli.new_file import new_file
from ctibridge.cli.problem import Problem
from ctibridge.cli.store_fault import told
from ctibridge.cli.store_versions import refuse_newer
from ctibridge.delivery.adapters import sights_kept
from ctibridge.delivery.adapters.outbox_tables import FILE as DESKS
from ctibridge.delivery.adapters.outbox_tables import TooNew
from ctibridge.delivery.adapters.sights_kept import Wanted
from ctibridge.delivery.kept import Sight
from ctibridge.lookup import cells
from ctibridge.lookup.adapters import acts_kept
from ctibridge.lookup.adapters.acts_kept import Act
from ctibridge.lookup.adapters.schema import FILE

HEADER = ("at", "kind", "account", "agent", "person", "call", "how", "actor", "detail")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell that begins so is obeyed by a spreadsheet and not shown."""
_TIME = "2026-12-31 (its first minute, UTC) or 2026-12-31T18:00:00+01:00"

Row = tuple[str, ...]


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    audit = commands.add_parser(
        "audit",
        help="who saw whom, and who allowed it, as CSV",
        description="Which agent was told of which person with which call, and what administrators did: share, grant, "
        "token, import and others. Oldest first, persons by their ids; nothing is changed, and a daemon may run.",
    )
    audit.add_argument("--account", metavar="A", help="of this customer alone: what he himself may be given")
    audit.add_argument("--agent", metavar="X", help="of this agent alone")
    audit.add_argument("--person", metavar="P", help="who saw this person; with --account, as ids are a customer's own")
    audit.add_argument("--since", metavar="T", help=f"not what was before: {_TIME}")
    audit.add_argument("--until", metavar="T", help="not what was then or later")
    audit.add_argument("--output", metavar="FILE", type=Path, help="a new file, for you alone; else standard output")
    options.add_config(audit)
    audit.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Raises Problem: 2 for wrong usage, 1 for a store that cannot be read."""
    wanted = _wanted(args)
    state_dir = options.settings_of(args).node.state_dir
    with ExitStack() as stack:
        # Opened before root is given up: it may be in a folder of root's.
        out = sys.stdout if args.output is None else stack.enter_context(new_file(args.output))
        options.become_reader(state_dir)
        refuse_newer(state_dir)
        try:
            _check_account(state_dir, args.account)
            rows = _write(out, merged(_seen(state_dir, wanted), _done(state_dir, wanted)))
        except TooNew as error:
            raise Problem(f"{state_dir / DESKS}: {error}") from None
        except sqlite3.Error as error:
            raise Problem(f"store in {state_dir}: {'; '.join(told(error))}") from None
        except OSError as error:
            if args.output is None:
                raise
            raise Problem(f"--output {args.output}: {error.strerror}; it is not whole") from None
    if args.output is not None:
        print(f"{rows:,} rows in {args.output}")
    return 0


def merged(sights: Iterable[Sight], acts: Iterable[Act]) -> Iterator[Row]:
    """Both come by time, and so does what goes out."""
    seen = ((one.at, _of_sight(one)) for one in sights)
    done = ((one.at, _of_act(one)) for one in acts)
    return (row for _, row in heapq.merge(seen, done, key=itemgetter(0)))


def cell(text: str | None) -> str:
    """As a spreadsheet shows it, and obeys it never (OWASP: CSV injection)."""
    if not text:
        return ""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _of_sight(one: Sight) -> Row:
    return _row(one.at, "sight", one.account, one.agent, one.person, one.call, one.how, None, None)


def _of_act(one: Act) -> Row:
    return _row(one.at, one.name, one.account, one.agent, None, None, None, one.actor, one.detail)


def _row(at: datetime, *texts: str | None) -> Row:
    return (at.isoformat(timespec="milliseconds").replace("+00:00", "Z"), *map(cell, texts))


def _write(out: TextIO, rows: Iterable[Row]) -> int:
    writer, count = csv.writer(out, lineterminator="\n"), 0
    writer.writerow(HEADER)
    for count, row in enumerate(rows, 1):  # noqa: B007 -- the number of the last one
        writer.writerow(row)
    out.flush()
    return count


def _seen(state_dir: Path, wanted: Wanted) -> Iterator[Sight]:
    return sights_kept.sights(state_dir, wanted)


def _done(state_dir: Path, wanted: Wanted) -> Iterator[Act]:
    """No act names a person."""
    if wanted.person is not None:
        return
    for act in acts_kept.acts(state_dir / FILE, wanted.account, wanted.agent):
        if (wanted.since is None or act.at >= wanted.since) and (wanted.until is None or act.at < wanted.until):
            yield act


def _wanted(args: argparse.Namespace) -> Wanted:
    if args.person is not None and args.account is None:
        raise Problem("--person needs --account: two customers may have the same id", code=2)
    since, until = _time("--since", args.since), _time("--until", args.until)
    if since is not None and until is not None and until <= since:
        raise Problem(f"--until {args.until} is not behind --since {args.since}; nothing is between them", code=2)
    return Wanted(args.account, args.agent, args.person, since, until)


def _time(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(str(cells.moment(text.strip()) or ""))
    except ValueError:
        raise Problem(f"{option} {text!r} is no time; write it like {_TIME}", code=2) from None


def _check_account(state_dir: Path, account: str | None) -> None:
    """A typing error would say that nobody has seen anybody."""
    if account is not None and not acts_kept.is_account(state_dir / FILE, account):
        raise Problem(f"account {account!r} is not known; see: ctibridge grants")
