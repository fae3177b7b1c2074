"""Rows of one account made ready for the store."""

from dataclasses import replace
from pathlib import Path

import pytest

from ctibridge.lookup.adapters.importing.preparing import NEW_LABELS, PERSON, people_of
from ctibridge.lookup.adapters.importing.reading import sort
from ctibridge.lookup.adapters.tables import STORED
from ctibridge.lookup.kept_out import KeptOut, mark
from ctibridge.lookup.number_key import pack
from ctibridge.lookup.phone_labels import AllowedLabels
from tests.lookup.adapters import jobs
from tests.lookup.adapters.jobs import job, known, packed_of, prepared

PEOPLE = (
    "account,id,name,site,updated_at,phones\n"
    "acme,p2,Zoe Ångström,,2026-11-21T00:00:00Z,work:+493023124712;mobile:0171 3920018\n"
    "acme,p1,Ana Ruiz,Zürich,,work:044 000 01 17\n"
)


def test_people_in_the_order_of_the_store(tmp_path: Path) -> None:
    found = prepared(tmp_path / "files", {"people": PEOPLE})
    name, updated_at = PERSON.index("name"), PERSON.index("updated_at")
    assert [(row[0], row[name], row[updated_at]) for row in found.people] == [
        ("p1", "Ana Ruiz", None),
        ("p2", "Zoe Ångström", 1795219200),
    ]
    assert found.owners == ["p1", "p2"]
    assert found.phones == [
        (pack("+41440000117"), 1, 2, 0, 0, None),
        (pack("+491713920018"), 2, 1, 0, 0, None),
        (pack("+493023124712"), 2, 2, 0, 0, None),
    ]
    assert ("ana", [1]) in found.terms
    assert ("angstrom", [2]) in found.terms


def test_the_file_phones_is_read_with_the_country_of_its_persons_site(tmp_path: Path) -> None:
    """Also where the store knows him and the files do not."""
    phones = "account,person,label,number,imported,changed_at\nacme,p9,home,044 000 02 17,true,1970-01-02\n"
    found = prepared(tmp_path / "files", {"phones": phones}, sites={"p9": "Zürich"}, fresh=False)
    assert (found.owners, found.told) == (["p9"], [1])
    assert found.phones == [(pack("+41440000217"), 1, 3, 1, 1, 86_400)]


def test_people_without_a_column_for_the_site_are_read_with_the_site_that_is_stored(tmp_path: Path) -> None:
    people = "account,id,name,phones\nacme,p9,Nine,044 000 02 17\n"
    found = prepared(tmp_path / "files", {"people": people}, sites={"p9": "Zürich"}, fresh=False)
    assert [phone[0] for phone in found.phones] == [pack("+41440000217")]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"people": "account,id,name\nacme,p1,One\nacme,p1,Two\n"}, (3, "stands already in line 2; leave one out")),
        ({"requests": "account,id,subject\nacme,r1,A\nacme,r1,B\n"}, (3, "stands already in line 2; leave one out")),
        ({"people": "account,id,name,vip\nacme,p1,One,often\n"}, (2, "vip: 'often' is neither true nor false")),
        (
            {"phones": "account,person,number\nacme,p7,4711\n"},
            (2, "person 'p7' is not known in account 'acme'; import people.csv with them first"),
        ),
    ],
    ids=["person twice", "request twice", "cell", "nobody"],
)
def test_refused(tmp_path: Path, files: dict[str, str], expected: tuple[int, str]) -> None:
    found = prepared(tmp_path / "files", files)
    assert [(line, reason) for _, line, reason, _ in found.refused] == [expected]


def test_a_row_that_stands_there_twice_tells_no_numbers(tmp_path: Path) -> None:
    people = "account,id,name,phones\nacme,p1,One,4711\nacme,p1,Two,4712\n"
    found = prepared(tmp_path / "files", {"people": people})
    assert [phone[0] for phone in found.phones] == [pack("4711")]


def test_short_numbers_follow_from_the_plan_of_the_site(tmp_path: Path) -> None:
    people = "account,id,name,site,phones\nacme,p1,One,Berlin,work:+493023124711\nacme,p2,Two,Zürich,+493023124712\n"
    found = prepared(tmp_path / "files", {"people": people})
    assert [phone[:4] for phone in found.phones if phone[3] == 2] == [(pack("4711"), 1, 2, 2)]


def test_of_an_account_that_the_store_has_people_of_the_store_derives_itself(tmp_path: Path) -> None:
    people = "account,id,name,site,phones\nacme,p1,One,Berlin,work:+493023124711\n"
    found = prepared(tmp_path / "files", {"people": people}, fresh=False)
    assert (found.terms, [phone[3] for phone in found.phones]) == ([], [0])


def test_labels_that_the_store_does_not_have(tmp_path: Path) -> None:
    phones = "account,person,label,number\nacme,p1,Garage,4711\nacme,p1,boat,4712\nacme,p1,garage,4713\n"
    found = prepared(tmp_path / "files", {"phones": phones}, sites={"p1": None})
    assert found.labels == ["garage", "boat"]
    assert [phone[2] for phone in found.phones] == [NEW_LABELS, NEW_LABELS + 1, NEW_LABELS]


