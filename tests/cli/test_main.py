"""What all commands have in common: help, one line for a problem, a reader that goes away."""

import argparse
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ctibridge import __version__, cli
from ctibridge.cli import MODULES, main, modules


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"ctibridge {__version__}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "ctibridge: the following arguments are required: COMMAND; see ctibridge --help\n"),
        (["run", "--colour", "a\nb"], "ctibridge: unrecognized arguments: --colour a b; see ctibridge --help\n"),
        (["import"], "ctibridge import: the following arguments are required: PATH; see ctibridge import --help\n"),
        (["token"], "ctibridge token: the following arguments are required: ACTION; see ctibridge token --help\n"),
        (
            ["token", "revoke"],
            "ctibridge token revoke: the following arguments are required: ID; see ctibridge token revoke --help\n",
        ),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 2
    assert capsys.readouterr().err == said


def test_an_unknown_command_is_one_line_too(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["fly"])
    assert end.value.code == 2
    said = capsys.readouterr().err
    assert "'fly'" in said
    assert said.count("\n") == 1


def test_a_missing_configuration_is_one_line_with_the_mend(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["run", "--config", str(tmp_path / "none.toml")]) == 2
    said = capsys.readouterr().err
    assert (
        said
        == f"ctibridge: {tmp_path}/none.toml: No such file or directory; name the configuration with --config FILE\n"
    )


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    names = "run demo check import lookup share grant revoke grants announce account erase export backup restore token "
    names += "watch schema selftest audit cluster"
    assert [name for names in MODULES.values() for name in names] == names.split()
    for name in names.split():
        with pytest.raises(SystemExit) as end:
            main([name, "--help"])
        assert end.value.code == 0
        assert f"usage: ctibridge {name}" in capsys.readouterr().out


def test_a_name_that_the_terminal_has_no_letters_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A locale that is not of UTF-8: what it can show is shown."""
    out = TextIOWrapper(BytesIO(), encoding="latin-1")
    command = SimpleNamespace(add=_a_command_that_prints("Zoë 佐藤"))
    monkeypatch.setattr(cli, "modules", lambda _: [command])
    monkeypatch.setattr(sys, "stdout", out)
    assert main(["say"]) == 0
    out.flush()
    assert out.buffer.getvalue().decode("latin-1") == "Zoë ??\n"


def _a_command_that_prints(text: str) -> Callable[[Any], None]:
    def run(_: argparse.Namespace) -> int:
        sys.stdout.write(text + "\n")
        return 0

    return lambda commands: commands.add_parser("say").set_defaults(run=run)


def test_each_module_adds_the_commands_that_are_said_to_be_its() -> None:
    for module, names in zip(modules(), MODULES.values(), strict=True):
        commands = argparse.ArgumentParser().add_subparsers()
        module.add(commands)
        assert tuple(commands.choices) == names


def test_a_command_loads_no_other_one() -> None:
    """Each of them took a second and a half to begin, most of it for the telephony that it never used."""
    program = (
        "import sys; from ctibridge.cli import main; main(['schema', 'events']); print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = done.stderr.split()
    assert "ctibridge.cli.schema" in loaded
    assert not {"ctibridge.app", "ctibridge.cli.run", "ctibridge.cli.directory"} & set(loaded)


def test_a_reader_that_has_gone_is_no_failure() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "ctibridge", "schema", "events"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=60) == 0
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
