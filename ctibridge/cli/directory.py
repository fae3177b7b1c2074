"""`ctibridge import`: directory files into the store. Registers `lookup` too, which reads what this one writes."""

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from ctibridge.cli import options, preview
from ctibridge.cli.actor import actor
from ctibridge.cli.import_report import ImportReport, check_place
from ctibridge.cli.lean import refuse_lean
from ctibridge.cli.problem import Problem
from ctibridge.cli.progress_bar import ProgressBar
from ctibridge.cli.sharing import sharing
from ctibridge.cli.shown import shown
from ctibridge.delivery.settings import PrivacySettings
from ctibridge.lookup.adapters.acts import Acts
from ctibridge.lookup.adapters.importing.importer import Importer, Summary, UnknownAccount, Wish
from ctibridge.lookup.adapters.importing.staging import Counts, Fault, LeftOut, Unusable
from ctibridge.lookup.adapters.purge import purge
from ctibridge.lookup.adapters.schema import FILE, StoreFault
from ctibridge.lookup.adapters.withhold import withhold
from ctibridge.lookup.phone_labels import AllowedLabels
from ctibridge.lookup.progress import Progress
from ctibridge.lookup.sheets import Table
from ctibridge.lookup.sources import mapping
from ctibridge.lookup.sources.csv import WrongHeader
from ctibridge.lookup.sources.encoding import Unreadable
from ctibridge.lookup.sources.files import WrongFile, open_tables
from ctibridge.lookup.sources.remap import WrongMap

# Refused rows that are printed, one line each; a wrong column refuses ten million.
MOST_PRINTED = 1_000

