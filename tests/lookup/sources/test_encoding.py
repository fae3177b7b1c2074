import os
from pathlib import Path

import pytest

from ctibridge.lookup.sources import plain_file
from ctibridge.lookup.sources.encoding import Encoding, Unreadable, is_text, line_ends, named, recognise, texts
from ctibridge.lookup.sources.plain_file import PlainFile

TEXT = "id,name\nacme,Zürich–Straße\n"


def file(tmp_path: Path, data: bytes) -> PlainFile:
    path = tmp_path / "accounts.csv"
    path.write_bytes(data)
    return PlainFile(path)


def text(opened: PlainFile, encoding: Encoding) -> str:
    return "".join(part for part, _ in texts(opened, encoding))


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
@pytest.mark.parametrize("block", [3, 1 << 18])
def test_recognised_and_read(
    tmp_path: Path, data: bytes, name: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = file(tmp_path, data)
    found = recognise(opened)
    monkeypatch.setattr(plain_file, "BLOCK", block)  # also a letter that lies across two blocks
    assert found.name == name
    assert text(opened, found) == TEXT


def test_a_text_without_a_single_letter_of_utf8_is_windows_1252_however_late_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain_file, "BLOCK", 8)
    assert recognise(file(tmp_path, "Zürich ".encode() * 50)).name == "UTF-8"
    assert recognise(file(tmp_path, b"Zurich " * 50 + b"\xe9\n")).name == "Windows-1252"


def test_an_accident_that_looks_like_utf8_does_not_make_windows_1252_of_it(tmp_path: Path) -> None:
    """`É»` at the end of a French quotation is a letter of UTF-8, too."""
    data = ("Zürich " * 200 + "«CAFÉ»\n").encode("cp1252")
    assert recognise(file(tmp_path, data)).name == "Windows-1252"


@pytest.mark.parametrize("before", [True, False])
def test_some_wrong_bytes_do_not_spoil_all_names_of_a_file(tmp_path: Path, before: bool) -> None:
    """One row of another encoding made `ZÃ¼rich` of fifty good ones."""
    good, bad = "Zürich\n".encode() * 50, b"Gen\xe8ve\n"
    opened = file(tmp_path, bad + good if before else good + bad)
    found = recognise(opened)
    assert found.name == "UTF-8"
    read = text(opened, found).splitlines()
    assert sum(line == "Zürich" for line in read) == 50
    assert [line for line in read if not is_text(line)] == ["Gen\udce8ve"]


def test_an_empty_file_is_utf8(tmp_path: Path) -> None:
    opened = file(tmp_path, b"")
    assert recognise(opened).name == "UTF-8"
    assert [*texts(opened, Encoding("utf-8", "UTF-8"))] == [("", 0)]


def test_marks_of_files_that_were_joined_are_gone(tmp_path: Path) -> None:
    opened = file(tmp_path, "a\n".encode("utf-8-sig") + "b\n".encode("utf-8-sig"))
    assert text(opened, recognise(opened)) == "a\nb\n"


def test_a_file_that_is_cut_off_says_where(tmp_path: Path) -> None:
    opened = file(tmp_path, "id\nacme\nx".encode("utf-16")[:-1])
    with pytest.raises(Unreadable, match=r"accounts\.csv:3: not UTF-16 text; save the file as UTF-8"):
        text(opened, recognise(opened))


def test_wrong_utf16_in_the_middle_says_where(tmp_path: Path) -> None:
    data = "id\nacme\n".encode("utf-16-le") + b"\x00\xdc" + "\nx\n".encode("utf-16-le")
    opened = file(tmp_path, data)
    with pytest.raises(Unreadable, match=r"accounts\.csv:3: not UTF-16"):
        text(opened, recognise(opened))


def test_a_line_of_ten_gigabytes_is_not_read_to_find_its_encoding(tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.write_bytes(b"id,name\n" + b"acme,ACME\n" * 100_000)
    os.truncate(path, 10 << 30)
    opened = PlainFile(path)
    read = 0

    def counted() -> object:
        nonlocal read
        for block in blocks():
            read += len(block)
            yield block

    blocks = opened.blocks
    opened.blocks = counted  # type: ignore[method-assign,assignment]
    assert recognise(opened).name == "UTF-8"
    assert read < 16 << 20


@pytest.mark.parametrize(
    ("codec", "name"),
    [("windows-1250", "cp1250"), ("UTF8", "utf-8"), ("latin-1", "iso8859-1"), ("shift_jis", "shift_jis")],
)
def test_an_encoding_by_its_name(codec: str, name: str) -> None:
    assert named(codec).codec == name


@pytest.mark.parametrize("codec", ["nonsense", "", "rot13", "zlib", "a\0b"])
def test_what_is_no_encoding(codec: str) -> None:
    with pytest.raises(ValueError, match="is no encoding; write it like utf-8"):
        named(codec)


@pytest.mark.parametrize("codec", ["cp1250", "shift_jis", "iso2022_jp", "utf-7", "gb18030"])
def test_any_encoding_is_read_across_blocks(tmp_path: Path, codec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_file, "BLOCK", 3)
    expected = "name\nŁódź\n" if codec == "cp1250" else "name\n東京\n"
    assert text(file(tmp_path, expected.encode(codec)), named(codec)) == expected


@pytest.mark.parametrize("codec", ["utf-7", "shift_jis", "cp1252", "utf-8", "gb18030", "iso2022_jp", "hz"])
def test_bytes_that_an_encoding_does_not_have_end_in_words_or_are_marked(tmp_path: Path, codec: str) -> None:
    opened = file(tmp_path, b"name\nx\x81\x8d\xff\xfe~}\x1b$\n")
    try:
        assert not is_text(text(opened, named(codec)))
    except Unreadable as error:
        assert "accounts.csv:2: not " in str(error)  # noqa: PT017 - either is right


@pytest.mark.parametrize(
    ("lines", "ends"),
    [("", 0), ("a", 0), ("a\nb\n", 2), ("a\rb\r", 2), ("a\r\nb\r\n", 2), ("a\n\rb", 2), ("a\r\r\n", 2)],
)
def test_line_ends(lines: str, ends: int) -> None:
    assert line_ends(lines) == ends


@pytest.mark.parametrize(
    ("sample", "expected"), [("Zürich\t\n", True), ("", True), ("a\0b", False), ("a\udce8", False), ("東\udcff", False)]
)
def test_what_is_text(sample: str, expected: bool) -> None:
    assert is_text(sample) is expected
