"""Commands as a person types them."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ctibridge.cli import main
from ctibridge.lookup.adapters.schema import FILE
from tests.cli.test_directory import config

Run = Callable[..., tuple[int, str, str]]


def run(folder: Path, *argv: str) -> int:
    """`ctibridge ARGV` over the store in that folder: the exit code, also of a problem."""
    return main([*argv, "--config", config(folder)])


def heard(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("share", "acme")` is `ctibridge share acme`: exit code (of wrong usage, too), output, errors. The store has
    ACME and ana, and nothing is shared. The configuration is written once: a test may add to it."""
    path = config(folder)

    def command(*arguments: str) -> tuple[int, str, str]:
        try:
            code = main([*arguments, "--config", path])
        except SystemExit as usage:
            code = int(usage.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    command("grants")
    with closing(directory(folder)) as store:
        store.execute("INSERT INTO directory_account (no, id, name, languages) VALUES (1, 'acme', 'ACME AG', 'de')")
        store.execute("INSERT INTO directory_agent (id, name, disabled) VALUES ('ana', 'Ana', 0)")
    return command


def directory(folder: Path) -> sqlite3.Connection:
    """The directory as another program has it."""
    return sqlite3.connect(folder / "state" / FILE, isolation_level=None)
