"""The commands: what a person types and reads.

Exit code: 0 done, 1 failed or found a problem, 2 wrong usage or configuration.
"""

import argparse
import gc
import importlib
import os
import sys
from collections.abc import Iterator, Mapping
from io import TextIOWrapper
from types import MappingProxyType, ModuleType
from typing import NoReturn

from ctibridge import __version__, core_dumps
from ctibridge.cli.problem import Problem
from ctibridge.cli.shown import shown
from ctibridge.uncollected import uncollected

MODULES: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "run": ("run",),
    "demo": ("demo",),
    "check": ("check",),
    "directory": ("import", "lookup"),
    "access": ("share", "grant", "revoke", "grants", "announce"),
    "account": ("account",),
    "erase": ("erase",),
    "export": ("export",),
    "backup": ("backup",),
    "restore": ("restore",),
    "token": ("token",),
    "watch": ("watch",),
    "schema": ("schema",),
    "selftest": ("selftest",),
    "audit": ("audit",),
    "cluster": ("cluster",),
})  # fmt: skip
"""Which commands each module adds. Only the one that is asked for is loaded: all of them take three times as long."""


class Parser(argparse.ArgumentParser):
    """Wrong usage is one line, as every other problem is. Subparsers are of this class, too."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {' '.join(message.split())}; see {self.prog} --help\n")


def modules(command: str | None = None) -> Iterator[ModuleType]:
    """The module of this command; all of them where there is no such command, or where none is named."""
    found = [module for module, commands in MODULES.items() if command in commands]
    return (importlib.import_module(f"ctibridge.cli.{module}") for module in found or MODULES)


def parser(command: str | None = None) -> argparse.ArgumentParser:
    """Each command module adds its own parsers and names the function that runs them. command: no other is wanted."""
    top = Parser(prog="ctibridge", description="Screen pop for desks that answer for many companies.")
    top.add_argument("--version", action="version", version=f"ctibridge {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in modules(command):
        module.add(commands)
    return top


def main(argv: list[str] | None = None) -> int:
    """Returns the exit code; a `Problem` becomes one line on standard error."""
    core_dumps.refuse()
    words = sys.argv[1:] if argv is None else argv
    if isinstance(sys.stdout, TextIOWrapper):
        # Names come in every script: a terminal that is not of UTF-8 shows `?` for what it lacks, and nothing fails.
        sys.stdout.reconfigure(errors="replace")
    with uncollected():
        commands = parser(words[0] if words else None)
        if argv is None:
            # The process is this command's own, and what its modules made stays: to look through it, and once more at
            # the end, was a third of a short command's time.
            gc.freeze()
    args = commands.parse_args(words)
    try:
        code: int = args.run(args)
    except Problem as problem:
        print(shown(f"ctibridge: {problem}"), file=sys.stderr)
        return problem.code
    except BrokenPipeError:
        # The reader (`head`, a pager) has gone; what it wanted, it has. Python would flush into the pipe once more at
        # its end, and make that its exit code.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    return code
