"""The search for cyclic garbage rests, and goes on as it was."""

import argparse
import gc
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from ctibridge import cli
from ctibridge.cli import main
from ctibridge.uncollected import uncollected


def test_it_rests_and_goes_on() -> None:
    with uncollected():
        assert not gc.isenabled()
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled(), "the outer one lasts"
    assert gc.isenabled()


def test_it_goes_on_behind_a_failure() -> None:
    with pytest.raises(ZeroDivisionError), uncollected():
        _ = 1 / 0
    assert gc.isenabled()


def test_where_it_was_off_it_stays_off() -> None:
    gc.disable()
    try:
        with uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_command_loads_without_it_and_runs_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    said = []

    def run(_: argparse.Namespace) -> int:
        said.append(gc.isenabled())
        return 0

    def add(commands: Any) -> None:
        said.append(gc.isenabled())
        commands.add_parser("say").set_defaults(run=run)

    monkeypatch.setattr(cli, "modules", lambda _: [SimpleNamespace(add=add)])
    assert main(["say"]) == 0
    assert said == [False, True]


@pytest.mark.parametrize(("argv", "kept"), [("None", True), ("['schema', 'events']", False)])
def test_only_a_process_of_its_own_keeps_its_modules_for_good(argv: str, kept: bool) -> None:
    """Who calls it from a process that goes on would keep what is garbage there."""
    program = (
        f"import gc, sys; from ctibridge.cli import main; main({argv}); print(gc.get_freeze_count(), file=sys.stderr)"
    )
    words = [sys.executable, "-c", program, "schema", "events"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert (int(done.stderr) > 1000) is kept
