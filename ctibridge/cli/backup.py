"""`ctibridge backup`: all that a store is, as one file, also while a daemon runs on it."""

import argparse
import os
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO

from ctibridge.cli import options
from ctibridge.cli.actor import actor
from ctibridge.cli.backups import keeping, placing
from ctibridge.cli.backups.destination import Destination
from ctibridge.cli.backups.packing import pack
from ctibridge.cli.checks.wording import counted, size
from ctibridge.cli.lean import IN_BACKUP, goes_without_people
from ctibridge.cli.owned import as_owner
from ctibridge.cli.problem import Problem
from ctibridge.cli.telling import telling
from ctibridge.config import Settings
from ctibridge.lookup.adapters.acts import Actor
from ctibridge.lookup.adapters.schema import FILE

MOST_DAYS = 36_500
NICE = 10
"""Behind the daemon, who shares this machine's processors with us."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "backup",
        help="all of the store as one file, also while a daemon runs",
        description="Copies directory, grants, tokens, audit, the desks' events and the installation's name into one "
        "file, of one moment each, which `ctibridge restore` takes. Not in it: /etc/ctibridge with the secrets.",
    )
    parser.add_argument("file", metavar="FILE", help="a file, a folder (it gets a name by the time), or - (stdout)")
    parser.add_argument("--force", action="store_true", help="replace FILE where it is there")
    parser.add_argument(
        "--keep-days", type=int, metavar="N", help="with a folder: earlier backups in it go after so many days"
    )
    options.add_config(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Returns 0 when the backup is there, durable and whole; else 1. Raises Problem."""
    settings, by = options.settings_of(args), actor()
    if goes_without_people(settings):
        print(IN_BACKUP, file=sys.stderr)
    destination = _destination(args, settings.node.state_dir, by.at)
    if destination is None:
        return int(not _write(settings, sys.stdout.buffer, by, "standard output"))
    path = destination.path
    try:
        if not _write(settings, destination.file, by, path.name):
            return 1
        length = os.fstat(destination.file.fileno()).st_size
        destination.publish()
    except OSError as error:
        raise Problem(f"{path}: {error.strerror}; there is no backup") from None
    finally:
        destination.discard()
    print(f"{path}: {size(length)}, as of {by.at:%Y-%m-%d %H:%M:%S} UTC")
    if args.keep_days is not None:
        _forget(path.parent, by.at, args.keep_days)
    return 0


def _destination(args: argparse.Namespace, state_dir: Path, at: datetime) -> Destination | None:
    """None: standard output. Raises Problem."""
    path = Path(args.file)
    try:
        _check_usage(args, state_dir)
        if args.file == "-":
            return None
        return Destination(path / keeping.name_at(at) if path.is_dir() else path, replaces=args.force)
    except OSError as error:
        raise Problem(f"{error.filename or path}: {error.strerror}; run as root, or as the store's owner") from None


def _check_usage(args: argparse.Namespace, state_dir: Path) -> None:
    if args.keep_days is not None and (not 1 <= args.keep_days <= MOST_DAYS or not Path(args.file).is_dir()):
        raise Problem(f"--keep-days N: 1 to {MOST_DAYS}, and FILE has to be a folder of backups that is there", code=2)
    if args.file == "-" and sys.stdout.isatty():
        raise Problem("a backup is no text for a terminal; name a file, or send it on: ctibridge backup - | …", code=2)
    if args.file != "-" and Path(args.file).resolve().is_relative_to(state_dir.resolve()):
        raise Problem(f"{args.file} lies in state_dir {state_dir}, which it is a backup of; name one elsewhere", code=2)
    if not (state_dir / FILE).exists():
        raise Problem(f"state_dir {state_dir} has no {FILE}: there is nothing to back up yet")


def _forget(folder: Path, now: datetime, days: int) -> None:
    gone = keeping.outdated([path.name for path in folder.iterdir() if path.is_file()], now, days)
    for name in gone:
        try:
            (folder / name).unlink()
        except OSError as error:
            raise Problem(
                f"{folder / name}: {error.strerror}; it is older than --keep-days {days}, remove it"
            ) from None
    if gone:
        print(f"{counted(len(gone), 'backup')} older than {counted(days, 'day')} removed")


def _write(settings: Settings, out: IO[bytes], by: Actor, to: str) -> bool:
    """As the store's owner. False: it could not, and has said why. Raises Problem. by, to: for the audit."""

    def work() -> None:
        _step_back()
        placing.settle(settings.node.state_dir)
        with telling() as tell:
            pack(settings.node.state_dir, settings.node.name, out, by, to, tell)

    return as_owner(settings.node.state_dir, work)


def _step_back() -> None:
    with suppress(OSError):
        os.nice(NICE)
