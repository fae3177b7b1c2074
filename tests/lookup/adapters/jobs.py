"""What workers are given, made for a test without a store."""

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ctibridge.lookup.adapters.importing.extension_plan import Plan
from ctibridge.lookup.adapters.importing.preparing import Prepared, Task, prepare, unpack_prepared
from ctibridge.lookup.adapters.importing.reading import Job, Sorted, Source, sort
from ctibridge.lookup.adapters.importing.references import References, Site
from ctibridge.lookup.adapters.importing.spill import Packed
from ctibridge.lookup.phone_labels import EVERY_LABEL, AllowedLabels
from ctibridge.lookup.sheets import Chunk
from ctibridge.lookup.sources.files import open_tables
from tests.lookup.adapters.files import write

LABELS = {"other": 0, "mobile": 1, "work": 2, "home": 3, "general": 4, "fax": 5}


def known() -> References:
    return References(
        {"acme": "DE", "fleuron": "FR"},
        {"acme": {"Zürich": Site("CH"), "Berlin": Site(None, Plan(((4, 4000, 4999),)))}},
        labels=dict(LABELS),
    )


def job(folder: Path, files: Mapping[str, str], *, account: str | None = None) -> tuple[Job, list[tuple[int, Chunk]]]:
    """The job, and the pieces of the files."""
    tables = open_tables([write(folder, files)])
    sources = tuple(Source(table.file, table.sheet, table.columns, table.parse) for table in tables)
    pieces = [(number, chunk) for number, table in enumerate(tables) for chunk in table.chunks]
    return Job(sources, known(), account), pieces


def packed_of(account: str, found: Mapping[int, Sorted]) -> list[Packed]:
    """What was sorted for it, by source."""
    rows: list[Packed] = []
    for table, one in found.items():
        data = io.BytesIO(one.data)
        for group in one.groups:
            packed = data.read(group.length)
            if group.account == account:
                rows.append((table, group.line, packed))
    return rows


def prepared(
    folder: Path,
    files: Mapping[str, str],
    *,
    sites: Mapping[str, str | None] | None = None,
    fresh: bool = True,
    allowed: AllowedLabels = EVERY_LABEL,
) -> Prepared:
    """The rows of acme made ready. sites: of people in the store."""
    work, pieces = job(folder, files)
    work = replace(work, allowed=allowed)
    rows = packed_of("acme", {table: sort(work, (table, chunk)) for table, chunk in pieces})
    return unpack_prepared(prepare(work, Task("acme", rows, dict(sites or {}), dict(LABELS), fresh)))
