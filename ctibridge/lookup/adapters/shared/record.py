"""A person as he lies in Redis: packed, with all that his entries elsewhere there are made of.

While he is being changed his field holds the records before, too: whoever goes on after a kill knows what may have to
be taken out.
"""

from datetime import UTC, datetime
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Name, Private
from ctibridge.lookup import number_key

LABELS = ("other", "mobile", "work", "home", "general", "fax")
"""Those that every store has; they lie there by their place. Others are kept as they are written."""


class Phone(NamedTuple):
    """number: as `number_key.pack` makes it; label: a place in LABELS, or text; changed_at: Unix seconds."""

    number: int
    label: int | str
    imported: bool
    changed_at: int | None


class Record(msgspec.Struct, array_like=True, frozen=True):
    name: str
    disabled: bool = False
    vip: bool = False
    pronunciation: str | None = None
    email: str | None = None
    employee_id: str | None = None
    support_id: str | None = None
    source_id: str | None = None
    job_title: str | None = None
    organization: str | None = None
    site: str | None = None
    location: str | None = None
    language: str | None = None
    time_zone: str | None = None
    phones: tuple[Phone, ...] = ()


_ENCODER = msgspec.msgpack.Encoder()
_VERSIONS = msgspec.msgpack.Decoder(tuple[Record | None, ...])


def pack(*versions: Record | None) -> bytes:
    """The newest first; None: not there. Several while he is being changed."""
    return _ENCODER.encode(versions)


def unpack(field: bytes | None) -> tuple[Record | None, ...]:
    """What was given to `pack`; nothing where there is no field. Raises ValueError."""
    return () if field is None else _VERSIONS.decode(field)


def label(name: str | None) -> int | str:
    """As it is kept. None: the store has no such label any more."""
    return LABELS.index(name) if name in LABELS else name or 0


def label_name(kept: int | str) -> str:
    """Raises ValueError for a place that no version of ours wrote."""
    if isinstance(kept, str):
        return kept
    if not 0 <= kept < len(LABELS):
        raise ValueError("no label of ours")
    return LABELS[kept]


def person(key: PersonKey, record: Record) -> Person:
    """Raises ValueError for a number that is none."""
    return Person(
        key,
        Name(record.name),
        record.disabled,
        record.vip,
        None if record.pronunciation is None else Name(record.pronunciation),
        _private(record.email),
        _private(record.employee_id),
        _private(record.support_id),
        record.source_id,
        record.job_title,
        record.organization,
        record.site,
        record.location,
        record.language,
        record.time_zone,
        numbers_changed=MappingProxyType(_changed(record)),
    )


def _changed(record: Record) -> dict[str, datetime]:
    """Of a number with two labels the newer one counts."""
    newest: dict[int, int] = {}
    for phone in record.phones:
        if phone.changed_at is not None:
            newest[phone.number] = max(phone.changed_at, newest.get(phone.number, phone.changed_at))
    return {number_key.unpack(number): datetime.fromtimestamp(at, UTC) for number, at in newest.items()}


def _private(text: str | None) -> Private | None:
    return None if text is None else Private(text)