def test_a_fax_and_a_number_that_is_none_are_told(tmp_path: Path) -> None:
    people = "account,id,name,phones\nacme,p1,One,fax:+493023125199;work:n/a\n"
    found = prepared(tmp_path / "files", {"people": people})
    assert [(person, text, fax) for _, _, person, text, _, fax in found.unusable] == [
        ("p1", "+493023125199", True),
        ("p1", "n/a", False),
    ]


@pytest.mark.parametrize(("cell", "stored"), [("*", "*"), ("p1;p2", '["p1","p2"]'), ("", None)])
def test_the_people_of_a_service(tmp_path: Path, cell: str, stored: str | None) -> None:
    found = prepared(tmp_path / "files", {"services": f"account,id,people\nacme,s1,{cell}\n"})
    assert found.tables == {"services": [["acme", "s1", None, stored, None]]}


def test_announcements_have_a_text_for_each_language(tmp_path: Path) -> None:
    announcements = "account,id,text_de,text_en\nacme,a1,Hallo,Hello\n"
    found = prepared(tmp_path / "files", {"announcements": announcements})
    assert found.tables["announcements"][0][-1] == '{"de":"Hallo","en":"Hello"}'


def test_nothing_prepared_prints_a_person(tmp_path: Path) -> None:
    assert "Ana" not in repr(prepared(tmp_path / "files", {"people": PEOPLE}))


def test_of_whom_the_rows_need_to_know_what_is_stored(tmp_path: Path) -> None:
    files = {"people": "account,id,name,site\nacme,p1,One,\n", "phones": "account,person,number\nacme, p2 ,4711\n"}
    work, pieces = job(tmp_path / "files", files)
    rows = packed_of("acme", {table: sort(work, (table, chunk)) for table, chunk in pieces})
    assert people_of(work, rows) == {"p2"}


def test_who_was_erased_is_left_out_with_all_that_is_told_of_him(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = b"k" * 32
    kept_out = KeptOut(key, {"acme": frozenset({mark(key, "acme", "p1")})})
    monkeypatch.setattr(jobs, "known", lambda: replace(known(), kept_out=kept_out))
    files = {
        "people": "account,id,name,manager,phones\nacme,p1,Ana Ruiz,,work:044 000 01 17\nacme,p2,Zoe,p1,\n"
        "acme,p3,Al,p2,\n",
        "phones": "account,person,number\nacme,p1,+4930111222\nacme,p2,+4930111223\n",
        "requests": "account,id,requested_for,subject\nacme,r1,p1,A\nacme,r2,p2,B\nacme,r3,,C\n",
        "configuration_items": "account,id,person,name\nacme,c1,p1,A\nacme,c2,,B\n",
        "services": "account,id,name,people\nacme,s1,A,p1;p2\nacme,s2,B,*\n",
    }
    found = prepared(tmp_path / "files", files)
    managers = PERSON.index("manager")
    assert [(row[0], row[managers]) for row in found.people] == [("p2", None), ("p3", "p2")]
    assert [phone[0] for phone in found.phones] == [pack("+4930111223")]
    assert [row[1] for row in found.tables["requests"]] == ["r2", "r3"]
    assert [row[1] for row in found.tables["configuration_items"]] == ["c2"]
    at = (*STORED["services"].key, *STORED["services"].columns).index("people")
    assert [row[at] for row in found.tables["services"]] == ['["p2"]', "*"]
    assert len(found.erased) == 4, "a row each of people, phones, requests and items"
    assert found.refused == []


ONLY_WORK = AllowedLabels({"acme": frozenset({"work"})})


def test_numbers_that_the_account_does_not_allow_are_left_out_and_nothing_follows_from_them(tmp_path: Path) -> None:
    """The home number would be 4712 by the plan, and what can never match is nobody's business either."""
    people = (
        "account,id,name,site,phones\n"
        "acme,p1,One,Berlin,work:+493023124711;Privat:n/a;mobile:0171 3920018;home:+493023124712;work:n/a\n"
    )
    found = prepared(tmp_path / "files", {"people": people}, allowed=ONLY_WORK)
    assert [phone[:4] for phone in found.phones] == [(pack("+493023124711"), 1, 2, 0), (pack("4711"), 1, 2, 2)]
    assert found.left_out == [(0, 2, "p1", "mobile"), (0, 2, "p1", "home")]
    assert [reason for *_, reason, _ in found.unusable] == ["no digits"]
    assert found.labels == []


def test_the_label_is_what_import_makes_of_the_number(tmp_path: Path) -> None:
    """A switchboard's number and a fax are no work numbers, whatever stands in front of them."""
    phones = "account,person,label,number\nacme,p1,work,+49 30 23125-0 ext. 45\nacme,p1,work,Fax +493023125199\n"
    found = prepared(tmp_path / "files", {"phones": phones}, sites={"p1": None}, allowed=ONLY_WORK)
    assert [label for *_, label in found.left_out] == ["general", "fax"]
    assert (found.phones, found.unusable) == ([], [])
