"""The directory files: which columns each has, and what a row of it says (contract: *Directory files*).

Comes in: cells by column name, from whatever format. Goes out: values by stored column.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ctibridge.lookup import cells, memo, tags
from ctibridge.lookup.cells import Parse, Value

_TEXT = ("pronunciation", "job_title", "organization", "site", "location", "manager", "source", "source_id")
# Names in which a directory of any size has few values.
_FEW = frozenset(
    {"account", "job_title", "label", "location", "organization", "product", "service", "site", "source", "status"}
)
_OF_MANY = frozenset({cells.name, cells.plain_text, cells.numbers, cells.people, cells.url, cells.links})
# A cell of 1 MiB that is no time must not be a line of 1 MiB for people.
_LONGEST_REASON = 300
_LONGEST_HEADER = 80


@dataclass(frozen=True, slots=True)
class Sheet:
    """One kind of file. key columns come first and must be filled; `required` ones too, of a family at least one.

    families: the stems of column families (`greeting` for `greeting_de`). stored is False for what later versions use.
    take, empty, needed are made of the others: how a cell is read as it stands, what an empty one says, what is filled.
    """

    name: str
    key: tuple[str, ...]
    columns: Mapping[str, Parse]
    required: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    stored: bool = True
    take: Mapping[str, Parse] = field(init=False, repr=False, compare=False)
    empty: Mapping[str, Value] = field(init=False, repr=False, compare=False)
    needed: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "take", {name: _take(name, parse) for name, parse in self.columns.items()})
        object.__setattr__(self, "empty", {name: parse("") for name, parse in self.columns.items()})
        object.__setattr__(self, "needed", tuple(dict.fromkeys((*self.key, *self.required))))

    def __reduce__(self) -> tuple[Callable[[str], "Sheet"], tuple[str]]:
        """Another process has the same sheets: their name is enough."""
        return _named, (self.name,)

    @property
    def account_column(self) -> str | None:
        """Which column names the account; None where rows belong to no account."""
        return "account" if "account" in self.columns else "id" if self.name == "accounts" else None


def _take(name: str, parse: Parse) -> Parse:
    return memo.of_many(parse) if parse in _OF_MANY and name not in _FEW else memo.of_few(parse)


def _named(name: str) -> Sheet:
    return SHEETS[name]


@dataclass(slots=True)
class Row:
    """One row of a file as it was read: cells by column, line counted from 1 with the header.

    Nobody changes it; it is not frozen because that costs a third of the time in which a row is made.
    """

    line: int
    cells: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is left out, and why, with the mend. key: what its key columns held, as far as they could be read."""

    file: str
    line: int
    reason: str
    key: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole rows of a file, as text: cheap to hand to another process, which reads them.

    line: where the text begins, counted from 1; read: bytes of the file that were read up to here.
    """

    file: str
    line: int
    text: str = field(repr=False)
    read: int


@dataclass(frozen=True, slots=True)
class Table:
    """One opened file. file: its path as given, form: how it was recognised, both for people.

    chunks can be read once, and raise encoding.Unreadable; parse reads one, here or in another process (it can be
    pickled). size: of the file, in bytes. ignored: columns of an export that nothing asks for.
    """

    file: str
    sheet: Sheet
    columns: tuple[str, ...]
    form: str
    chunks: Iterator[Chunk]
    parse: Callable[[Chunk], list[Row | Refused]]
    size: int = 0
    ignored: tuple[str, ...] = ()

    @property
    def rows(self) -> Iterator[Row | Refused]:
        """All rows, read here; they can be read once."""
        return (row for chunk in self.chunks for row in self.parse(chunk))


class UnknownColumn(ValueError):
    """A column that this kind of file does not have."""


def _sheet(name: str, key: str, columns: Mapping[str, Parse], *, required: str = "", families: str = "") -> Sheet:
    keys = tuple(key.split())
    all_columns = {column: columns.get(column, cells.name) for column in (*keys, *columns)}
    return Sheet(name, keys, MappingProxyType(all_columns), tuple(required.split()), tuple(families.split()))


_ALL = (
    _sheet(
        "accounts",
        "id",
        {
            "name": cells.name,
            "country": cells.country,
            "languages": cells.languages,
            "default_language": cells.language,
            "time_zone": cells.time_zone,
            "holidays": cells.holidays,
            "links": cells.links,
        },
        required="name",
        families="briefing verification out_of_hours",
    ),
    _sheet(
        "sites",
        "account name",
        {
            "country": cells.country,
            "language": cells.language,
            "time_zone": cells.time_zone,
            "extensions": cells.extensions,
        },
    ),
    _sheet(
        "agents",
        "id",
        {"name": cells.name, "login": cells.name, "languages": cells.languages, "disabled": cells.flag},
        required="name",
    ),
    _sheet("role_shares", "account role", {"role": cells.role, "starts_at": cells.moment, "ends_at": cells.moment}),
    _sheet("grants", "agent account", {"starts_at": cells.moment, "ends_at": cells.moment, "hours": cells.hours}),
    _sheet(
        "service_numbers",
        "number",
        {
            "account": cells.name,
            "name": cells.name,
            "support_hours": cells.hours,
            "default_language": cells.language,
            "caller_name_prefix": cells.name,
        },
        required="account name",
        families="greeting",
    ),
    _sheet(
        "people",
        "account id",
        {
            "name": cells.name,
            "email": cells.name,
            "employee_id": cells.name,
            "support_id": cells.name,
            **dict.fromkeys(_TEXT, cells.name),
            "language": cells.language,
            "time_zone": cells.time_zone,
            "vip": cells.flag,
            "disabled": cells.flag,
            "updated_at": cells.moment,
            "phones": cells.numbers,
        },
        required="name",
    ),
    _sheet(
        "phones",
        "account person number",
        {"label": cells.name, "number": cells.numbers, "imported": cells.flag, "changed_at": cells.moment},
    ),
    _sheet("services", "account id", {"name": cells.name, "people": cells.people, "status": cells.name}),
    _sheet(
        "configuration_items",
        "account id",
        dict.fromkeys(("person", "name", "product", "status", "service"), cells.name),
    ),
    _sheet(
        "standard_requests",
        "account id",
        {"service": cells.name, "subject": cells.name, "registration_hints": cells.plain_text},
        required="subject",
    ),
    _sheet(
        "knowledge_articles",
        "account id",
        {"service": cells.name, "subject": cells.name, "url": cells.url, "languages": cells.languages},
        required="subject",
    ),
    _sheet(
        "requests",
        "account id",
        {
            "requested_for": cells.name,
            "subject": cells.name,
            "status": cells.name,
            "updated_at": cells.moment,
            "service": cells.name,
            "url": cells.url,
        },
        required="subject",
    ),
    _sheet(
        "announcements",
        "account id",
        {"site": cells.name, "starts_at": cells.moment, "ends_at": cells.moment},
        required="text",
        families="text",
    ),
)
# In the order in which they are read: what is pointed at comes before what points at it.
SHEETS: Mapping[str, Sheet] = MappingProxyType({sheet.name: sheet for sheet in _ALL})


def column(sheet: Sheet, header: str) -> str:
    """The one spelling of a header: `Greeting_DE_ch` → `greeting_de-CH`. Raises UnknownColumn naming what is known."""
    text = header.strip().lower()
    if text in sheet.columns:
        return text
    for stem in sheet.families:
        if text.startswith(f"{stem}_"):
            try:
                return f"{stem}_{tags.canonical(header.strip()[len(stem) + 1 :])}"
            except ValueError:
                break
    known = ", ".join([*sheet.columns, *(f"{stem}_LANG" for stem in sheet.families)])
    raise UnknownColumn(f"unknown column {header.strip()[:_LONGEST_HEADER]!r}; known are {known}")


def missing_columns(sheet: Sheet, columns: Iterable[str]) -> list[str]:
    """What a file of this kind cannot do without."""
    names = tuple(columns)
    present = {*names, *stored_columns(sheet, names)}
    return [f"{name}_LANG" if name in sheet.families else name for name in sheet.needed if name not in present]


def stored_columns(sheet: Sheet, columns: Iterable[str]) -> tuple[str, ...]:
    """Which stored columns a file with these columns fills: families are stored whole, under their stem."""
    stems = {name: name if name in sheet.columns else name.rpartition("_")[0] for name in columns}
    return tuple(dict.fromkeys(stems[name] for name in columns))


def read(sheet: Sheet, row: Mapping[str, str]) -> dict[str, Value]:
    """The row's values by stored column. Raises ValueError naming the column and the mend."""
    values = _read_with_families(sheet, row) if sheet.families else _read(sheet, row)
    for name in sheet.needed:
        if values.get(name) is None:
            raise ValueError(f"{name} is empty; every row needs one")
    return values


def _read(sheet: Sheet, row: Mapping[str, str]) -> dict[str, Value]:
    take, empty = sheet.take, sheet.empty
    values: dict[str, Value] = {}
    name = ""
    try:
        for name, text in row.items():
            values[name] = take[name](text) if text else empty[name]
    except ValueError as error:
        raise ValueError(f"{name}: {_short(error)}") from None
    return values


def _read_with_families(sheet: Sheet, row: Mapping[str, str]) -> dict[str, Value]:
    values = _read(sheet, {name: text for name, text in row.items() if name in sheet.columns})
    texts: dict[str, dict[str, str]] = {}
    for name, text in row.items():
        if name not in sheet.columns:
            stem, _, tag = name.rpartition("_")
            texts.setdefault(stem, {})[tag] = cells.clean(text)
    return values | {stem: _family(stem, by_tag) for stem, by_tag in texts.items()}


def _family(stem: str, texts: Mapping[str, str]) -> Value:
    try:
        return cells.family(texts)
    except ValueError as error:
        raise ValueError(f"{stem}: {error}") from None


def _short(error: ValueError) -> str:
    text = str(error)
    half = _LONGEST_REASON // 2
    return text if len(text) <= _LONGEST_REASON else f"{text[:half]}…{text[-half:]}"
