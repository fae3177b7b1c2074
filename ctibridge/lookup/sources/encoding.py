"""In which encoding a file is, and its lines one by one, each of bounded length.

A file without a byte order mark is read twice: once to see that it is UTF-8 to its end, once to use it.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# A line longer than this is no row of a directory; whole files of it would else be one string in memory.
LONGEST_LINE = 1 << 20
_BLOCK = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)


class Unreadable(Exception):
    """The file cannot be read to its end; nothing of it is used."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """codec: Python's name; name: for people."""

    codec: str
    name: str


def recognise(path: Path) -> Encoding:
    """Byte order mark, else UTF-16 by its zeros, else UTF-8 if all of it is, else Windows-1252. Raises Unreadable."""
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}") from None
    for mark, codec, name in _MARKS:
        if start.startswith(mark):
            return Encoding(codec, name)
    if b"\0" in start:
        return Encoding("utf-16-le" if start[1::2].count(0) >= start[::2].count(0) else "utf-16-be", "UTF-16")
    return Encoding("utf-8", "UTF-8") if _is_utf8(path) else Encoding("cp1252", "Windows-1252")


def lines(path: Path, encoding: Encoding) -> Iterator[str]:
    """The lines with their ends. Raises Unreadable for bytes that are no text and for lines that never end."""
    number = 0
    try:
        # newline="": the CSV reader must see the line ends inside of quotes as they are.
        with path.open(encoding=encoding.codec, newline="") as file:
            while line := file.readline(LONGEST_LINE):
                number += 1
                if len(line) == LONGEST_LINE:
                    raise Unreadable(
                        f"{path}:{number}: a line of more than {LONGEST_LINE:,} characters; is a quote open?"
                    )
                yield line
    except UnicodeError:
        raise Unreadable(f"{path}:{number + 1}: not {encoding.name} text; save the file as UTF-8") from None
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}") from None


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}") from None
    return True
