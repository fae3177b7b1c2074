"""The file of `import --map`: how exports with other names become directory files. TOML; docs/import.md explains it."""

import codecs
import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from ctibridge.lookup.sheets import SHEETS, Sheet, UnknownColumn, column, missing_columns
from ctibridge.lookup.sources import encoding, template
from ctibridge.lookup.sources.remap import Condition, Remap, WrongMap

LONGEST_PATTERN = 200
LARGEST_FILE = 1 << 20
# What is escaped, a class, or one of the signs that count for _may_never_end.
_SIGN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()*+|{]")

Texts = str | tuple[str, ...]
Constant = str | int | bool


class Keep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which rows are taken, by one column of the export."""

    column: str
    among: Texts | None = msgspec.field(default=None, name="is")
    not_among: Texts = msgspec.field(default=(), name="is_not")
    matches: str | None = None
    not_empty: bool | None = None


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of rows out of the files with a name. columns: ours = theirs, or a template of theirs."""

    path: str
    sheet: str
    columns: dict[str, str] = msgspec.field(default_factory=dict)
    constants: dict[str, Constant] = msgspec.field(default_factory=dict)
    values: dict[str, dict[str, Constant]] = msgspec.field(default_factory=dict)
    keep: tuple[Keep, ...] = ()
    delimiter: str | None = None
    encoding: str | None = None


class _Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    file: tuple[File, ...]


class Map:
    """What a map says of each file."""

    def __init__(self, path: Path, entries: Iterable[tuple[str, Sheet, Remap]]) -> None:
        """path only names it in errors; entries: which names of files, what is in them."""
        self.path = path
        self._entries = tuple(entries)

    def of(self, file: Path) -> list[tuple[Sheet, Remap]]:
        """What is to be taken out of this file; nothing where it is an ordinary one."""
        return [(sheet, remap) for pattern, sheet, remap in self._entries if fnmatchcase(file.name, pattern)]

    def check(self, files: Iterable[Path]) -> None:
        """Raises WrongMap where an entry is for none of these files: it would import nothing and say nothing."""
        names = [file.name for file in files]
        for pattern, _, remap in self._entries:
            if not any(fnmatchcase(name, pattern) for name in names):
                raise WrongMap(f"{remap.place}.path: none of the files is a {pattern!r}; give its path, too")


def load(path: Path) -> Map:
    """Raises WrongMap with file, key and mend."""
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise WrongMap(f"{path}: {error.strerror}; name the map with --map FILE") from None
    if len(text) > LARGEST_FILE:
        raise WrongMap(f"{path}: larger than {LARGEST_FILE:,} bytes; is it the export itself?")
    return parse(text.removeprefix(codecs.BOM_UTF8), path)


def parse(text: bytes, path: Path) -> Map:
    """The checks without the file. Raises WrongMap."""
    try:
        document = msgspec.toml.decode(text, type=_Document)
    except (msgspec.DecodeError, ValueError) as error:
        # msgspec says "… - at `$.file[0].keep[1]`".
        message, _, place = str(error).partition(" - at `$")
        key = place.strip("`.")
        raise WrongMap(f"{path}: {key + ': ' if key else ''}{message}; see docs/import.md") from None
    entries = [(entry, f"{path}: file[{index}]") for index, entry in enumerate(document.file)]
    if not entries:
        raise WrongMap(f"{path}: file: no entry; write [[file]] with path, sheet and columns")
    return Map(path, [(entry.path, *_entry(entry, place)) for entry, place in entries])


