"""A file's text cut into chunks of whole rows, in constant memory.

The file is open while its chunks are read, and closed behind the last one.
"""

from collections.abc import Iterator

from ctibridge.lookup.sheets import Chunk
from ctibridge.lookup.sources.encoding import LONGEST_LINE, Encoding, line_ends, texts
from ctibridge.lookup.sources.plain_file import PlainFile, Unreadable
from ctibridge.lookup.sources.row_ends import after_rows


class Text:
    """The text of a file, of which the beginning can be looked at before the rest is cut."""

    def __init__(self, file: PlainFile, encoding: Encoding) -> None:
        """Raises Unreadable."""
        self._file = file
        self._texts = texts(file, encoding)
        self._line = 1
        self.beginning, self._read = next(self._texts)

    @property
    def is_whole(self) -> bool:
        """Is the beginning all of it?"""
        return self._read >= self._file.size

    def skip(self, length: int) -> None:
        """What was looked at is no row."""
        self._line += line_ends(self.beginning[:length])
        self.beginning = self.beginning[length:]

    def chunks(self, delimiter: str | None) -> Iterator[Chunk]:
        """The rest. delimiter: of cells that may be quoted, else None. Raises Unreadable."""
        try:
            yield from self._chunks(delimiter)
        finally:
            self._texts.close()
            self._file.close()

    def _chunks(self, delimiter: str | None) -> Iterator[Chunk]:
        text, self.beginning = self.beginning, ""
        for more, read in self._texts:
            # The second half of a line end may be the first sign of the next block.
            whole = text.removesuffix("\r")
            end = after_rows(whole, delimiter)
            if end:
                yield self._chunk(text[:end])
            elif len(text) > LONGEST_LINE:
                raise Unreadable(self._too_long())
            text, self._read = text[end:] + more, read
        end = after_rows(text, delimiter)
        if end < len(text):
            if after_rows(text + "\n", delimiter) <= len(text):
                raise Unreadable(f"{self._place(text[:end])}: a quote is opened in this row and never closed")
            end = len(text)
        if end:
            yield self._chunk(text)

    def _chunk(self, text: str) -> Chunk:
        chunk = Chunk(str(self._file.path), self._line, text, self._read)
        self._line += line_ends(text)
        return chunk

    def _place(self, before: str) -> str:
        return f"{self._file.path}:{self._line + line_ends(before)}"

    def _too_long(self) -> str:
        return f"{self._place('')}: a line of more than {LONGEST_LINE:,} characters; is a quote open?"
