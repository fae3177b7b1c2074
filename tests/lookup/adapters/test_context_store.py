"""Context out of SQLite: of one account, by index, and only where it may be seen."""

import re
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import aiosqlite
import pytest

from ctibridge.domain.context import ConfigurationItem, MajorIncident, Request, Service, StandardRequest
from ctibridge.lookup import visibility
from ctibridge.lookup.adapters import context_store
from ctibridge.lookup.adapters.context_store import SqliteContext
from ctibridge.lookup.adapters.importing.importer import Wish
from ctibridge.lookup.adapters.schema import FILE, open_file
from ctibridge.lookup.adapters.store import SqliteStore
from ctibridge.lookup.context import Article, Part
from ctibridge.lookup.visibility import Visible
from tests.lookup.adapters.files import BASE, WHOLE, imported
from tests.lookup.examples import AT, SNAPSHOT

ANA = visibility.visible_to("ana", SNAPSHOT, AT)  # acme and fleuron
BEN = visibility.visible_to("ben", SNAPSHOT, AT)  # fleuron
SERVICES = (
    "account,id,name,people,status\n"
    "acme,mail,E-Mail,*,operational\n"
    "acme,sap,SAP,p17;p19,Major Incident\n"
    "acme,mes,Production,p18,outage\n"
    "acme,wlan,WLAN,,down\n"
    "fleuron,caisse,Caisses,*,down\n"
    "fleuron,stock,,e1,en service\n"
)
ITEMS = (
    "account,id,person,name,product,status,service\n"
    "acme,nb1,p17,NB-1,ThinkPad,in use,sap\n"
    "acme,nb2,p18,NB-2,,,\n"
    "acme,nb3,p17,,iPhone,,mail\n"
    "fleuron,nb1,p17,NB-9,,,\n"
)
STANDARD_REQUESTS = (
    "account,id,service,subject,registration_hints\n"
    "acme,sr1,mail,Reset a password,Verify first\n"
    "acme,sr2,mes,Spare panel,\n"
    "acme,sr3,,Of no service,\n"
    "fleuron,sr1,mail,Autre,\n"
)
ARTICLES = (
    "account,id,service,subject,url,languages\n"
    "acme,k1,mail,Kalender,https://x.example/1,de;en\n"
    "acme,k2,mes,Panel,,\n"
    "fleuron,k1,caisse,Caisse,,fr\n"
)
REQUESTS = (
    "account,id,requested_for,subject,status,updated_at,service,url\n"
    "acme,r1,p17,Old,completed,2026-10-01,,\n"
    "acme,r2,p17,New,assigned,2026-11-20T08:00:00Z,sap,https://x.example/r2\n"
    "acme,r3,p18,Of another,assigned,2026-11-20,,\n"
    "acme,m1,,Everybody,major incident,2026-11-20,,\n"
    "acme,m2,,Welding,MAJOR_INCIDENT,2026-11-19,mes,\n"
    "acme,m3,,Wireless,major-incident,2026-11-18,wlan,\n"
    "acme,m4,,Not major,assigned,2026-11-20,,\n"
    "acme,m5,p18,His own,major_incident,2026-11-20,,\n"
    "fleuron,m6,,Ailleurs,major_incident,2026-11-20,,\n"
)
CONTEXT = {
    "services": SERVICES,
    "configuration_items": ITEMS,
    "standard_requests": STANDARD_REQUESTS,
    "knowledge_articles": ARTICLES,
    "requests": REQUESTS,
}
QUERIES = {name: query for name, query in vars(context_store).items() if name[0].isupper() and "SELECT" in str(query)}


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    path = tmp_path / FILE
    await imported(path, tmp_path / "files", {**WHOLE, **CONTEXT})
    return path


@pytest.fixture
async def source(path: Path) -> AsyncIterator[SqliteContext]:
    source = await SqliteContext.open(path)
    yield source
    await source.close()


async def ask(source: SqliteContext, kind: Part, person: str | None = "p17", visible: Visible = ANA) -> list[object]:
    return list(await source.part(kind, person, "acme", visible))


async def test_the_services_that_cover_him_are_his_own_and_everybodys(source: SqliteContext) -> None:
    assert await ask(source, Part.SERVICES) == [
        Service("mail", "E-Mail", "operational"),
        Service("sap", "SAP", "Major Incident"),
    ]
    assert await ask(source, Part.SERVICES, "nobody") == [Service("mail", "E-Mail", "operational")]
    assert await source.part(Part.SERVICES, "e1", "fleuron", ANA) == [
        Service("caisse", "Caisses", "down"),
        Service("stock", "stock", "en service"),
    ]


async def test_items_are_his_own_and_have_some_name(source: SqliteContext) -> None:
    assert await ask(source, Part.CONFIGURATION_ITEMS) == [
        ConfigurationItem("nb1", "NB-1", "ThinkPad", "in use", "sap"),
        ConfigurationItem("nb3", "iPhone", "iPhone", None, "mail"),
    ]


async def test_requests_are_his_own_the_newest_first(source: SqliteContext) -> None:
    new = datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert await ask(source, Part.REQUESTS) == [
        Request("r2", "New", "assigned", new, "sap", "https://x.example/r2", open=True),
        Request("r1", "Old", "completed", datetime(2026, 10, 1, tzinfo=UTC), open=False),
    ]


async def test_he_may_ask_for_what_belongs_to_a_service_that_covers_him(source: SqliteContext) -> None:
    assert await ask(source, Part.STANDARD_REQUESTS) == [
        StandardRequest("sr1", "mail", "Reset a password", "Verify first")
    ]
    assert await ask(source, Part.KNOWLEDGE_ARTICLES) == [
        Article("k1", "mail", "Kalender", "https://x.example/1", ("de", "en"))
    ]


