"""The file of `import --report`: refused rows, numbers that can never match and numbers that were left out, for the
customer whose they are."""

import csv
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Self

from ctibridge.cli.problem import Problem
from ctibridge.lookup.adapters.importing.staging import Fault, LeftOut, Unusable

COLUMNS = ("kind", "file", "line", "account", "person", "text", "reason")
MOST_HELD = 100_000
"""Lines held to be sorted: what is found late (a person who stands there twice) belongs beside its neighbours."""

_FORMULA = frozenset("=@+-\t")
_NUMBER = re.compile(r"[+-]?[0-9 ()/.-]*")

Line = tuple[str, str, int, str, str, str, str]


def check_place(path: Path, inputs: Iterable[Path], config: Path, state_dir: Path) -> None:
    """The report takes the place of what is there. Raises Problem (2) where that is needed.

    inputs: files that are read; config, state_dir: which are ours.
    """
    real = path.resolve()
    if real.is_relative_to(state_dir.resolve()):
        raise Problem(f"--report {path} lies in state_dir {state_dir}; name a file elsewhere", code=2)
    if _is_same(path, config):
        raise Problem(f"--report {path} is the configuration file; name another file", code=2)
    if any(_is_same(path, file) for file in inputs):
        raise Problem(f"--report {path} is one of the files that are read; name another file", code=2)


def _is_same(path: Path, other: Path) -> bool:
    """Also by a link. What is not there yet may come to be both."""
    with suppress(OSError):
        return path.samefile(other)
    return path.resolve() == other.resolve()


class ImportReport:
    """Opened before the import, with the rights of who asked for it; a context manager."""

    def __init__(self, path: Path, files: Iterable[str]) -> None:
        """files: in the order in which they are read, which is the report's. Raises Problem.

        What is at path is written over: see `check_place`.
        """
        try:
            # It holds numbers: for whoever asked, and nobody else.
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError as error:
            raise Problem(f"{path}: {error.strerror}", code=2) from None
        self.path = path
        self._file = os.fdopen(descriptor, "w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(COLUMNS)
        self._order = {file: index for index, file in enumerate(dict.fromkeys(files))}
        self._held: list[Line] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._flush()
        finally:
            # What could not be written is still in the buffer, and would be tried once more.
            with suppress(OSError):
                self._file.close()

    def add(self, fault: Fault) -> None:
        if isinstance(fault, Unusable):
            cells = (fault.account, fault.person, fault.text.value, fault.reason)
            self._held.append(("number", fault.file, fault.line, *cells))
        elif isinstance(fault, LeftOut):
            # Whoever may not have the number does not get it by the report either.
            reason = f"{fault.account} does not allow {fault.label}"
            self._held.append(("left out", fault.file, fault.line, fault.account, fault.person, "", reason))
        else:
            account, person, *_ = (*fault.key, "", "")
            self._held.append(("row", fault.file, fault.line, account, person, "", fault.reason))
        if len(self._held) >= MOST_HELD:
            self._flush()

    def _flush(self) -> None:
        self._held.sort(key=lambda line: (self._order.get(line[1], len(self._order)), line[2]))
        try:
            self._writer.writerows([_no_formula(cell) for cell in line] for line in self._held)
            self._file.flush()
        except OSError as error:
            raise Problem(f"{self.path}: {error.strerror}; the report is not whole") from None
        finally:
            self._held.clear()


def _no_formula(cell: object) -> object:
    """A cell that a spreadsheet would take for a formula is none; a telephone number begins with a plus and may."""
    if not isinstance(cell, str) or cell[:1] not in _FORMULA or _NUMBER.fullmatch(cell):
        return cell
    return f"'{cell}"
