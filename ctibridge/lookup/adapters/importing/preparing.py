"""The rows of one account made ready for the store: read, checked, numbers packed, names folded, in the store's order.

Comes in: packed rows of large files, and what the store knows that they need. Goes out: rows as the tables have them,
what is refused, and which numbers can never match. Works on what it is given alone, so any process can do it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec

from ctibridge.lookup import folding, number_key, sheets
from ctibridge.lookup.adapters.importing import told_numbers
from ctibridge.lookup.adapters.importing.cells_in_order import CellsInOrder
from ctibridge.lookup.adapters.importing.extension_plan import Known, Number
from ctibridge.lookup.adapters.importing.reading import Job, Source, refused, rows_of
from ctibridge.lookup.adapters.importing.spill import Packed
from ctibridge.lookup.adapters.importing.told_numbers import Found, Lost
from ctibridge.lookup.adapters.tables import FROM_PEOPLE, FROM_PHONES, FROM_PLAN, STORED
from ctibridge.lookup.cells import EVERYBODY, Value
from ctibridge.lookup.sheets import Refused, Row
from ctibridge.lookup.stored_numbers import FAX

# Labels that the store does not have yet count from here, in the order of `Prepared.labels`.
NEW_LABELS = 1_000
PERSON = ("id", *STORED["people"].columns)
PERSON_AND_PHONES = (*PERSON, "phones")
PHONE = ("person", "number", "label", "imported", "changed_at")
_NAME, _SITE, _MANAGER = (PERSON.index(column) for column in ("name", "site", "manager"))
_OF_PERSON = {"requests": "requested_for", "configuration_items": "person"}
"""Which column says whose a row is."""

Values = dict[str, Value]
Phone = tuple[int, int, int, int, int, int | None]
"""number, index of the person, label, origin, imported, changed_at."""
RefusedRow = tuple[int, int, str, tuple[str, ...]]
"""Source, line, reason, key."""


@dataclass(slots=True)
class Task:
    """Some rows of one account; all that tell of one person are in one task.

    sites: of the people in the store whom the rows need. fresh: the store has nobody of this account. labels: their
    numbers in the store by now. last: of this account.
    """

    account: str
    rows: list[Packed] = field(repr=False)
    sites: dict[str, str | None] = field(repr=False)
    labels: dict[str, int]
    fresh: bool
    last: bool = True


@dataclass(slots=True, repr=False)
class Prepared:
    """Rows of one account, in the order of the store's indexes.

    owners: people by their index, counted from 1: those of the rows `people` first, then others whose numbers are told.
    people: id and the other columns, in that order. told: of whom the file phones speaks. terms: with whose names
    have them, by index; they, and numbers by plan, only where the account is fresh. tables: rows of the other kinds.
    unusable: (source, line, person, text, reason, is it a fax). erased: of each row of somebody who was, its source.
    left_out: (source, line, person, label) of each number that the account does not allow.
    """

    people: list[tuple[Any, ...]] = field(default_factory=list)
    owners: list[str] = field(default_factory=list)
    phones: list[Phone] = field(default_factory=list)
    terms: list[tuple[str, list[int]]] = field(default_factory=list)
    told: list[int] = field(default_factory=list)
    tables: dict[str, list[list[Any]]] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    unusable: list[tuple[int, int, str, str, str, bool]] = field(default_factory=list)
    erased: list[int] = field(default_factory=list)
    left_out: list[tuple[int, int, str, str]] = field(default_factory=list)


unpack_prepared: Callable[[bytes], Prepared] = msgspec.msgpack.Decoder(Prepared).decode
_pack = msgspec.msgpack.Encoder().encode


def prepare(job: Job, task: Task) -> bytes:
    """A packed `Prepared`."""
    preparing = _Preparing(job, task)
    for packed in task.rows:
        preparing.take(packed)
    return _pack(preparing.finish())


def people_of(job: Job, rows: Iterable[Packed]) -> set[str]:
    """Ids of the people of whom the rows need to know what the store has: see `Task.sites`."""
    wanted: set[str] = set()
    for packed in rows:
        source = job.sources[packed[0]]
        column = _id_column(source)
        if column is not None:
            at, take = source.columns.index(column), source.sheet.take[column]
            wanted.update(_id(take, row[1][at]) for row in rows_of(source, packed) if not isinstance(row, Refused))
    return wanted


def needs_sites(source: Source) -> bool:
    """Does it depend on what the store has how the numbers in its rows are read?"""
    return _id_column(source) is not None


def _id_column(source: Source) -> str | None:
    if source.sheet.name == "phones":
        return "person"
    needs_site = source.sheet.name == "people" and "phones" in source.columns and "site" not in source.columns
    return "id" if needs_site else None


def _id(take: Callable[[str], Value], text: str) -> str:
    try:
        return str(take(text))
    except ValueError:
        return ""


class _Preparing:
    """One task on its way. Numbers are kept by their person's id until all people are known and in order."""

    def __init__(self, job: Job, task: Task) -> None:
        self._job = job
        self._task = task
        self._account = task.account
        self._prepared = Prepared()
        self._lines: dict[tuple[str, str], tuple[int, int]] = {}
        self._people: dict[str, tuple[Any, ...]] = {}
        self._phones: dict[str, dict[Number, Known]] = {}
        self._told: set[str] = set()
        self._labels = dict(task.labels)
        self._countries: dict[str | None, str | None] = {}
        self._tells_site = True
        self._all_allowed = self._account not in job.allowed.by_account

    def take(self, packed: Packed) -> None:
        source = self._job.sources[packed[0]]
        kind = source.sheet.name
        if kind == "people":
            self._tells_site = "site" in source.columns
            self._in_order(packed, self._person, PERSON_AND_PHONES)
        elif kind == "phones":
            self._in_order(packed, self._phone, PHONE)
        else:
            self._by_name(packed)

    def _in_order(
        self, packed: Packed, take: Callable[[int, int, tuple[Any, ...]], None], wanted: Sequence[str]
    ) -> None:
        table = packed[0]
        source = self._job.sources[table]
        rows = rows_of(source, packed)
        read = CellsInOrder(source.sheet, source.columns, wanted).read
        for row in rows:
            if isinstance(row, Refused):
                self._refuse(table, row)
                continue
            line, cells = row
            try:
                take(table, line, read(cells))
            except ValueError as error:
                named = Row(line, dict(zip(source.columns, cells, strict=True)))
                self._refuse(table, refused(source.file, source.sheet, named, str(error)))

    def _by_name(self, packed: Packed) -> None:
        table = packed[0]
        source = self._job.sources[table]
        for row in rows_of(source, packed):
            if isinstance(row, Refused):
                self._refuse(table, row)
                continue
            line, raw = row
            cells: dict[str, str] = raw if isinstance(raw, dict) else dict(zip(source.columns, raw, strict=True))
            try:
                self._other(table, line, sheets.read(source.sheet, cells))
            except ValueError as error:
                self._refuse(table, refused(source.file, source.sheet, Row(line, cells), str(error)))

    def _refuse(self, table: int, row: Refused) -> None:
        self._prepared.refused.append((table, row.line, row.reason, row.key))

    def finish(self) -> Prepared:
        prepared = self._prepared
        people = sorted(self._people)
        prepared.owners = people + sorted(self._told - self._people.keys())
        prepared.people = [self._people[person] for person in people]
        index = {person: at for at, person in enumerate(prepared.owners, start=1)}
        prepared.told = sorted(index[person] for person in self._told)
        if self._task.fresh:
            self._derive()
            terms: dict[str, list[int]] = {}
            for at, row in enumerate(prepared.people, start=1):
                for term in folding.terms(row[_NAME]):
                    terms.setdefault(term, []).append(at)
            prepared.terms = sorted(terms.items())
        phones = [
            (number, index[person], label, origin, imported, changed_at)
            for person, of_person in self._phones.items()
            for (number, label, origin), (imported, changed_at) in of_person.items()
        ]
        prepared.phones = sorted(phones)
        prepared.labels = [name for name, number in self._labels.items() if number >= NEW_LABELS]
        return prepared

    # -- one row -------------------------------------------------------------------------------------------------------

    def _person(self, table: int, line: int, row: tuple[Any, ...]) -> None:
        person, phones = row[0], row[-1]
        if self._is_erased(person, table):
            return
        self._once("people", person, table, line)
        self._people[person] = self._led(row[:-1])
        if phones is not None:
            read = told_numbers.read_list(phones, self._country(self._site(person)))
            self._take_numbers(table, line, person, read, FROM_PEOPLE, (0, None))

    def _phone(self, table: int, line: int, row: tuple[Any, ...]) -> None:
        person, number, label, imported, changed_at = row
        if self._is_erased(person, table):
            return
        if person not in self._people and person not in self._task.sites:
            raise ValueError(
                f"person {person!r} is not known in account {self._account!r}; import people.csv with them first"
            )
        self._told.add(person)
        read = told_numbers.read_field(number, label or "", self._country(self._site(person)))
        self._take_numbers(table, line, person, read, FROM_PHONES, (imported or 0, changed_at))

    def _other(self, table: int, line: int, values: Values) -> None:
        sheet = self._job.sources[table].sheet
        stored = STORED[sheet.name]
        if (column := _OF_PERSON.get(sheet.name)) is not None and self._is_erased(values.get(column), table):
            return
        self._once(sheet.name, str(values["id"]), table, line)
        if sheet.name == "services":
            values["people"] = _list(values.get("people"), self._kept_out)
        row = [values.get(column) for column in (*stored.key, *stored.columns)]
        self._prepared.tables.setdefault(sheet.name, []).append(row)

    def _is_erased(self, person: Value, table: int) -> bool:
        """Of him nothing is taken."""
        erased = person is not None and self._kept_out(str(person))
        if erased:
            self._prepared.erased.append(table)
        return erased

    def _kept_out(self, person: str) -> bool:
        return self._job.references.kept_out.has(self._account, person)

    def _led(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """Without a manager who was erased."""
        manager = row[_MANAGER]
        return row if manager is None or not self._kept_out(manager) else (*row[:_MANAGER], None, *row[_MANAGER + 1 :])

    def _once(self, kind: str, key: str, table: int, line: int) -> None:
        place = (table, line)
        before = self._lines.setdefault((kind, key), place)
        if before is not place:
            where = "" if before[0] == table else f" of {self._job.sources[before[0]].file}"
            raise ValueError(f"stands already in line {before[1]}{where}; leave one out")

    def _country(self, site: str | None) -> str | None:
        """Of numbers of people there."""
        if site not in self._countries:
            self._countries[site] = self._job.references.country(self._account, site)
        return self._countries[site]

    def _site(self, person: str) -> str | None:
        """What the files say now, else what is stored."""
        row = self._people.get(person) if self._tells_site else None
        return self._task.sites.get(person) if row is None else _text(row[_SITE])

    def _take_numbers(
        self, table: int, line: int, person: str, read: tuple[Found, Lost], origin: int, known: Known
    ) -> None:
        found, lost = read if self._all_allowed else self._allowed(table, line, person, read)
        if found:
            numbers = self._phones.setdefault(person, {})
            for number, label in found:
                # A number that stands there twice is one number; the last row has the last word.
                numbers[number, self._label(label), origin] = known
                if label == FAX:
                    text = number_key.unpack(number)
                    self._prepared.unusable.append((table, line, person, text, "a fax number never matches", True))
        for one in lost:
            self._prepared.unusable.append((table, line, person, one.text.value, one.reason, False))

    def _allowed(self, table: int, line: int, person: str, read: tuple[Found, Lost]) -> tuple[Found, Lost]:
        """The rest is forgotten here, before anything follows from it: also what could never match."""
        found, lost = read
        allows = partial(self._job.allowed.allows, self._account)
        others = [label for _, label in found if not allows(label)]
        self._prepared.left_out += [(table, line, person, label) for label in others]
        return [one for one in found if allows(one[1])], tuple(one for one in lost if allows(one.label))

    def _label(self, name: str) -> int:
        number = self._labels.get(name)
        if number is None:
            new = sum(known >= NEW_LABELS for known in self._labels.values())
            number = self._labels[name] = NEW_LABELS + new
        return number

    def _derive(self) -> None:
        """What the plans of their sites make of the numbers of people."""
        sites = self._job.references.sites.get(self._account, {})
        plans = {name: site.plan for name, site in sites.items() if site.plan is not None}
        fax = self._labels[FAX]
        if not plans:
            return
        for person, told in self._phones.items():
            plan = plans.get(self._site(person) or "")
            if plan is not None:
                derived = plan.derive(told, fax)
                told.update({(short, label, FROM_PLAN): known for (short, label), known in derived.items()})


def _text(value: Value) -> str | None:
    return None if value is None else str(value)


def _list(people: Value, kept_out: Callable[[str], bool]) -> str | None:
    """`p1;p2` → JSON list, without those; `*` stays."""
    if people is None or people == EVERYBODY:
        return None if people is None else EVERYBODY
    ids = filter(None, map(str.strip, str(people).split(";")))
    return msgspec.json.encode([person for person in ids if not kept_out(person)]).decode()
