"""What rows may point at, and how numbers of an account are read."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ctibridge.lookup.adapters.importing import references
from ctibridge.lookup.adapters.importing.extension_plan import Plan
from ctibridge.lookup.adapters.importing.references import References, Site
from ctibridge.lookup.adapters.schema import FILE, open_file
from tests.lookup.adapters.files import BASE, imported

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_the_country_is_the_sites_else_the_accounts() -> None:
    known = References({"acme": "DE", "x": None}, {"acme": {"Zürich": Site("CH"), "Somewhere": Site()}})
    assert known.country("acme", "Zürich") == "CH"
    assert known.country("acme", "Somewhere") == "DE"
    assert known.country("acme", None) == "DE"
    assert known.country("x", "Zürich") is None


def test_a_file_without_a_column_does_not_make_it_unknown() -> None:
    """A sites.csv with names and plans alone once made all countries of sites unknown, and their numbers unreadable."""
    known = References({"acme": "DE"}, {"acme": {"Zürich": Site("CH", Plan(((2, 10, 20),)))}})
    known.remember("sites", {"account": "acme", "name": "Zürich", "extensions": "4000-4999"})
    known.remember("accounts", {"id": "acme", "name": "ACME"})
    assert known.sites["acme"]["Zürich"] == Site("CH", Plan(((4, 4000, 4999),)))
    assert known.countries["acme"] == "DE"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"account": "zeta"}, "account 'zeta' is not known; import accounts.csv with it first"),
        ({"agent": "zoe"}, "agent 'zoe' is not known; import agents.csv with it first"),
    ],
)
def test_what_is_not_there(values: dict[str, str], expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        References({"acme": None}, agents={"ana"}).check(values)


def test_accounts_whose_share_has_ended() -> None:
    past, future = "2026-11-20T00:00:00+00:00", "2026-11-22T00:00:00+00:00"
    known = References()
    for account, ends_at in (("ended", past), ("ends later", future), ("endless", None)):
        known.remember("role_shares", {"account": account, "role": "service_desk_analyst", "ends_at": ends_at})
    known.remember("role_shares", {"account": "two", "role": "a", "ends_at": past})
    known.remember("role_shares", {"account": "two", "role": "b", "ends_at": future})
    known.close(NOW)
    assert known.ended == {"ended": datetime.fromisoformat(past)}


async def test_what_the_store_has(tmp_path: Path) -> None:
    shares = "account,role,ends_at\nacme,service_desk_analyst,2026-11-20\n"
    sites = "account,name,country,extensions\nacme,Zürich,CH,4000-4999\n"
    await imported(tmp_path / FILE, tmp_path / "files", {**BASE, "role_shares": shares, "sites": sites})
    connection = await open_file(tmp_path / FILE)
    known = await references.load(connection)
    await connection.close()
    known.close(NOW)
    assert known.countries == {"acme": "DE", "fleuron": "FR"}
    assert known.plan("acme", "Zürich") == Plan(((4, 4000, 4999),))
    assert (known.agents, list(known.ended), known.labels["fax"]) == ({"ana", "ben"}, ["acme"], 5)
