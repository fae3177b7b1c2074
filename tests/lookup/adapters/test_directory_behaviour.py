"""One suite over every directory: what is asked of it is answered alike, wherever it is kept."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ctibridge.domain.account import Account, Announcement
from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Name, Private
from ctibridge.domain.resolution import Grade
from ctibridge.lookup import index
from ctibridge.lookup.adapters import store as stores
from ctibridge.lookup.adapters.store import DirectoryStore
from ctibridge.lookup.claims import Claim, ClaimRow
from ctibridge.lookup.holders import NumberRow
from ctibridge.lookup.numbers import Understood
from ctibridge.lookup.snapshot import Changes
from ctibridge.lookup.stored_numbers import FAX
from tests.lookup.adapters.directories import ALL, MAKERS, Held, Make, Small, seeing, sqlite
from tests.lookup.examples import ACME, ACME_SERVICE, ANA, FLEURON, KHALIJ, SNAPSHOT, ZURICH

MOBILE, OTHER, OLD = "+5491123456789", "+541123456789", "+54111523456789"
AT = datetime(2026, 11, 20, 18, tzinfo=UTC)
EXACT, REWRITTEN, EXTENSION, SUFFIX = Grade


def person(account: str, id_: str, name: str = "Regula Frei", **more: str | bool) -> Person:
    private = ("email", "employee_id", "support_id")
    cells = {key: Private(value) if key in private else value for key, value in more.items()}  # type: ignore[arg-type]
    return Person(PersonKey(account, id_), Name(name), **cells)  # type: ignore[arg-type]


REGULA = person("acme", "p17", email="Regula@acme.example", employee_id="A-17", site="Zürich")
URS = person("acme", "p18", "Urs Zgraggen", employee_id="a-17", support_id="S-1", disabled=True)
ELODIE = person("fleuron", "e1", "Élodie Lefèvre", employee_id="A-17")
KARIM = person("khalij", "p17", "كريم الرشيد", email="regula@acme.example")
SMALL = Small(
    accounts=(ACME, FLEURON, KHALIJ),
    people=(REGULA, URS, ELODIE, KARIM),
    held=(
        Held(REGULA.key, MOBILE, changed_at=AT),
        Held(REGULA.key, MOBILE, "work", imported=True, changed_at=AT.replace(hour=1)),
        Held(REGULA.key, "4711", "desk 2"),
        Held(URS.key, OTHER, "home", changed_at=AT),
        Held(ELODIE.key, MOBILE, "work"),
        Held(ELODIE.key, "4711"),
        Held(ELODIE.key, "0042"),
        Held(KARIM.key, MOBILE),
        Held(KARIM.key, "+971501234567"),
    ),
    requests={("acme", "R-1"): "p18", ("khalij", "R-1"): "p17", ("fleuron", "R-2"): "nobody"},
    agents=tuple(SNAPSHOT.agents.values()),
    shares=tuple(share for shares in SNAPSHOT.shares.values() for share in shares),
    grants=tuple(grant for grants in SNAPSHOT.grants.values() for grant in grants),
    service_numbers=tuple(SNAPSHOT.service_numbers.values()),
    sites=(ZURICH,),
    announcements=(Announcement("acme", "n1", {"de": "Störung"}, "Zürich", None, AT),),
    version=9,
    tables=4,
    logged_from=6,
    changed=((7, URS.key), (8, REGULA.key), (9, URS.key), (9, PersonKey("acme", "gone"))),
)


@pytest.fixture(params=MAKERS)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DirectoryStore]:
    opened: DirectoryStore = await request.param(SMALL, tmp_path)
    yield opened
    await opened.close()


def of(person: Person, label: str, matched: str, grade: Grade = EXACT, *, imported: bool = False) -> NumberRow:
    return NumberRow(person.key.account, person.key.id, label, person.disabled, imported, matched, grade)


REGULAS = {of(REGULA, "mobile", MOBILE), of(REGULA, "work", MOBILE, imported=True)}
ELODIES, KARIMS = {of(ELODIE, "work", MOBILE)}, {of(KARIM, "mobile", MOBILE)}


@pytest.mark.parametrize(
    ("number", "called", "visible", "expected"),
    [
        (Understood(e164=MOBILE), None, ALL, REGULAS | ELODIES | KARIMS),
        (Understood(e164=MOBILE), "acme", ALL, REGULAS | ELODIES | KARIMS),
        (Understood(e164=MOBILE), "acme", ("fleuron",), ELODIES),
        (Understood(e164=MOBILE), None, (), set()),
        (Understood(e164="+49999999"), None, ALL, set()),
        (Understood(e164=OTHER), None, ALL, {of(URS, "home", OTHER)}),
        # another spelling of the same line, and both
        (Understood(e164=OTHER, rewritten=(MOBILE,)), None, ("acme",),
         {of(URS, "home", OTHER), *(replace(row, grade=REWRITTEN) for row in REGULAS)}),
        (Understood(e164=OLD, rewritten=(OTHER, OLD)), None, ALL, {of(URS, "home", OTHER, REWRITTEN)}),
        (Understood(rewritten=(OTHER,)), None, ALL, {of(URS, "home", OTHER, REWRITTEN)}),
        # an extension is the called company's, and nobody's where none was called
        (Understood(extension="4711"), "acme", ALL, {of(REGULA, "desk 2", "4711", EXTENSION)}),
        (Understood(extension="4711"), "fleuron", ALL, {of(ELODIE, "mobile", "4711", EXTENSION)}),
        (Understood(extension="4711"), "acme", ("fleuron",), set()),
        (Understood(extension="4711"), None, ALL, set()),
        (Understood(extension="0042"), "fleuron", ALL, {of(ELODIE, "mobile", "0042", EXTENSION)}),
        (Understood(extension="42"), "fleuron", ALL, set()),
        # the end of a number: the last resort
        (Understood(tail="1123456789"), None, ("acme", "fleuron"),
         {of(URS, "home", OTHER, SUFFIX), *(replace(row, grade=SUFFIX) for row in (*REGULAS, *ELODIES))}),
        (Understood(tail="91123456789"), "fleuron", ALL, {of(ELODIE, "work", MOBILE, SUFFIX)}),
        (Understood(tail="1234567"), "khalij", ALL, {of(KARIM, "mobile", "+971501234567", SUFFIX)}),
        (Understood(tail="1234567"), "acme", ALL, set()),
        (Understood(tail="1234567"), "khalij", ("acme",), set()),
        (Understood(tail="234567"), None, ALL, set()),  # too short to say anything
        (Understood(tail="01234567"), None, ALL, {of(KARIM, "mobile", "+971501234567", SUFFIX)}),
        (Understood(tail="0971501234567"), None, ALL, set()),
        (Understood(), "acme", ALL, set()),
    ],
)  # fmt: skip
async def test_who_holds_a_number(
    store: DirectoryStore, number: Understood, called: str | None, visible: Iterable[str], expected: set[NumberRow]
) -> None:
    holders = await store.holders(number, called, seeing(*visible))
    rows = holders.seen_by(seeing(*ALL))
    assert set(rows) == expected
    assert len(rows) == len(expected)
    assert holders.hidden_accounts(seeing(*visible)) == ()  # not even read


@pytest.mark.parametrize("make", MAKERS)
async def test_a_number_of_a_whole_company_is_read_up_to_a_limit_and_the_others_in_full(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "MOST_HOLDERS", 3)
    monkeypatch.setattr(index, "MOST_PEOPLE", 3)
    crowd = tuple(person("acme", f"c{number}") for number in range(5))
    held = tuple(Held(one.key, MOBILE, label) for one in crowd for label in ("mobile", "work"))
    two = (Held(ELODIE.key, MOBILE), Held(ELODIE.key, MOBILE, "home"))
    small = Small((ACME, FLEURON), (*crowd, ELODIE), (*held, *two))
    store = await make(small, tmp_path)
    rows = (await store.holders(Understood(e164=MOBILE), None, seeing(*ALL))).seen_by(seeing(*ALL))
    assert {row.person for row in rows} == {"c0", "c1", "c2", "e1"}
    assert len(rows) == 2 * 4
    tails = (await store.holders(Understood(tail=MOBILE[-8:]), None, seeing(*ALL))).seen_by(seeing(*ALL))
    assert sorted(row.account for row in tails) == ["acme"] * 3 + ["fleuron"] * 2
    await store.close()


@pytest.mark.parametrize("make", MAKERS[1:])
@pytest.mark.parametrize("first", ["a1", "z1"])
@pytest.mark.parametrize("came", ["first", "last"])
async def test_the_fax_machine_of_a_whole_office_does_not_hide_whose_telephone_it_is_besides(
    make: Make, tmp_path: Path, first: str, came: str
) -> None:
    """70 people listed it as their fax and one as his desk: they were 64 before he was come to, and nobody was found;
    the index found him, if his id came before theirs."""
    office = tuple(person("acme", f"q{number:03}") for number in range(70))
    regula = person("acme", first)
    held = tuple(Held(one.key, MOBILE, FAX) for one in office)
    everybody = (regula, *office) if came == "first" else (*office, regula)
    small = Small((ACME,), everybody, (*held, Held(regula.key, MOBILE, "work")))
    store = await make(small, tmp_path)
    for number in (Understood(e164=MOBILE), Understood(tail=MOBILE[-8:])):
        rows = (await store.holders(number, None, seeing(*ALL))).seen_by(seeing(*ALL))
        assert [row.person for row in rows if row.label != FAX] == [first]
    await store.close()


async def test_the_store_tells_who_lists_a_number_as_fax_up_to_the_limit(tmp_path: Path) -> None:
    """For `ctibridge lookup`, which says why not."""
    office = tuple(person("acme", f"q{number:03}") for number in range(70))
    both = (Held(office[0].key, MOBILE, "work"),)
    store = await sqlite(Small((ACME,), office, (*(Held(one.key, MOBILE, FAX) for one in office), *both)), tmp_path)
    rows = (await store.holders(Understood(e164=MOBILE), None, seeing(*ALL))).seen_by(seeing(*ALL))
    assert sum(row.label == FAX for row in rows) == stores.MOST_HOLDERS
    assert len(rows) == stores.MOST_HOLDERS + 1
    await store.close()


@pytest.mark.parametrize(
    ("kind", "value", "visible", "expected"),
    [
        ("employee_id", "A-17", ("acme",), {REGULA.key, URS.key}),
        ("employee_id", "a-17", ALL, {REGULA.key, URS.key, ELODIE.key}),
        ("employee_id", "A-1", ALL, set()),
        ("employee_id", "%", ALL, set()),
        ("support_id", "s-1", ALL, {URS.key}),
        ("email", "REGULA@acme.example", ALL, {REGULA.key, KARIM.key}),
        ("email", "regula@acme.example", (), set()),
        ("email", "x' OR 1 --", ALL, set()),
        ("request", "R-1", ("acme", "fleuron"), {URS.key}),
        ("request", "R-1", ALL, {URS.key, KARIM.key}),
        ("request", "R-2", ALL, set()),
        ("request", "r-1", ALL, set()),
    ],
)
async def test_whose_record_has_what_is_claimed(
    store: DirectoryStore, kind: str, value: str, visible: Iterable[str], expected: set[PersonKey]
) -> None:
    claim = Claim(kind, Private(value))
    rows = (await store.claimants([claim], seeing(*visible))).seen_by(seeing(*ALL))
    assert {PersonKey(row.account, row.person) for row in rows} == expected
    assert all(row == ClaimRow(row.account, row.person, row.person == "p18", claim) for row in rows)


@pytest.mark.parametrize("make", MAKERS)
async def test_what_nearly_everybody_of_a_company_has_names_nobody_of_it(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "MOST_CLAIMANTS", 1)
    store = await make(SMALL, tmp_path)
    both = [Claim("employee_id", Private("A-17")), Claim("support_id", Private("S-1"))]
    rows = (await store.claimants(both, seeing(*ALL))).seen_by(seeing(*ALL))
    assert {(row.person, row.claim.kind) for row in rows} == {("e1", "employee_id"), ("p18", "support_id")}
    await store.close()


async def test_people_as_far_as_they_exist_and_may_be_seen(store: DirectoryStore) -> None:
    keys = [REGULA.key, PersonKey("acme", "nobody"), ELODIE.key, PersonKey("unknown", "p17"), KARIM.key]
    found = await store.people(keys, seeing("acme", "khalij"))
    assert found == {REGULA.key: replace(REGULA, numbers_changed={MOBILE: AT}), KARIM.key: KARIM}
    assert await store.people([], seeing(*ALL)) == {}
    assert await store.people(keys, seeing()) == {}


@pytest.mark.parametrize("make", MAKERS)
async def test_many_people_at_once(make: Make, tmp_path: Path) -> None:
    people = tuple(person("acme", str(number)) for number in range(1200))
    store = await make(Small((ACME,), people), tmp_path)
    assert len(await store.people((one.key for one in people), seeing("acme"))) == 1200
    await store.close()


async def test_the_small_tables(store: DirectoryStore) -> None:
    snapshot = await store.snapshot()
    assert snapshot == SMALL.snapshot()
    assert (snapshot.version, snapshot.tables) == (store.version(), store.tables_version()) == (9, 4)
    assert snapshot.agents["ana"] == ANA
    assert snapshot.service_numbers[ACME_SERVICE.number] == ACME_SERVICE
    assert snapshot.announcements["acme"][0].texts == {"de": "Störung"}


@pytest.mark.parametrize("make", MAKERS)
async def test_an_account_with_all_its_texts(make: Make, tmp_path: Path) -> None:
    full = replace(
        ACME, briefing={"de": "B"}, verification={"en": "V"}, out_of_hours={"fr": "O"}, holidays="2026-12-25"
    )
    store = await make(Small((full, Account("x", "X"))), tmp_path)
    assert (await store.snapshot()).accounts == {"acme": full, "x": Account("x", "X")}
    await store.close()


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        (9, Changes(9, frozenset())),
        (8, Changes(9, frozenset({URS.key, PersonKey("acme", "gone")}))),
        (6, Changes(9, frozenset({URS.key, REGULA.key, PersonKey("acme", "gone")}))),
        (5, None),  # not all of them are known
        (10, None),  # of another history
    ],
)
async def test_who_changed(store: DirectoryStore, version: int, expected: Changes | None) -> None:
    assert await store.changes(version) == expected


@pytest.mark.parametrize("make", MAKERS)
async def test_too_many_changes_are_none(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "MOST_CHANGES", 2)
    store = await make(SMALL, tmp_path)
    assert await store.changes(6) is None
    assert await store.changes(8) is not None
    await store.close()


FOLK = Small(
    (ACME, FLEURON, KHALIJ),
    (
        person("acme", "1", "Jörg Müller", email="joerg@acme.example", employee_id="E-100"),
        person("acme", "2", "Anna Mueller-Frei", employee_id="E-10"),
        person("acme", "3", "Anna Müllerin", support_id="100"),
        person("acme", "4", "Anna Müller", disabled=True),
        person("fleuron", "1", "Anna Müller", email="e-100@fleuron.example"),
        person("fleuron", "2", "Siobhán O'Neill"),
        person("khalij", "1", "王小明"),
        person("khalij", "2", "أحمد الرَّشيد"),
        person("khalij", "3", "Anna Maria Anderson"),
    ),
)


@pytest.mark.parametrize(
    ("text", "accounts", "expected"),
    [
        ("muller", ("acme",), "acme1 acme3 acme4"),
        ("müller", ("acme",), "acme2 acme1 acme3 acme4"),
        ("mueller anna", ALL, "acme2 acme3 fleuron1 acme4"),
        ("anna m", ("fleuron", "acme", "khalij"), "fleuron1 khalij3 acme2 acme3 acme4"),
        ("AN AN", ALL, "acme2 acme3 khalij3 fleuron1 acme4"),
        ("anna maria anderson", ALL, "khalij3"),
        ("anna maria bauer", ALL, ""),
        ("frei", ALL, "acme2"),
        ("o'nei", ALL, "fleuron2"),
        ("neill", ("fleuron",), "fleuron2"),
        ("neill", ("acme",), ""),
        ("neill", ("unknown", "fleuron"), "fleuron2"),
        ("小明", ALL, "khalij1"),
        ("الرشيد", ALL, "khalij2"),
        ("e-10", ALL, "acme2 acme1 fleuron1"),
        ("E-100", ALL, "acme1 fleuron1"),
        ("100", ALL, "acme3"),
        ("JOERG@", ALL, "acme1"),
        ("joerg@acme.example", ALL, "acme1"),
        ("ller", ALL, ""),
        ("%", ALL, ""),
        ("", ALL, ""),
        ("   ", ALL, ""),
        ("a" * 101, ALL, ""),
    ],
)
@pytest.mark.parametrize("make", MAKERS)
async def test_search(make: Make, tmp_path: Path, text: str, accounts: tuple[str, ...], expected: str) -> None:
    store = await make(FOLK, tmp_path)
    found = await store.search(text, accounts, seeing(*ALL), 20)
    assert " ".join(one.key.account + one.key.id for one in found) == expected
    assert all(one in FOLK.people for one in found)
    assert await store.search(text, accounts, seeing(*ALL), 2) == found[:2]
    unseen = await store.search(text, accounts, seeing("khalij"), 20)
    assert unseen == tuple(one for one in found if one.key.account == "khalij")
    await store.close()
