"""What several commands share: which configuration, and as whom the store is opened."""

import argparse
import os
from pathlib import Path

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
    try:
        return load(args.config)
    except ConfigError as error:
        raise Problem(str(error), code=2) from None


def open_state(args: argparse.Namespace) -> Settings:
    """The configuration, and the state directory ready to be written as its owner."""
    settings = settings_of(args)
    become_owner(settings.node.state_dir)
    return settings


def become_owner(state_dir: Path) -> None:
    """Makes the directory when it is missing; as root, takes its owner, so that no file of the store becomes root's."""
    try:
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = state_dir.stat()
        if os.geteuid() == 0 and owner.st_uid != 0:
            os.setgroups([owner.st_gid])
            os.setgid(owner.st_gid)
            os.setuid(owner.st_uid)
    except OSError as error:
        raise Problem(f"state_dir {state_dir}: {error.strerror}; make it writable for the service's user") from None
    if not os.access(state_dir, os.W_OK | os.X_OK):
        raise Problem(f"state_dir {state_dir} is not writable; run as its owner or change [node] state_dir")
