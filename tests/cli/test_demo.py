"""The command's own share: arguments, and errors as one line."""

import errno

import pytest

from ctibridge import logs
from ctibridge.cli import demo, main
from ctibridge.demo.demo import DemoError, Show
from ctibridge.demo.phones import NoPhone


@pytest.fixture(autouse=True)
def _logs_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "configure", lambda **_: None)


@pytest.mark.parametrize("calls", ["0", "-1", "many"])
def test_a_number_of_calls_is_one_at_least(calls: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        main(["demo", "--calls", calls])
    assert exited.value.code == 2
    assert "--calls" in capsys.readouterr().err


def test_arguments_reach_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = []

    async def run(show: Show) -> None:
        shown.append(show)

    monkeypatch.setattr(demo, "run_demo", run)
    assert main(["demo", "--calls", "3", "--json"]) == 0
    assert main(["demo"]) == 0
    assert shown == [Show(3, json=True), Show(None, json=False)]


@pytest.mark.parametrize("error", [DemoError("it broke"), NoPhone("no phone"), OSError(errno.EMFILE, "too many")])
def test_an_error_is_one_line(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def run(_: Show) -> None:
        raise error

    monkeypatch.setattr(demo, "run_demo", run)
    assert main(["demo"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
