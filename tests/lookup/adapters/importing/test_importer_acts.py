"""An import after an act: the nightly export does not know what somebody said by hand."""

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ctibridge.lookup.adapters.acts import Actor, Acts
from ctibridge.lookup.adapters.importing.importer import Wish
from ctibridge.lookup.adapters.importing.merge import TableMerge
from ctibridge.lookup.adapters.schema import FILE, open_file
from tests.lookup.adapters.files import WHOLE, Told, imported

NOW = datetime.now(UTC)
NIGHTS, ALWAYS = "Mo-Fr 22:00-06:00 Europe/Berlin", "Mo-Su 00:00-24:00 Europe/Berlin"
SOON = NOW + timedelta(days=10)
SHARES = "account,role,starts_at,ends_at\nacme,service_desk_analyst,2024-01-01,\nfleuron,service_desk_analyst,,\n"
GRANTS = "agent,account,starts_at,ends_at,hours\nana,acme,,,\nana,fleuron,,,\nben,fleuron,,,\n"
NIGHTLY = {**WHOLE, "role_shares": SHARES, "grants": GRANTS}


async def act(folder: Path, what: Callable[[Acts], Awaitable[None]]) -> None:
    async with await Acts.open(folder / FILE, Actor("eva", datetime.now(UTC))) as acts:
        await what(acts)


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / FILE)) as db:
        return db.execute(query).fetchall()


async def nightly(folder: Path, wish: Wish | None = None, **files: str) -> tuple[int, int, list[str]]:
    """How many changes, how many kept narrower, and what was refused."""
    told = Told()
    summary = await imported(folder / FILE, folder / "files", {**NIGHTLY, **files}, wish, told)
    return summary.changes, summary.kept, told.refused


ENDS = "SELECT ends_at IS NOT NULL FROM directory_role_share WHERE account = 'acme'"


async def test_whose_share_was_revoked_is_not_brought_back_by_an_export_with_an_empty_end(tmp_path: Path) -> None:
    """The sample's role_shares.csv has the column `ends_at`: the night after, an ended customer's people were back."""
    await nightly(tmp_path)
    await act(tmp_path, lambda acts: acts.end_share("acme"))
    before = rows(tmp_path, "SELECT * FROM directory_role_share")
    for _ in range(2):
        changes, kept, refused = await nightly(tmp_path)
        assert (changes, kept, len(refused)) == (0, 1, 3)  # two people, one phone
        assert "its role share ended on" in refused[0]
        assert rows(tmp_path, "SELECT * FROM directory_role_share") == before
    await act(tmp_path, lambda acts: acts.share("acme", None))
    assert (await nightly(tmp_path))[1:] == (0, [])
    assert rows(tmp_path, ENDS) == [(0,)]


async def test_a_share_that_ended_while_the_files_were_read_stays_ended(tmp_path: Path) -> None:
    await nightly(tmp_path)
    told = ["acme", "service_desk_analyst", None, None]
    await act(tmp_path, lambda acts: acts.end_share("acme"))
    connection = await open_file(tmp_path / FILE)
    merge = TableMerge(connection, writes=True)
    await merge.whole("role_shares", [told], ("account", "role", "ends_at"))
    await connection.close()
    assert (merge.kept, rows(tmp_path, ENDS)) == (1, [(1,)])


async def test_what_a_file_ended_a_later_file_opens_again_with_its_people(tmp_path: Path) -> None:
    await nightly(tmp_path)
    await nightly(tmp_path, role_shares="account,role,ends_at\nacme,service_desk_analyst,2026-01-01\n")
    share = "SELECT ends_at FROM directory_role_share WHERE account = 'acme'"
    assert rows(tmp_path, share) == [("2026-01-01T00:00:00+00:00",)]
    assert (await nightly(tmp_path))[1:] == (0, [])
    assert rows(tmp_path, share) == [(None,)]


async def test_a_file_may_prolong_what_files_alone_have_said(tmp_path: Path) -> None:
    share = "account,role,ends_at\nacme,service_desk_analyst,{}\n"
    for end in ("2098-01-01", "2099-01-01", "2097-01-01"):
        assert (await nightly(tmp_path, role_shares=share.format(end)))[1:] == (0, [])
        ((stored,),) = rows(tmp_path, "SELECT ends_at FROM directory_role_share WHERE account = 'acme'")
        assert str(stored).startswith(end)


async def test_an_end_and_hours_that_were_set_by_hand_hold_against_the_file(tmp_path: Path) -> None:
    await nightly(tmp_path)
    await act(tmp_path, lambda acts: acts.share("acme", SOON))
    await act(tmp_path, lambda acts: acts.grant("ana", "acme", SOON, NIGHTS))
    held = "SELECT ends_at, hours FROM directory_grant WHERE agent = 'ana' AND account = 'acme'"
    before = rows(tmp_path, held)
    await nightly(tmp_path)  # it says when they began
    assert (await nightly(tmp_path))[:2] == (0, 2)
    wider = GRANTS.replace("ana,acme,,,", f"ana,acme,,2099-01-01,{ALWAYS}")
    assert (await nightly(tmp_path, grants=wider))[:2] == (0, 2)
    assert rows(tmp_path, held) == before == [(SOON.isoformat(), NIGHTS)]
    assert rows(tmp_path, "SELECT ends_at FROM directory_role_share WHERE account = 'acme'") == [(SOON.isoformat(),)]


async def test_a_narrower_end_and_narrower_hours_of_a_file_count(tmp_path: Path) -> None:
    await nightly(tmp_path)
    await act(tmp_path, lambda acts: acts.grant("ana", "acme", SOON, NIGHTS))
    end, hours = (SOON - timedelta(days=5)).isoformat(), "Tu 23:00-04:00 Europe/Berlin"
    assert (await nightly(tmp_path, grants=f"agent,account,ends_at,hours\nana,acme,{end},{hours}\n"))[1] == 0
    held = "SELECT ends_at, hours FROM directory_grant WHERE agent = 'ana' AND account = 'acme'"
    assert rows(tmp_path, held) == [(end, hours)]
    await nightly(tmp_path)
    assert rows(tmp_path, held) == [(SOON.isoformat(), NIGHTS)]


@pytest.mark.parametrize("between", [True, False], ids=["row removed by a replacing file", "row still there"])
async def test_a_revoked_grant_stays_revoked_also_where_its_row_was_lost(tmp_path: Path, between: bool) -> None:
    await nightly(tmp_path)
    await act(tmp_path, lambda acts: acts.revoke("ana", "acme"))
    if between:
        await nightly(tmp_path, Wish("acme", replace=True), grants="agent,account\nben,acme\n")
        assert rows(tmp_path, "SELECT 1 FROM directory_grant WHERE agent = 'ana' AND account = 'acme'") == []
    assert (await nightly(tmp_path))[1] == 1
    ((end,),) = rows(tmp_path, "SELECT ends_at FROM directory_grant WHERE agent = 'ana' AND account = 'acme'")
    assert NOW.isoformat() < str(end) < datetime.now(UTC).isoformat()


async def test_files_that_end_a_share_by_leaving_it_out_bring_in_none_of_its_people(tmp_path: Path) -> None:
    await nightly(tmp_path)
    gone = {"role_shares": "account,role,ends_at\n", "people": "account,id,name\nacme,p99,Nora Neu\n"}
    _, _, refused = await nightly(tmp_path, Wish("acme", replace=True), **gone)
    assert "its role share ended on" in refused[0]
    assert rows(tmp_path, "SELECT 1 FROM directory_person WHERE id = 'p99'") == []
