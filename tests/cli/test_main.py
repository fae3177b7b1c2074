"""What all commands have in common: help, one line for a problem, a reader that goes away."""

import subprocess
import sys
from pathlib import Path

import pytest

from ctibridge import __version__
from ctibridge.cli import COMMANDS, main


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"ctibridge {__version__}\n"


@pytest.mark.parametrize("words", [[], ["fly"], ["run", "--colour", "blue"], ["token"]])
def test_wrong_usage_is_exit_code_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 2
    assert "usage: ctibridge" in capsys.readouterr().err


def test_a_missing_configuration_is_one_line_with_the_mend(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["run", "--config", str(tmp_path / "none.toml")]) == 2
    said = capsys.readouterr().err
    assert (
        said
        == f"ctibridge: {tmp_path}/none.toml: No such file or directory; name the configuration with --config FILE\n"
    )


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(COMMANDS) == 5
    for name in ("run", "demo", "import", "lookup", "token", "schema"):
        with pytest.raises(SystemExit) as end:
            main([name, "--help"])
        assert end.value.code == 0
        assert f"usage: ctibridge {name}" in capsys.readouterr().out


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
