"""`ctibridge erase` where no daemon runs; with one: tests/e2e."""

import io
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from ctibridge import installation
from ctibridge.cli import erase as command
from ctibridge.lookup.adapters.erasing import Erasing
from ctibridge.lookup.adapters.schema import FILE
from tests.cli.commands import Run
from tests.cli.test_access import run
from tests.delivery.adapters.outboxes import opened
from tests.delivery.kept_examples import ACME, event
from tests.delivery.test_erased import pop

__all__ = ["run"]
PERSON = ("erase", "--account", "acme", "--person", "p17")
NUMBER = "+41790000017"


@pytest.fixture
async def told(tmp_path: Path, run: Run) -> Path:
    """A desk was told of her. Returns the state directory."""
    outbox = await opened(tmp_path / "state")
    outbox.keep_event(event(1, kind="call.ringing", accounts=ACME, data=pop("p17", number=NUMBER)))
    await outbox.close()
    return tmp_path / "state"


def raw(folder: Path) -> bytes:
    """Without what readers keep of a log in shared memory: whoever only reads the store leaves it there."""
    files = (path for path in sorted(folder.iterdir()) if path.is_file() and not path.name.endswith("-shm"))
    return b"".join(path.read_bytes() for path in files)


def test_it_goes_from_directory_and_desks_and_says_what(run: Run, told: Path) -> None:
    assert b"79000001" in raw(told)
    code, said, complained = run(*PERSON, "--yes")
    assert (code, complained) == (0, "")
    assert said.splitlines() == [
        "left the directory: 1 numbers, 1 people",
        "left the desks: 1 events",
        "gone, also from calls; imports leave this person out (to end that: ctibridge erase --lift)",
    ]
    assert b"79000001" not in raw(told)
    assert b"Regula" not in raw(told)
    assert run(*PERSON, "--lift")[:2] == (0, "the next import of acme may bring this person back\n")
    assert run(*PERSON, "--lift")[0] == 1


def test_the_store_of_before_a_restore_is_named(run: Run, told: Path) -> None:
    aside = told / "replaced-20261120T120000Z"
    aside.mkdir()
    code, said, _ = run(*PERSON, "--yes")
    assert code == 0
    assert said.splitlines()[-1] == f"still in {aside}, the store of before a restore: remove it"


def test_a_dry_run_says_what_and_changes_nothing(run: Run, told: Path) -> None:
    before = {path.name: path.read_bytes() for path in told.glob("*.db")}
    assert run(*PERSON, "--dry-run") == (0, "would leave the directory: 1 numbers, 1 people\n", "")
    changed = [name for name, content in before.items() if (told / name).read_bytes() != content]
    assert changed == []  # who compares them whole is shown a difference that takes minutes to find


def test_a_number_comes_from_standard_input_so_that_no_process_list_has_it(
    run: Run, told: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("+41 79 000 00 17\n"))
    code, said, complained = run("erase", "--number", "-", "--yes")
    assert (code, complained) == (0, "")
    assert said.startswith("left the directory: 1 numbers\nleft the desks: 1 events\n")
    assert b"79000001" not in raw(told)
    assert b"Regula" in raw(told), "the person stays"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "code"), [("p17\n", 0), ("p18\n", 1), ("", 1)])
def test_on_a_terminal_the_id_has_to_be_typed(
    run: Run, told: Path, monkeypatch: pytest.MonkeyPatch, typed: str, code: int
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    found, said, complained = run(*PERSON)
    assert found == code
    assert "erase Regula Frei of acme and all calls that name them?" in said
    assert (b"Regula" in raw(told)) == bool(code)
    assert complained == ("ctibridge: nothing was changed\n" if code else "")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ((), "--account A --person P, or --number N"),
        (("--person", "p17"), "add --account A"),
        (("--number", "1", "--person", "p", "--account", "acme"), "or --number N"),
        (("--number", "4711", "--yes"), "a short number is in every company"),
        (("--number", "hello", "--yes"), "write it like +49"),
        (("--number", NUMBER, "--lift"), "--lift needs --account"),
        (("--account", "acme", "--person", "p17"), "nobody can be asked here: add --yes"),
    ],
)
def test_wrong_usage_is_one_line(
    run: Run, words: tuple[str, ...], complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    code, said, complained = run("erase", *words)
    assert (code, said) == (2, "")
    assert complaint in complained
    assert complained.count("\n") == 1


def test_an_account_that_is_not_there(run: Run) -> None:
    code, _, complained = run("erase", "--account", "nope", "--person", "p1", "--yes")
    assert (code, complained) == (1, "ctibridge: account 'nope' is not known\n")


def test_a_service_that_does_not_carry_it_out_is_named_and_an_interrupted_order_stands(
    run: Run, told: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock is a daemon's; nobody carries it out."""
    monkeypatch.setattr(command, "TELL_AFTER", 0.0)
    monkeypatch.setattr(command, "LOOK_EVERY", 0.0)
    asked: list[object] = []

    async def is_done(self: object, no: int) -> bool:
        asked.append(no)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return False

    lock = installation.take(told)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(Erasing, "is_done", is_done)
            code, said, complained = run(*PERSON, "--yes")
    finally:
        os.close(lock)
    assert code == 1
    assert "left the directory: 1 numbers, 1 people" in said
    assert "the service has not carried it out after 0 s" in complained
    assert complained.endswith("the order stands: the service carries it out, now or at its next start\n")
    with closing(sqlite3.connect(told / FILE)) as db:
        assert db.execute("SELECT count(*) FROM directory_erasure WHERE done IS NULL").fetchone() == (1,)
    # Whoever erases next, here with no daemon, does what was left.
    assert run(*PERSON, "--yes")[0] == 0
    assert b"79000001" not in raw(told)
