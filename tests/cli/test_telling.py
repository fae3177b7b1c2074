import sys

import pytest

from ctibridge.cli.telling import telling


def test_a_person_sees_how_far_it_is_and_then_nothing_of_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with telling() as tell:
        tell("copying ctibridge.db", 512 << 20, 1 << 30)
        shown = capsys.readouterr().err
        assert "copying ctibridge.db" in shown
        assert "50%" in shown
        assert "512 of 1,024" in shown
        tell("testing ctibridge.db", 0, 0)
        assert "testing ctibridge.db" in capsys.readouterr().err
    assert capsys.readouterr().err.strip() == ""


def test_nobody_looks_on(capsys: pytest.CaptureFixture[str]) -> None:
    with telling() as tell:
        tell("copying ctibridge.db", 1, 2)
    assert capsys.readouterr() == ("", "")
