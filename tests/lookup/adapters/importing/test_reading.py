"""The first look at rows: whose are they, and what is refused at once."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ctibridge.lookup.adapters.importing.reading import rows_of, sort
from tests.lookup.adapters.jobs import job, packed_of

PEOPLE = "account,id,name\nacme,p1,One\nfleuron,e1,Un\nacme,p2,Two\n ,p3,Three\nzeta,p4,Four\nacme,p5\n"


def test_rows_are_sorted_by_account_and_keep_their_lines(tmp_path: Path) -> None:
    work, ((table, chunk),) = job(tmp_path / "files", {"people": PEOPLE})
    found = sort(work, (table, chunk))
    assert [(group.account, group.rows) for group in found.groups] == [("acme", 2), ("fleuron", 1)]
    (packed,) = packed_of("acme", {table: found})
    assert list(rows_of(work.sources[table], packed)) == [(2, ["acme", "p1", "One"]), (4, ["acme", "p2", "Two"])]
    assert found.rows == 6
    assert [(one.line, one.reason.split(";")[0], one.key) for one in found.refused] == [
        (5, "account is empty", ("", "p3")),
        (6, "account 'zeta' is not known", ("zeta", "p4")),
        (7, "2 cells under 3 columns", ("acme", "p5")),
    ]


def test_one_account_is_asked_for(tmp_path: Path) -> None:
    work, (piece,) = job(tmp_path / "files", {"people": PEOPLE}, account="acme")
    found = sort(work, piece)
    assert [group.account for group in found.groups] == ["acme"]
    assert (found.others, [one.line for one in found.refused]) == (3, [7])
    assert found.met == {"acme", "fleuron", "", "zeta"}


def test_an_account_is_named_as_it_is_stored(tmp_path: Path) -> None:
    work, (piece,) = job(tmp_path / "files", {"people": 'account,id,name\n" acme ",p1,One\n'})
    assert [group.account for group in sort(work, piece).groups] == ["acme"]


@pytest.mark.parametrize(
    "kind",
    [
        "people",
        "phones",
        "requests",
        "configuration_items",
        "services",
        "standard_requests",
        "knowledge_articles",
        "announcements",
    ],
)
def test_people_of_a_share_that_has_ended_do_not_come_back(tmp_path: Path, kind: str) -> None:
    """The nightly import once brought back what the purge had removed an hour before; the last three kinds came back
    for longer, and `check` then counted 0 people who should have left."""
    rows = {
        "people": "account,id,name\nacme,p1,One\n",
        "phones": "account,person,number\nacme,p1,030 23125100\n",
        "requests": "account,id,subject\nacme,r1,Help\n",
        "configuration_items": "account,id,name\nacme,c1,Laptop\n",
        "services": "account,id,name\nacme,s1,Mail\n",
        "standard_requests": "account,id,subject\nacme,o1,New laptop\n",
        "knowledge_articles": "account,id,subject\nacme,k1,How to print\n",
        "announcements": "account,id,text_en\nacme,a1,Mail is down.\n",
    }
    work, (piece,) = job(tmp_path / "files", {kind: rows[kind]})
    work.references.ended["acme"] = datetime(2026, 11, 20, 12, tzinfo=UTC)
    found = sort(work, piece)
    assert found.groups == []
    assert [one.reason for one in found.refused] == [
        (
            "account 'acme': its role share ended on 2026-11-20 12:00 UTC and its people leave the store; "
            "share it again first: ctibridge share acme"
        )
    ]
