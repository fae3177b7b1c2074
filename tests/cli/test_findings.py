"""How findings are shown."""

import json

import pytest

from ctibridge.cli.findings import Row, exit_code, lines, print_rows, summary
from ctibridge.domain.finding import Finding, note

GOOD = Row(Finding("store", "sound"), "store")
NOTED = Row(note("time", "set by hand", "timedatectl set-ntp true"), "clock")
BROKEN = Row(Finding("free space", "0 bytes", "make room"), "store")


def test_rows_are_aligned_and_each_is_one_line() -> None:
    odd = Row(Finding("store", "two\nlines \x1b[31m"), "store")
    assert lines([GOOD, NOTED, BROKEN, odd], coloured=False) == [
        "ok    store  store             sound",
        "NOTE  clock  time              set by hand - timedatectl set-ntp true",
        "MEND  store  free space        0 bytes - make room",
        "ok    store  store             two lines [31m",
    ]


def test_without_subjects_there_is_no_column_for_them() -> None:
    assert lines([Row(Finding("share", "without end"))], coloured=False) == ["ok    share             without end"]
    assert lines([], coloured=False) == []


def test_only_the_tag_is_coloured() -> None:
    (line,) = lines([BROKEN], coloured=True)
    assert line == "\x1b[1;31mMEND  \x1b[0mstore  free space        0 bytes - make room"


@pytest.mark.parametrize(
    ("rows", "code", "said"),
    [
        ([], 0, "all is well"),
        ([GOOD], 0, "all is well"),
        ([GOOD, NOTED], 0, "nothing to mend, 1 worth knowing"),
        ([GOOD, BROKEN], 1, "1 thing to mend"),
        ([BROKEN, NOTED, BROKEN, NOTED], 1, "2 things to mend, 2 worth knowing"),
    ],
)
def test_only_what_has_to_be_mended_fails(rows: list[Row], code: int, said: str) -> None:
    assert (exit_code(rows), summary(rows)) == (code, said)


def test_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([NOTED, Row(Finding("share", "without end"))], as_json=True)
    assert json.loads(capsys.readouterr().out) == [
        {
            "subject": "clock", "what": "time", "kind": "note", "ok": False, "text": "set by hand",
            "mend": "timedatectl set-ntp true",
        },
        {"what": "share", "kind": "ok", "ok": True, "text": "without end", "mend": None},
    ]  # fmt: skip
