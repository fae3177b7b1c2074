"""What several commands share: which configuration, and as whom the store is opened."""

import argparse
import os
import pwd
import stat
import sys
from pathlib import Path

from ctibridge import core_dumps
from ctibridge.cli import passage
from ctibridge.cli.problem import Problem
from ctibridge.config import DEFAULT_PATH, ConfigError, Settings, load


def add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config",
        type=Path,
        default=DEFAULT_PATH,
        metavar="FILE",
        help=f"configuration file (default {DEFAULT_PATH})",
    )


def settings_of(args: argparse.Namespace) -> Settings:
    """The configuration; raises Problem (2) with file, key and mend where it does not hold."""
    return settings_at(args.config)


def settings_at(path: Path) -> Settings:
    """The same, of this file."""
    try:
        return load(path)
    except ConfigError as error:
        raise Problem(str(error), code=2) from None


def open_state(args: argparse.Namespace) -> Settings:
    """The configuration, and the state directory ready to be written as its owner."""
    settings = settings_of(args)
    own_store(settings.node.state_dir)
    return settings


def own_store(state_dir: Path) -> None:
    """`become_owner`; then the store there may be opened: a restore that was cut short is finished, and what a newer
    ctibridge wrote is refused. Raises Problem."""
    # Who opens no store (watch, schema) need not load what knows stores.
    from ctibridge.cli.backups import placing  # noqa: PLC0415
    from ctibridge.cli.store_versions import refuse_newer  # noqa: PLC0415

    become_owner(state_dir)
    placing.settle(state_dir)
    refuse_newer(state_dir)


def become_owner(state_dir: Path) -> None:
    """Makes the directory when it is missing; as root, takes its owner, so that no file of the store becomes root's."""
    try:
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        _take(state_dir)
    except OSError as error:
        raise Problem(f"state_dir {state_dir}: {error.strerror}; make it writable for the service's user") from None
    if not os.access(state_dir, os.W_OK | os.X_OK, effective_ids=True):
        raise Problem(f"state_dir {state_dir} is not writable; run as its owner or change [node] state_dir")


def become_reader(state_dir: Path) -> None:
    """The same for who changes nothing: makes no directory, and one on a disk that is mounted read-only will do."""
    try:
        if not state_dir.exists():
            return
        _take(state_dir)
        readable = state_dir.is_dir() and os.access(state_dir, os.R_OK | os.X_OK, effective_ids=True)
    except OSError as error:
        raise Problem(f"state_dir {state_dir}: {error.strerror}; run as its owner") from None
    if not readable:
        raise Problem(f"state_dir {state_dir} is no directory that we may read; run as its owner")


def _take(state_dir: Path) -> None:
    """Raises OSError."""
    owner = state_dir.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        _check_installation(state_dir, owner.st_uid, owner.st_gid)
        passage.become(owner.st_uid, owner.st_gid, passing=barred(owner.st_uid, owner.st_gid, state_dir) is not None)
        core_dumps.refuse()


def barred(uid: int, gid: int, path: Path) -> Path | None:
    """The outermost folder on the way to path, path included, that this user may not enter; None where he gets there.

    By the permission bits and this one group, as they hold after `become_owner`. Raises OSError.
    """
    real = path.resolve()
    # A link's own folders have to be entered, and those where it leads.
    for folder in dict.fromkeys((*reversed(path.absolute().parents), path, *reversed(real.parents), real)):
        status = _status(folder)
        # The owner's bits hold for him alone, also where others may do more.
        others = stat.S_IXGRP if gid == status.st_gid else stat.S_IXOTH
        if not status.st_mode & (stat.S_IXUSR if uid == status.st_uid else others):
            return folder
    return None


def _status(folder: Path) -> os.stat_result:
    return folder.stat()


def _check_installation(state_dir: Path, uid: int, gid: int) -> None:
    """Modules are still imported later on: who cannot read them would fail in the middle of his work."""
    for path in dict.fromkeys((sys.prefix, sys.base_prefix, str(Path(__file__).parents[1]))):
        folder = barred(uid, gid, Path(path))
        if folder is not None:
            raise Problem(
                f"state_dir {state_dir} belongs to {_user(uid)}, who cannot read {folder}; "
                "install ctibridge where that user can read it, or make somebody the owner who can"
            )


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
