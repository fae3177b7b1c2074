"""In which encoding a file is, and its text in blocks.

A file without a byte order mark is read twice: once to see that it is UTF-8 to its end, once to use it. Bytes that are
no text come out as lone surrogates (PEP 383), so that only their rows are refused; `is_text` sees them.
"""

import codecs
import re
from collections.abc import Generator
from dataclasses import dataclass

from ctibridge.lookup.sources.plain_file import PlainFile, Unreadable

__all__ = ["LONGEST_LINE", "NO_TEXT", "Encoding", "Unreadable", "is_text", "line_ends", "named", "recognise", "texts"]

LONGEST_LINE = 1 << 20
"""Characters of a row; a longer one is no row of a directory, and a whole file of it would be one string in memory."""
NO_TEXT = "holds bytes that are no text in the encoding of the file; save it as UTF-8"

_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
_MARK = "\ufeff"
_LONE = re.compile("[\ud800-\udfff]")
# A character of UTF-8 has at most so many bytes.
_WIDEST = 4
# Of text in an older encoding about one accent in a thousand looks like UTF-8 by accident.
_BY_ACCIDENT = 10


@dataclass(frozen=True, slots=True)
class Encoding:
    """codec: Python's name; name: for people."""

    codec: str
    name: str


def recognise(file: PlainFile) -> Encoding:
    """Byte order mark, else UTF-16 by its zeros, else UTF-8 if it mostly is, else Windows-1252. Raises Unreadable."""
    blocks = file.blocks()
    start = next(blocks, b"")
    blocks.close()
    for mark, codec, name in _MARKS:
        if start.startswith(mark):
            return Encoding(codec, name)
    # The header's first letters are ASCII: one half of each is zero.
    zeros = [byte == 0 for byte in start[:4]]
    if zeros == [False, True] * 2:
        return Encoding("utf-16-le", "UTF-16")
    if zeros == [True, False] * 2:
        return Encoding("utf-16-be", "UTF-16")
    return Encoding("utf-8", "UTF-8") if _is_utf8(file) else Encoding("cp1252", "Windows-1252")


def named(codec: str) -> Encoding:
    """An encoding by one of Python's names for it. Raises ValueError for what is none."""
    try:
        b"a".decode(codec, errors="ignore")
        info = codecs.lookup(codec)
    except (LookupError, ValueError, UnicodeError):
        raise ValueError(f"{codec!r} is no encoding; write it like utf-8, windows-1250 or iso-8859-15") from None
    return Encoding(info.name, info.name)


def texts(file: PlainFile, encoding: Encoding) -> Generator[tuple[str, int], None, None]:
    """The text block by block, with the bytes read so far. Byte order marks are gone, also where files were joined.

    Raises Unreadable; naming the line, where the rest of the file cannot be made out.
    """
    decoder = codecs.getincrementaldecoder(encoding.codec)(_errors(encoding))
    line, at = 1, 0
    try:
        for block in file.blocks():
            at += len(block)
            text = decoder.decode(block)
            line += line_ends(text)
            yield text.replace(_MARK, ""), at
        yield decoder.decode(b"", final=True), at
    except UnicodeDecodeError as error:
        line += line_ends(error.object[: error.start].decode(encoding.codec, errors="replace"))
        raise Unreadable(f"{file.path}:{line}: not {encoding.name} text; save the file as UTF-8") from None
    except UnicodeError:  # of codecs that say no more
        raise Unreadable(f"{file.path}:{line}: not {encoding.name} text; save the file as UTF-8") from None


def line_ends(text: str) -> int:
    """Of every system, as an editor counts them."""
    if "\r" not in text:
        return text.count("\n")
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def is_text(text: str) -> bool:
    """Is there nothing in it that no text has: NUL, or bytes of another encoding?"""
    return "\0" not in text and (text.isascii() or not _wrong(text))


def _errors(encoding: Encoding) -> str:
    # A wrong byte there shifts or halves what follows.
    return "strict" if encoding.codec.startswith(("utf-16", "utf-32")) else "surrogateescape"


def _is_utf8(file: PlainFile) -> bool:
    """Wrong bytes in a file that is mostly UTF-8 cost their rows: as Windows-1252 all of its names would be wrong."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    multiple = wrong = unended = 0
    for block in file.blocks():
        unended = 0 if b"\n" in block or b"\r" in block else unended + len(block)
        if unended > _WIDEST * LONGEST_LINE:
            break  # a line that long is refused when it comes to be used, whatever its encoding
        if not block.isascii() or decoder.getstate()[0]:
            text = decoder.decode(block)
            multiple += len(block) - len(text)
            wrong += _wrong(text)
    wrong += len(decoder.decode(b"", final=True))
    return wrong == 0 or multiple * _BY_ACCIDENT > wrong


def _wrong(text: str) -> int:
    try:
        text.encode()
    except UnicodeEncodeError:
        return len(_LONE.findall(text))
    return 0
