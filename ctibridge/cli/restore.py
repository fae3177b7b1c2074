"""`ctibridge restore`: a backup becomes the store, all of it or nothing."""

import argparse
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC
from pathlib import Path
from typing import IO

from ctibridge import installation
from ctibridge.cli import options
from ctibridge.cli.actor import actor
from ctibridge.cli.backups import archive, placing
from ctibridge.cli.backups.archive import BadArchive, Manifest
from ctibridge.cli.backups.unpacking import unpack
from ctibridge.cli.lean import IN_BACKUP, goes_without_people
from ctibridge.cli.problem import Problem
from ctibridge.cli.shown import shown
from ctibridge.cli.telling import telling
from ctibridge.installation import StartError
from ctibridge.lookup.adapters.acts import Actor
from ctibridge.lookup.adapters.schema import FILE

UNDONE = """\
What was done since then is undone: shares, grants and tokens that were taken back hold again, and people who left are
in the store again. Look through:
  ctibridge grants
  ctibridge token list
Import the directory files again; erase again who was erased since then."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "restore",
        help="a backup becomes the store",
        description="Takes a file of `ctibridge backup` into state_dir, while no daemon runs: all of it or nothing. "
        "Every desk begins anew, the number index is made anew.",
    )
    parser.add_argument("file", metavar="FILE", help="the backup, or - (standard input)")
    parser.add_argument("--replace", action="store_true", help="where there is a store, set it aside in a folder")
    options.add_config(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Returns 0 when the store is the backup's. Raises Problem, and then the store is as it was."""
    settings = options.settings_of(args)
    with _opened(args.file) as file:  # before root is given up: it may be root's
        by, state_dir = actor(), settings.node.state_dir
        options.become_owner(state_dir)
        with _alone(state_dir):
            placing.clear(state_dir)
            _check_place(state_dir, replaces=args.replace)
            manifest, aside = _restore(file, args.file, state_dir, by)
    print(shown(f"{state_dir} is {_named(manifest)}"))
    print(UNDONE)
    if goes_without_people(settings):
        print(IN_BACKUP)
    if aside is not None:
        print(f"The store of before is in {aside}, with all its people: remove that folder when nobody needs it.")
    return 0


@contextmanager
def _opened(name: str) -> Iterator[IO[bytes]]:
    if name == "-":
        yield sys.stdin.buffer
        return
    with ExitStack() as stack:
        try:
            file = stack.enter_context(Path(name).open("rb"))
        except OSError as error:
            raise Problem(f"{name}: {error.strerror}; name a file of `ctibridge backup`", code=2) from None
        yield file


@contextmanager
def _alone(state_dir: Path) -> Iterator[None]:
    """No daemon runs there, and none starts meanwhile."""
    try:
        lock = installation.take(state_dir)
    except StartError as error:
        raise Problem(str(error)) from None
    try:
        yield
    finally:
        os.close(lock)


def _check_place(state_dir: Path, *, replaces: bool) -> None:
    there = placing.holds_store(state_dir)
    if there is not None and not replaces:
        raise Problem(f"state_dir {state_dir} has a store already ({there}); to set it aside in a folder: --replace")
    if placing.in_use(state_dir / FILE):
        raise Problem(f"another ctibridge command has {state_dir / FILE} open; try again when that is done")


def _restore(file: IO[bytes], name: str, state_dir: Path, by: Actor) -> tuple[Manifest, Path | None]:
    try:
        folder = placing.lay_out(state_dir, by.at)
        try:
            with telling() as tell, archive.opened(file) as packed:
                unpack(packed, folder, by, tell)
                manifest = packed.manifest
            aside = placing.put_in_place(folder)
        except BaseException:
            # Where it has got another name it has happened, and whoever comes next carries it out.
            with suppress(OSError):
                shutil.rmtree(folder)
            raise
    except BadArchive as fault:
        raise Problem(f"{name} {fault}; nothing was restored") from None
    except OSError as error:
        raise Problem(f"{error.filename or name}: {error.strerror or error}; nothing was restored") from None
    return manifest, aside


def _named(manifest: Manifest) -> str:
    made = f"{manifest.made_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return f"as it was at {made}, on node {manifest.node} (ctibridge {manifest.ctibridge})"
