import os
import tracemalloc
from pathlib import Path

import pytest

from ctibridge.lookup.sheets import Chunk
from ctibridge.lookup.sources import plain_file
from ctibridge.lookup.sources.chunks import Text
from ctibridge.lookup.sources.encoding import LONGEST_LINE, Encoding, Unreadable
from ctibridge.lookup.sources.plain_file import PlainFile

UTF8 = Encoding("utf-8", "UTF-8")


def files_open() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def opened(tmp_path: Path, text: str) -> Text:
    path = tmp_path / "people.csv"
    path.write_bytes(text.encode())
    return Text(PlainFile(path), UTF8)


def test_chunks_are_whole_rows_with_the_line_where_they_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_file, "BLOCK", 10)
    chunks = list(opened(tmp_path, 'a,b\nc,d\n"e\nf",g\nh,i\nj,k').chunks(","))
    assert [(chunk.line, chunk.text) for chunk in chunks] == [
        (1, "a,b\nc,d\n"),
        (3, '"e\nf",g\nh,i\n'),
        (6, "j,k"),
    ]
    assert [chunk.read for chunk in chunks] == [10, 20, 23]


def test_a_line_end_of_two_signs_is_not_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_file, "BLOCK", 4)
    chunks = list(opened(tmp_path, "a,b\r\nc,d\r\ne\rf\r").chunks(","))
    assert "".join(chunk.text for chunk in chunks) == "a,b\r\nc,d\r\ne\rf\r"
    assert [chunk.line for chunk in chunks] == sorted({chunk.line for chunk in chunks})
    assert not any(chunk.text.startswith("\n") for chunk in chunks)


def test_what_was_looked_at_is_skipped(tmp_path: Path) -> None:
    text = opened(tmp_path, "id,name\nacme,ACME\n")
    assert (text.beginning, text.is_whole) == ("id,name\nacme,ACME\n", True)
    text.skip(8)
    assert list(text.chunks(",")) == [Chunk(str(tmp_path / "people.csv"), 2, "acme,ACME\n", 18)]


def test_nothing_is_no_chunk(tmp_path: Path) -> None:
    assert list(opened(tmp_path, "").chunks(",")) == []


def test_a_quote_that_is_never_closed_says_where_it_was_opened(tmp_path: Path) -> None:
    """Python's reader makes one cell of all that follows, and says nothing: people would be lost in silence."""
    chunks = opened(tmp_path, 'a,b\nc,"d\ne,f\ng,h\n').chunks(",")
    with pytest.raises(Unreadable, match=r"people\.csv:2: a quote is opened in this row and never closed"):
        list(chunks)


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_line_of_ten_gigabytes_ends_soon_with_its_place(tmp_path: Path, quote: str) -> None:
    path = tmp_path / "people.csv"
    path.write_text(f"a,b\nc,{quote}")
    os.truncate(path, 10 << 30)
    tracemalloc.start()
    try:
        with pytest.raises(Unreadable, match=rf"people\.csv:2: a line of more than {LONGEST_LINE:,} characters"):
            list(Text(PlainFile(path), UTF8).chunks(","))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 16 * LONGEST_LINE


def test_the_file_is_closed_behind_its_last_row_and_when_nobody_wants_more(tmp_path: Path) -> None:
    before = files_open()
    list(opened(tmp_path, "a,b\n").chunks(","))
    assert files_open() == before
    chunks = opened(tmp_path, "a,b\n").chunks(",")
    next(chunks)
    chunks.close()  # type: ignore[attr-defined]
    assert files_open() == before


def test_a_file_that_grows_while_its_rows_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_file, "BLOCK", 8)
    chunks = opened(tmp_path, "a,b\n" * 10).chunks(",")
    next(chunks)
    with (tmp_path / "people.csv").open("a") as file:
        file.write("c,d\n")
    with pytest.raises(Unreadable, match="changed while it was read; import it again"):
        list(chunks)
