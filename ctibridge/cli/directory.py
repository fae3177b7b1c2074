"""`ctibridge import`: directory files into the store. Registers `lookup` too, which reads what this one writes."""

import argparse
import asyncio
import csv
import os
import sys
from pathlib import Path
from typing import TextIO

from ctibridge.cli import options, preview
from ctibridge.cli.problem import Problem
from ctibridge.lookup.adapters.importer import Importer, Summary, UnknownAccount, Wish
from ctibridge.lookup.adapters.schema import FILE, StoreFault
from ctibridge.lookup.adapters.staging import Counts, Fault, Unusable
from ctibridge.lookup.sheets import Refused, Table
from ctibridge.lookup.sources.csv import WrongHeader
from ctibridge.lookup.sources.encoding import Unreadable
from ctibridge.lookup.sources.files import WrongFile, open_tables

_REPORT = ("kind", "file", "line", "account", "person", "text", "reason")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "import",
        help="directory files into the store",
        description="Takes directory files (CSV or JSON Lines, known by their names) into the store, also of a running "
        "daemon. When it has ended, the next call sees them. Exit code 1: rows were refused, the others are taken.",
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files, or folders of them")
    parser.add_argument("--account", metavar="A", help="take only the rows of this account")
    parser.add_argument(
        "--replace",
        action="store_true",
        help="with --account: the files are the whole truth of it; what they do not have leaves the store",
    )
    parser.add_argument("--strict", action="store_true", help="take nothing where one row is refused")
    parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help="write refused rows and numbers that can never match, as CSV"
    )
    options.add_config(parser)
    parser.set_defaults(run=run)
    preview.add(commands)


def run(args: argparse.Namespace) -> int:
    """Returns 0, or 1 where rows were refused. Raises Problem: 2 for files that are none of ours, 1 for the store."""
    if args.replace and args.account is None:
        raise Problem("--replace needs --account: it removes what the files of that account do not have", code=2)
    # Files and report are opened before root is given up: they may be root's.
    tables = _tables(args.paths)
    report = _open_report(args.report)
    try:
        settings = options.open_state(args)
        wish = Wish(args.account, args.replace, args.strict, args.dry_run)
        telling = _Telling(report)
        summary = asyncio.run(_import(settings.node.state_dir / FILE, wish, tables, telling))
    finally:
        if report is not None:
            report.close()
    _print(summary, wish, telling, args.report)
    return 1 if summary.refused else 0


def _tables(paths: list[Path]) -> list[Table]:
    try:
        return open_tables(paths)
    except (WrongFile, WrongHeader) as error:
        raise Problem(str(error), code=2) from None
    except Unreadable as error:
        raise Problem(str(error)) from None


async def _import(path: Path, wish: Wish, tables: list[Table], telling: "_Telling") -> Summary:
    try:
        async with await Importer.open(path, wish) as importer:
            return await importer.run(tables, telling.fault, telling.progress)
    except StoreFault as error:
        raise Problem(str(error)) from None
    except UnknownAccount as error:
        raise Problem(str(error), code=2) from None
    except Unreadable as error:
        raise Problem(f"{error}; nothing was imported") from None
    finally:
        telling.clear()


def _open_report(path: Path | None) -> TextIO | None:
    if path is None:
        return None
    try:
        # It holds numbers: for whoever asked, and nobody else.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise Problem(f"{path}: {error.strerror}", code=2) from None
    file = os.fdopen(descriptor, "w", encoding="utf-8", newline="")
    csv.writer(file).writerow(_REPORT)
    return file


class _Telling:
    """What is said while rows come in: refused rows at once, progress where somebody looks on."""

    def __init__(self, report: TextIO | None) -> None:
        self._report = None if report is None else csv.writer(report)
        self._terminal = sys.stderr.isatty()
        self._shown = 0
        self.unusable = 0

    def fault(self, fault: Fault) -> None:
        if isinstance(fault, Unusable):
            # A fax is no fault of the file: it stands in the report only.
            self.unusable += not fault.fax
            cells = (fault.account, fault.person, fault.text.value, fault.reason)
            self._write("number", fault.file, fault.line, *cells)
            return
        self.clear()
        print(f"{fault.file}:{fault.line}: {fault.reason}", file=sys.stderr)
        self._write("row", fault.file, fault.line, *_key(fault), "", fault.reason)

    def progress(self, counts: Counts) -> None:
        if self._terminal:
            text = f"{counts.file}: {counts.rows:,} rows"
            print(f"\r{text:<{self._shown}}", end="", file=sys.stderr, flush=True)
            self._shown = len(text)

    def clear(self) -> None:
        if self._shown:
            print(f"\r{'':<{self._shown}}\r", end="", file=sys.stderr, flush=True)
            self._shown = 0

    def _write(self, *cells: object) -> None:
        if self._report is not None:
            # A cell that a spreadsheet would take for a formula is none: numbers begin with a plus.
            self._report.writerow([f"'{cell}" if str(cell)[:1] in "=@" and cell else cell for cell in cells])


def _key(fault: Refused) -> tuple[str, str]:
    account, person, *_ = (*fault.key, "", "")
    return account, person


def _print(summary: Summary, wish: Wish, telling: _Telling, report: Path | None) -> None:
    refused = wish.strict and summary.refused > 0
    for counts in summary.files:
        print(_line(counts, refused=refused))
    numbers = summary.numbers
    if numbers.new or numbers.changed or numbers.removed:
        print(f"numbers: {_changes(numbers.new, numbers.changed, numbers.removed)}")
    if telling.unusable:
        where = f"{report} lists them" if report is not None else "--report FILE lists them"
        print(f"{telling.unusable:,} numbers can never match; {where}")
    if refused:
        print(f"Nothing was imported: {summary.refused:,} rows were refused (--strict).")
    elif wish.dry_run:
        print("Nothing was imported (--dry-run).")
    elif not summary.changes:
        print("Nothing has changed.")


def _line(counts: Counts, *, refused: bool) -> str:
    """refused: the whole import was, so nothing was compared with the store."""
    taken = counts.rows - counts.refused - counts.others
    parts = [f"{counts.file}: {counts.rows:,} rows ({counts.form})"]
    if not counts.sheet.stored:
        return f"{parts[0]}: checked for its columns; kept from a later version on"
    changes = _changes(counts.new, counts.changed, counts.removed)
    parts.append("nothing written" if refused else changes or f"{taken:,} as before")
    if counts.refused:
        parts.append(f"{counts.refused:,} refused")
    if counts.others:
        parts.append(f"{counts.others:,} of other accounts left out")
    return ", ".join([f"{parts[0]}: {parts[1]}", *parts[2:]])


def _changes(new: int, changed: int, removed: int) -> str:
    named = ((new, "new"), (changed, "changed"), (removed, "removed"))
    return ", ".join(f"{count:,} {word}" for count, word in named if count)