_MAP_HELP = """\
A map for --map (docs/import.md explains each key):

  [[file]]                          # one for each kind of rows; an export may have several
  path = "HR_Export_*.txt"          # the files' names, with * and ?
  sheet = "people"
  delimiter = "|"                   # optional, as encoding: both are recognised
  encoding = "windows-1250"         # any encoding that Python knows
  [file.columns]                    # ours = theirs, or several of theirs in braces
  id = "Personalnummer"
  name = "{Vorname} {Nachname}"
  language = "Sprache"
  phones = "work:{Telefon};mobile:{Mobil}"
  [file.constants]                  # the same in each row
  account = "acme"
  [file.values.language]            # what stands there instead
  D = "de"
  [[file.keep]]                     # rows that are taken; all conditions hold
  column = "Status"
  is = ["active", "leave"]          # or is_not, matches (regular expression), not_empty
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "import",
        help="directory files into the store",
        description="Takes directory files (CSV or JSON Lines, known by their names) into the store, also of a running "
        "daemon. When it has ended, the next call sees them. Exit code 1: rows were refused, the others are taken.",
        epilog=_MAP_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
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
    parser.add_argument(
        "--map", type=Path, metavar="FILE", help="how exports with other names become directory files (TOML, below)"
    )
    options.add_config(parser)
    parser.set_defaults(run=run)
    preview.add(commands)


def run(args: argparse.Namespace) -> int:
    """Returns 0, or 1 where rows were refused. Raises Problem: 2 for files that are none of ours, 1 for the store."""
    if args.replace and args.account is None:
        raise Problem("--replace needs --account: it removes what the files of that account do not have", code=2)
    # Files and report are opened before root is given up: they may be root's.
    tables = _tables(args.paths, args.map)
    with ExitStack() as stack:
        report = None
        if args.report is not None:
            read = [*(Path(table.file) for table in tables), *([args.map] if args.map is not None else [])]
            check_place(args.report, read, args.config, options.settings_of(args).node.state_dir)
            report = stack.enter_context(ImportReport(args.report, [table.file for table in tables]))
        settings = options.open_state(args)
        wish = Wish(args.account, args.replace, args.strict, args.dry_run)
        telling = _Telling(report)
        path, allowed = settings.node.state_dir / FILE, AllowedLabels.read(settings.privacy.phone_labels)
        if wish.dry_run:
            refuse_lean(settings, "what would change cannot be said here")
        else:
            stack.enter_context(sharing(args, settings, people=True))
        summary = asyncio.run(_import(path, wish, allowed, tables, telling))
        telling.end()
        gone = _after(path, wish, summary, settings.privacy, allowed)
    _print(summary, wish, telling, args.report)
    _print_ignored(tables)
    for line in gone:
        print(line)
    return 1 if summary.refused else 0


def _tables(paths: list[Path], map_file: Path | None) -> list[Table]:
    try:
        return open_tables(paths, None if map_file is None else mapping.load(map_file))
    except (WrongFile, WrongHeader, WrongMap) as error:
        raise Problem(str(error), code=2) from None
    except Unreadable as error:
        raise Problem(str(error)) from None


async def _import(path: Path, wish: Wish, allowed: AllowedLabels, tables: list[Table], telling: "_Telling") -> Summary:
    try:
        async with await Importer.open(path, wish, allowed) as importer:
            return await importer.run(tables, telling.fault, telling.progress)
    except StoreFault as error:
        raise Problem(str(error)) from None
    except UnknownAccount as error:
        raise Problem(str(error), code=2) from None
    except Unreadable as error:
        raise Problem(f"{error}; nothing was imported") from None
    finally:
        telling.clear()


def _after(path: Path, wish: Wish, summary: Summary, privacy: PrivacySettings, allowed: AllowedLabels) -> list[str]:
    """What follows from an import that has written something, and what is said of it."""
    if not summary.written:
        return []
    _note(path, wish, summary)
    return _purge(path, privacy, allowed)


def _note(path: Path, wish: Wish, summary: Summary) -> None:
    """Files also say who shares and who may see whom."""

    async def note() -> None:
        async with await Acts.open(path, actor()) as acts:
            how = "replace, " if wish.replace else ""
            await acts.note("import", account=wish.account, detail=f"{how}{summary.changes} changes")

    try:
        asyncio.run(note())
    except StoreFault as error:
        raise Problem(f"imported, but not noted in the audit: {error}") from None


def _purge(path: Path, privacy: PrivacySettings, allowed: AllowedLabels) -> list[str]:
    """People of shares that have ended, by these files too, and numbers that are not allowed any more leave at once,
    whether a daemon runs or not."""
    try:
        gone = asyncio.run(purge(path, datetime.now(UTC), privacy.purge_after))
        withheld = asyncio.run(withhold(path, allowed))
    except StoreFault as error:
        raise Problem(str(error)) from None
    return [
        *(
            f"{sum(labels.values()):,} numbers left the store: {account} does not allow {_listed(labels)}"
            for account, labels in withheld.items()
        ),
        *(f"{account} no longer shares its role; {people:,} people left the store" for account, people in gone.items()),
    ]


class _Telling:
    """What is said while rows come in: refused rows at once, progress where somebody looks on."""

    def __init__(self, report: ImportReport | None) -> None:
        self._report = report
        self._bar = ProgressBar() if sys.stderr.isatty() else None
        self._refused = 0
        self.unusable = 0
        self.left_out: dict[str, Counter[str]] = {}

    def fault(self, fault: Fault) -> None:
        if self._report is not None:
            self._report.add(fault)
        if isinstance(fault, Unusable):
            # A fax is no fault of the file: it stands in the report only.
            self.unusable += not fault.fax
            return
        if isinstance(fault, LeftOut):
            self.left_out.setdefault(fault.account, Counter())[fault.label] += 1
            return
        self._refused += 1
        if self._refused <= MOST_PRINTED:
            self.clear()
            print(shown(f"{fault.file}:{fault.line}: {fault.reason}"), file=sys.stderr)

    def progress(self, progress: Progress) -> None:
        if self._bar is not None:
            self._write(self._bar.show(progress, time.monotonic()))

    def clear(self) -> None:
        if self._bar is not None:
            self._write(self._bar.clear())

    def end(self) -> None:
        more = self._refused - MOST_PRINTED
        if more > 0:
            where = "--report FILE lists" if self._report is None else f"{self._report.path} lists"
            print(f"… and {more:,} more rows were refused; {where} them all", file=sys.stderr)

    def _write(self, text: str) -> None:
        if text:
            print(text, end="", file=sys.stderr, flush=True)


def _print(summary: Summary, wish: Wish, telling: _Telling, report: Path | None) -> None:
    refused = wish.strict and summary.refused > 0
    for counts in summary.files:
        print(_line(counts, refused=refused))
    numbers = summary.numbers
    if numbers.new or numbers.changed or numbers.removed:
        print(f"numbers: {_changes(numbers.new, numbers.changed, numbers.removed)}")
    if summary.kept:
        print(
            f"{summary.kept:,} shares or grants stay narrower than the files say, as they have ended or were set by "
            "hand; to open them: ctibridge share, ctibridge grant"
        )
    if telling.unusable:
        where = f"{report} lists them" if report is not None else "--report FILE lists them"
        print(f"{telling.unusable:,} numbers can never match; {where}")
    for account, labels in telling.left_out.items():
        print(f"{labels.total():,} numbers left out: {account} does not allow {_listed(labels)}")
    if refused:
        print(f"Nothing was imported: {summary.refused:,} rows were refused (--strict).")
    elif wish.dry_run:
        print("Nothing was imported (--dry-run).")
    elif not summary.changes:
        print("Nothing has changed.")


def _print_ignored(tables: list[Table]) -> None:
    """Columns of exports that the map does not ask for: the first time, somebody wants to know."""
    ignored: dict[str, list[tuple[str, ...]]] = {}
    for table in tables:
        ignored.setdefault(table.file, []).append(table.ignored)
    for file, each in ignored.items():
        # An export may feed several sheets: what one of them asks for is not ignored.
        lost = [name for name in each[0] if all(name in names for names in each)]
        if lost:
            print(f"{file}: columns not taken: {', '.join(lost)}")


def _line(counts: Counts, *, refused: bool) -> str:
    """refused: the whole import was, so nothing was compared with the store."""
    taken = counts.rows - counts.refused - counts.others - counts.erased
    parts = [f"{counts.file}: {counts.rows:,} rows ({counts.form})"]
    changes = _changes(counts.new, counts.changed, counts.removed)
    parts.append("nothing written" if refused else changes or f"{taken:,} as before")
    if counts.refused:
        parts.append(f"{counts.refused:,} refused")
    if counts.others:
        parts.append(f"{counts.others:,} of other accounts left out")
    if counts.erased:
        parts.append(f"{counts.erased:,} of erased people left out")
    return ", ".join([f"{parts[0]}: {parts[1]}", *parts[2:]])


def _listed(labels: Mapping[str, int]) -> str:
    """`home`, or with how many of each: `home (12), mobile (3)`."""
    if len(labels) == 1:
        return shown(next(iter(labels)))
    return shown(", ".join(f"{label} ({count:,})" for label, count in labels.items()))


def _changes(new: int, changed: int, removed: int) -> str:
    named = ((new, "new"), (changed, "changed"), (removed, "removed"))
    return ", ".join(f"{count:,} {word}" for count, word in named if count)