async def test_a_major_incident_concerns_whom_its_service_covers_and_everybody_where_nobody_said_whom(
    source: SqliteContext,
) -> None:
    whole, wireless = MajorIncident(None, "Everybody"), MajorIncident("wlan", "Wireless")
    mes, welding = MajorIncident("mes", "Production: outage"), MajorIncident("mes", "Welding")
    sap, wlan = MajorIncident("sap", "SAP: Major Incident"), MajorIncident("wlan", "WLAN: down")
    assert await ask(source, Part.MAJOR_INCIDENTS) == [whole, wireless, sap, wlan]
    assert await ask(source, Part.MAJOR_INCIDENTS, "p18") == [whole, welding, wireless, mes, wlan]
    assert await ask(source, Part.MAJOR_INCIDENTS, "nobody") == [whole, wireless, wlan]
    assert await ask(source, Part.MAJOR_INCIDENTS, None) == [whole, welding, wireless, mes, sap, wlan]


@pytest.mark.parametrize("kind", Part)
@pytest.mark.parametrize("person", ["p17", None])
async def test_of_an_account_that_may_not_be_seen_nothing_is_read(
    source: SqliteContext, kind: Part, person: str | None
) -> None:
    assert await ask(source, kind, person, BEN) == []
    assert await source.service_of("nb1", "acme", BEN) is None
    assert await source.of_service("mail", "acme", BEN) == ([], [])


async def test_a_service_and_what_belongs_to_it(source: SqliteContext) -> None:
    assert await source.service_of("nb1", "acme", ANA) == "sap"
    assert await source.service_of("nb2", "acme", ANA) is None
    assert await source.service_of("unknown", "acme", ANA) is None
    requests, articles = await source.of_service("mail", "acme", ANA)
    assert ([one.id for one in requests], [one.id for one in articles]) == (["sr1"], ["k1"])
    assert await source.of_service("unknown", "acme", ANA) == ([], [])


# -- who is covered by what --------------------------------------------------------------------------------------------


def coverage(path: Path, account: str = "acme") -> list[tuple[str, str]]:
    with sqlite3.connect(path) as db:
        query = "SELECT service, person FROM directory_coverage WHERE account = ? ORDER BY 1, 2"
        rows = db.execute(query, (account,)).fetchall()
    db.close()
    return rows


async def test_who_is_covered_follows_what_is_imported(path: Path, tmp_path: Path) -> None:
    assert coverage(path) == [("mail", "*"), ("mes", "p18"), ("sap", "p17"), ("sap", "p19")]
    services = "account,id,people\nacme,mail,p18\nacme,sap,p17;p20\nacme,mes,\nacme,wlan,*\n"
    await imported(path, tmp_path / "files", {"services": services})
    assert coverage(path) == [("mail", "p18"), ("sap", "p17"), ("sap", "p20"), ("wlan", "*")]
    files = {"services": "account,id,people\nacme,sap,p17\n"}
    await imported(path, tmp_path / "files", files, Wish(account="acme", replace=True))
    assert coverage(path) == [("sap", "p17")]
    assert coverage(path, "fleuron") == [("caisse", "*"), ("stock", "e1")]


async def test_ids_of_people_may_hold_what_means_something_elsewhere(path: Path, tmp_path: Path) -> None:
    services = 'account,id,people\nacme,odd,"a""b;c\\d;[1,2];ä,ö;null;7"\n'
    await imported(path, tmp_path / "files", {"services": services})
    people = [person for service, person in coverage(path) if service == "odd"]
    assert people == sorted(['a"b', "c\\d", "[1,2]", "ä,ö", "null", "7"])


# -- which accounts have any -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "accounts"),
    [
        ({}, set()),
        ({"services": SERVICES}, {"acme", "fleuron"}),
        ({"configuration_items": "account,id,person\nacme,nb,p17\n"}, {"acme"}),
        ({"requests": "account,id,subject\nfleuron,r,x\n"}, {"fleuron"}),
        ({"knowledge_articles": ARTICLES, "standard_requests": STANDARD_REQUESTS}, set()),
    ],
)
async def test_the_small_tables_say_which_accounts_have_any(
    tmp_path: Path, files: dict[str, str], accounts: set[str]
) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", {**BASE, **files})
    store = await SqliteStore.open(tmp_path / FILE)
    assert (await store.snapshot()).context_accounts == accounts
    await store.close()


# -- by index ----------------------------------------------------------------------------------------------------------


async def plan(connection: aiosqlite.Connection, query: str) -> list[str]:
    places = max(map(int, re.findall(r"\?(\d)", query)))
    rows = await connection.execute_fetchall(f"EXPLAIN QUERY PLAN {query}", ["1"] * places)
    return [row[3] for row in rows]


def test_no_query_is_forgotten() -> None:
    assert len(QUERIES) == 10


@pytest.mark.parametrize("analysed", [False, True])
@pytest.mark.parametrize("name", QUERIES)
async def test_no_query_goes_through_an_account(path: Path, name: str, *, analysed: bool) -> None:
    """Whatever SQLite knows of a directory that is small or lopsided."""
    connection = await open_file(path)
    if analysed:
        await connection.execute("ANALYZE")
    steps = await plan(connection, QUERIES[name])
    await connection.close()
    assert not [step for step in steps if step.startswith("SCAN")], steps
    assert not [step for step in steps if step.endswith("(account=?)")], steps


async def test_a_store_that_is_closed_raises_what_the_look_up_counts_as_a_fault(path: Path) -> None:
    source = await SqliteContext.open(path)
    await source.close()
    with pytest.raises(ValueError, match="closed"):
        await ask(source, Part.SERVICES)