def _entry(entry: File, place: str) -> tuple[Sheet, Remap]:
    sheet = SHEETS.get(entry.sheet)
    if sheet is None:
        raise WrongMap(f"{place}.sheet: {entry.sheet!r} is not known; known are {', '.join(SHEETS)}")
    templates = {
        _ours(sheet, name, f"{place}.columns"): _template(text, f"{place}.columns.{name}")
        for name, text in entry.columns.items()
    }
    constants = {_ours(sheet, name, f"{place}.constants"): _text(value) for name, value in entry.constants.items()}
    values = {
        _ours(sheet, name, f"{place}.values"): {text.strip(): _text(value) for text, value in table.items()}
        for name, table in entry.values.items()
    }
    _check_columns(sheet, place, templates, constants, values)
    keep = tuple(_condition(one, f"{place}.keep[{index}]") for index, one in enumerate(entry.keep))
    _check_form(entry, place)
    return sheet, Remap(place, templates, constants, values, keep, entry.delimiter, entry.encoding)


def _ours(sheet: Sheet, name: str, place: str) -> str:
    try:
        return column(sheet, name)
    except UnknownColumn as error:
        raise WrongMap(f"{place}: {error}") from None


def _template(text: str, place: str) -> template.Template:
    try:
        return template.parse(text)
    except ValueError as error:
        raise WrongMap(f"{place}: {error}; write a column of the export, or columns in braces") from None


def _text(value: Constant) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _check_columns(
    sheet: Sheet,
    place: str,
    templates: Mapping[str, object],
    constants: Mapping[str, object],
    values: Mapping[str, object],
) -> None:
    twice = [name for name in constants if name in templates]
    if twice:
        raise WrongMap(f"{place}.constants.{twice[0]}: stands in columns, too; leave one out")
    lost = [name for name in values if name not in templates]
    if lost:
        raise WrongMap(f"{place}.values.{lost[0]}: no such column in {place.rpartition(': ')[2]}.columns; add it there")
    missing = missing_columns(sheet, (*templates, *constants))
    if missing:
        raise WrongMap(f"{place}: {missing[0]} is missing; {sheet.name} needs it, in columns or constants")


def _check_form(entry: File, place: str) -> None:
    sign = entry.delimiter
    if sign is not None and (len(sign) != 1 or sign in '"\r\n\0'):
        raise WrongMap(rf'{place}.delimiter: {sign!r} is not one sign; write one like ";", "|" or "\t"')
    if entry.encoding is not None:
        try:
            encoding.named(entry.encoding)
        except ValueError as error:
            raise WrongMap(f"{place}.encoding: {error}") from None


def _condition(keep: Keep, place: str) -> Condition:
    if keep.among is None and not keep.not_among and keep.matches is None and keep.not_empty is None:
        raise WrongMap(f"{place}: asks for nothing; write is, is_not, matches or not_empty")
    return Condition(
        keep.column.strip(),
        None if keep.among is None else _set(keep.among),
        _set(keep.not_among),
        None if keep.matches is None else _pattern(keep.matches, f"{place}.matches"),
        keep.not_empty,
    )


def _set(texts: Texts) -> frozenset[str]:
    return frozenset(text.strip() for text in ((texts,) if isinstance(texts, str) else texts))


def _pattern(text: str, place: str) -> re.Pattern[str]:
    if len(text) > LONGEST_PATTERN:
        raise WrongMap(f"{place}: longer than {LONGEST_PATTERN} characters; write several conditions")
    if _may_never_end(text):
        raise WrongMap(f"{place}: repeats a group in which something repeats or varies; write it without")
    try:
        return re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise WrongMap(f"{place}: {error}; write a regular expression like ^[0-9]+$") from None


def _may_never_end(text: str) -> bool:
    """Is a group repeated in which something repeats or varies? Then a search may take two to the power of the cell."""
    varies = [False]
    closed = inner = False
    for match in _SIGN.finditer(text):
        sign = match[0]
        repeats_group = sign in "*+{" and closed and text[match.start() - 1] == ")"
        if repeats_group and inner:
            return True
        closed = sign == ")" and len(varies) > 1
        if sign == "(":
            varies.append(False)
        elif closed:
            inner = varies.pop()
            varies[-1] |= inner
        elif sign in "*+|{":
            varies[-1] = True
    return False
