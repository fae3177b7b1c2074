from pathlib import Path

import pytest

from ctibridge.lookup.sources import encoding
from ctibridge.lookup.sources.encoding import LONGEST_LINE, Unreadable, lines, recognise

TEXT = "id,name\nacme,Zürich–Straße\n"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (TEXT.encode(), "UTF-8"),
        (TEXT.encode("utf-8-sig"), "UTF-8"),
        (TEXT.encode("utf-16"), "UTF-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "UTF-16"),
        (TEXT.encode("utf-16-le"), "UTF-16"),
        (TEXT.encode("utf-16-be"), "UTF-16"),
        (TEXT.encode("cp1252"), "Windows-1252"),
    ],
)
def test_recognised_and_read(tmp_path: Path, data: bytes, name: str) -> None:
    path = tmp_path / "accounts.csv"
    path.write_bytes(data)
    found = recognise(path)
    assert found.name == name
    assert "".join(lines(path, found)) == TEXT


def test_one_wrong_byte_far_behind_makes_it_windows_1252(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "_BLOCK", 8)  # also a letter that lies across two blocks
    path = tmp_path / "accounts.csv"
    path.write_bytes("Zürich ".encode() * 50)
    assert recognise(path).name == "UTF-8"
    path.write_bytes("Zürich ".encode() * 50 + b"\xe9\n")
    assert recognise(path).name == "Windows-1252"


def test_an_empty_file_is_utf8(tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.touch()
    assert recognise(path).name == "UTF-8"


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="No such file"):
        recognise(tmp_path / "accounts.csv")


def test_a_file_that_is_cut_off_says_where(tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.write_bytes("id\nacme\nx".encode("utf-16")[:-1])
    with pytest.raises(Unreadable, match=r"accounts\.csv:\d+: not UTF-16"):
        list(lines(path, recognise(path)))


def test_a_line_without_end_is_given_up_in_time(tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.write_bytes(b"id,name\n" + b"x" * (LONGEST_LINE + 10))
    with pytest.raises(Unreadable, match=r"accounts\.csv:2: a line of more than"):
        list(lines(path, recognise(path)))
