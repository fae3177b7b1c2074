"""The directory files: which columns each has, and what a row of it says (contract: *Directory files*).

Comes in: cells by column name, from whatever format. Goes out: values by stored column.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ctibridge.lookup import cells, tags
from ctibridge.lookup.cells import Parse, Value

_TEXT = ("pronunciation", "job_title", "organization", "site", "location", "manager", "source", "source_id")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One kind of file. key columns come first and must be filled; `required` ones too.

    families: the stems of column families (`greeting` for `greeting_de`). stored is False for what later versions use.
    """

    name: str
    key: tuple[str, ...]
    columns: Mapping[str, Parse]
    required: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    stored: bool = True

    @property
    def account_column(self) -> str | None:
        """Which column names the account; None where rows belong to no account."""
        return "account" if "account" in self.columns else "id" if self.name == "accounts" else None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file as it was read: cells by column, line counted from 1 with the header."""

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
class Table:
    """One opened file. file: its path as given, form: how it was recognised, both for people. rows can be read once."""

    file: str
    sheet: Sheet
    columns: tuple[str, ...]
    form: str
    rows: Iterator[Row | Refused]


class UnknownColumn(ValueError):
    """A column that this kind of file does not have."""


def _sheet(name: str, key: str, columns: Mapping[str, Parse], *, required: str = "", families: str = "") -> Sheet:
    keys = tuple(key.split())
    all_columns = {column: columns.get(column, cells.name) for column in (*keys, *columns)}
    return Sheet(name, keys, MappingProxyType(all_columns), tuple(required.split()), tuple(families.split()))


def _later(name: str, columns: str, families: str = "") -> Sheet:
    """Known, so that it is no unknown file; read by a later version."""
    names = columns.split()
    return Sheet(
        name,
        tuple(names[:2]),
        MappingProxyType(dict.fromkeys(names, cells.name)),
        (),
        tuple(families.split()),
        stored=False,
    )


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
            "holidays": cells.plain_text,
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
    _later("services", "account id name people status"),
    _later("configuration_items", "account id person name product status service"),
    _later("standard_requests", "account id service subject registration_hints"),
    _later("knowledge_articles", "account id service subject url languages"),
    _later("requests", "account id requested_for subject status updated_at service url"),
    _later("announcements", "account id site starts_at ends_at", families="text"),
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
    raise UnknownColumn(f"unknown column {header.strip()!r}; known are {known}")


def missing_columns(sheet: Sheet, columns: Iterable[str]) -> list[str]:
    """What a file of this kind cannot do without."""
    present = set(columns)
    return [name for name in dict.fromkeys((*sheet.key, *sheet.required)) if name not in present]


def stored_columns(sheet: Sheet, columns: Iterable[str]) -> tuple[str, ...]:
    """Which stored columns a file with these columns fills: families are stored whole, under their stem."""
    stems = {name: name if name in sheet.columns else name.rsplit("_", 1)[0] for name in columns}
    return tuple(dict.fromkeys(stems[name] for name in columns))


def read(sheet: Sheet, row: Mapping[str, str]) -> dict[str, Value]:
    """The row's values by stored column. Raises ValueError naming the column and the mend."""
    values: dict[str, Value] = {}
    families: dict[str, dict[str, str]] = {}
    for name, text in row.items():
        parse = sheet.columns.get(name)
        if parse is None:
            stem, _, tag = name.rpartition("_")
            families.setdefault(stem, {})[tag] = cells.clean(text)
        else:
            values[name] = _cell(name, parse, text)
    for stem, texts in families.items():
        values[stem] = _family(stem, texts)
    for name in (*sheet.key, *sheet.required):
        if values.get(name) is None:
            raise ValueError(f"{name} is empty; every row needs one")
    return values


def _cell(name: str, parse: Parse, text: str) -> Value:
    try:
        return parse(cells.clean(text))
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _family(stem: str, texts: Mapping[str, str]) -> Value:
    try:
        return cells.family(texts)
    except ValueError as error:
        raise ValueError(f"{stem}: {error}") from None
