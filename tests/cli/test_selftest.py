"""`ctibridge selftest`: what it needs, and what it prints. Real calls are made in tests/e2e/test_selftest.py."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from ctibridge import logs
from ctibridge.cli import main
from ctibridge.cli.selftest import ENDED
from ctibridge.selftest.adapters import kept, trial
from tests.cli.test_directory import SAMPLE

WEB = '[node]\nstate_dir = "state"\n[web]\nlisten = "127.0.0.1:9"\n'
TRUNK = (
    '[[trunk]]\nname = "{name}"\nregistrar = "sip:127.0.0.1:9"\nlisten = "127.0.0.1:0"\ncountry = "DE"\n'
    '[[trunk.line]]\nuser = "6001"\nagents = ["ana"]\n[[trunk.line]]\nuser = "6002"\nagents = ["ana", "ben"]\n'
)
TEST = '[trunk.selftest]\nuser = "+41790000017"\n'


@pytest.fixture(autouse=True)
def _the_tests_own_logging(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command silences the whole process, and this one goes on."""
    monkeypatch.setattr(logs, "configure", lambda **_: None)


def run(folder: Path, text: str, *words: str) -> int:
    path = folder / "ctibridge.toml"
    path.write_text(WEB + text, encoding="utf-8")
    return main(["selftest", *words, "--config", str(path)])


def pbx(test: str, name: str = "pbx") -> str:
    return TRUNK.format(name=name) + TEST + test


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        ("", (), "no trunk has a selftest; add [trunk.selftest]"),
        (TRUNK.format(name="pbx"), ("--trunk", "pbx"), "trunk pbx has no selftest"),
        (pbx('dial = "6001"\n'), ("--trunk", "other"), "no trunk is called 'other'; there are pbx"),
        (pbx('dial = "+4930"\n'), (), "it dials no line, so nobody knows at whose desk it has to pop; add agent"),
        (pbx('dial = "6002"\n'), (), "line 6002 has 2 agents"),
        (pbx('dial = "+4930"\nphone = "6003"\n'), (), "phone '6003' is no line of this trunk"),
        (pbx('dial = "6001"\npassword = { file = "nowhere" }\n'), (), "trunk pbx, selftest: secret file"),
        (pbx('dial = "6001"\npatience = "5m"\n'), (), "patience is between 100ms and 60s"),
        (pbx('dial = "60 01"\n'), (), "no user part of a SIP address"),
    ],
)
def test_what_it_cannot_do_without(
    text: str, words: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, text, *words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.count("\n") == 1


def test_each_trunk_is_called_and_each_result_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = pbx('dial = "6001"\n') + pbx('dial = "6002"\nagent = "ben"\n', "other")
    assert run(tmp_path, text, "--json") == 1
    results = json.loads(capsys.readouterr().out)
    assert [(one["trunk"], one["good"], one["word"], one["pop_ms"]) for one in results] == [
        ("pbx", False, "directory", None), ("other", False, "directory", None),
    ]  # fmt: skip
    assert results[0]["rows"][0]["mend"]
    assert [(one.trunk, one.failed) for one in kept.load(tmp_path / "state")] == [
        ("pbx", "directory"), ("other", "directory"),
    ]  # fmt: skip


def test_one_screen_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path, "")
    main(["import", str(SAMPLE), "--config", str(tmp_path / "ctibridge.toml")])
    capsys.readouterr()
    assert run(tmp_path, pbx('dial = "6001"\n')) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("selftest of trunk pbx, 20")
    assert [line.split()[0] for line in out[1:5]] == ["caller", "PBX", "phone", "desk"]
    assert out[-2].startswith("MEND  daemon  ")
    assert "\x1b" not in "".join(out)
    assert out[-1] == "the test call failed: daemon"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    run(tmp_path, pbx('dial = "6001"\n'))
    assert "\x1b[1;31mMEND" in capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")
    run(tmp_path, pbx('dial = "6001"\n'))
    assert "\x1b" not in capsys.readouterr().out


def test_a_state_directory_that_takes_no_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept, "keep", full)
    assert run(tmp_path, pbx('dial = "6001"\n')) == 1
    out = capsys.readouterr().out
    assert "it cannot be kept in state_dir: No space left on device - make room" in out
    assert out.splitlines()[-1] == "the test call failed: directory", "what was seen is told all the same"


@pytest.mark.parametrize(("ignored", "ended"), [(False, True), (True, False)], ids=["closed", "nohup"])
def test_a_terminal_that_is_closed_ends_it_in_order(
    ignored: bool, ended: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def closed(one: trial.Trial) -> trial.Result:
        os.kill(os.getpid(), signal.SIGHUP)
        for _ in range(3):
            await asyncio.sleep(0)
        return await ran(one)

    ran = trial.run
    monkeypatch.setattr(trial, "run", closed)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else signal.SIG_DFL)
    try:
        assert run(tmp_path, pbx('dial = "6001"\n')) == (ENDED if ended else 1)
    finally:
        signal.signal(signal.SIGHUP, before)
