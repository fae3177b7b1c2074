"""Records as they lie in Redis."""

from datetime import UTC, datetime

import pytest

from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Name, Private
from ctibridge.lookup.adapters.shared.record import LABELS, Phone, Record, label, label_name, pack, person, unpack
from ctibridge.lookup.adapters.tables import DDL

KEY = PersonKey("acme", "p17")
PLAIN = Record("Regula Frei")
FULL = Record(
    "Regula Frei", True, True, "RAY-gula", "r@acme.example", "A-17", "S-1", "x", "Head", "IT", "Zürich", "4th", "de-CH",
    "Europe/Zurich", (Phone(493023125100, 2, True, 1_700_000_000), Phone(493023125100, "desk", False, 1_700_000_060)),
)  # fmt: skip


@pytest.mark.parametrize("versions", [(PLAIN,), (FULL, PLAIN, None), (None, FULL)])
def test_packed_and_unpacked_it_is_the_same(versions: tuple[Record | None, ...]) -> None:
    assert unpack(pack(*versions)) == versions


def test_where_there_is_nothing_there_is_nobody() -> None:
    assert unpack(None) == ()


@pytest.mark.parametrize("field", [b"", b"\xc0", b"\x91\x91\x01", b"\x01"])
def test_what_is_no_record_is_an_error(field: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the words are msgspec's
        unpack(field)


@pytest.mark.parametrize("name", [*LABELS, "desk 2"])
def test_a_label_is_what_it_was(name: str) -> None:
    assert label_name(label(name)) == name


def test_a_label_that_is_gone_is_another_one() -> None:
    assert label_name(label(None)) == "other"


@pytest.mark.parametrize("kept", [-1, len(LABELS)])
def test_a_label_of_nobody_is_an_error(kept: int) -> None:
    with pytest.raises(ValueError, match="no label of ours"):
        label_name(kept)


def test_the_labels_are_those_of_every_store() -> None:
    assert all(f"({number}, '{name}')" in DDL for number, name in enumerate(LABELS))


def test_a_person_as_the_domain_has_him() -> None:
    assert person(KEY, PLAIN) == Person(KEY, Name("Regula Frei"))
    assert person(KEY, FULL) == Person(
        KEY, Name("Regula Frei"), True, True, Name("RAY-gula"), Private("r@acme.example"), Private("A-17"),
        Private("S-1"), "x", "Head", "IT", "Zürich", "4th", "de-CH", "Europe/Zurich",
        {"+493023125100": datetime.fromtimestamp(1_700_000_060, UTC)},
    )  # fmt: skip
