"""The commands: what a person types and reads.

Exit code: 0 done, 1 failed or found a problem, 2 wrong usage or configuration.
"""

import argparse
import os
import sys
from typing import NoReturn

from ctibridge import __version__
from ctibridge.cli import access, account, check, demo, directory, run, schema, token
from ctibridge.cli.problem import Problem
from ctibridge.cli.shown import shown

COMMANDS = (run, demo, check, directory, access, account, token, schema)


class Parser(argparse.ArgumentParser):
    """Wrong usage is one line, as every other problem is. Subparsers are of this class, too."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {' '.join(message.split())}; see {self.prog} --help\n")


def parser() -> argparse.ArgumentParser:
    """Each command module adds its own parsers and names the function that runs them."""
    top = Parser(prog="ctibridge", description="Screen pop for desks that answer for many companies.")
    top.add_argument("--version", action="version", version=f"ctibridge {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in COMMANDS:
        module.add(commands)
    return top


def main(argv: list[str] | None = None) -> int:
    """Returns the exit code; a `Problem` becomes one line on standard error."""
    args = parser().parse_args(argv)
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
