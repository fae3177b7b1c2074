from datetime import UTC, datetime, timedelta
from pathlib import Path

from ctibridge.lookup.adapters import acts_kept
from ctibridge.lookup.adapters.acts import Actor, Acts
from ctibridge.lookup.adapters.acts_kept import Act
from ctibridge.lookup.adapters.schema import FILE

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


async def acted(path: Path) -> None:
    for second, (act, account, agent) in enumerate(
        [("import", None, None), ("grant", "acme", "ana"), ("grant", "globex", "ben"), ("token issue", None, "ana")]
    ):
        async with await Acts.open(path, Actor("eva", AT + timedelta(seconds=second, microseconds=second))) as acts:
            await acts.note(act, account=account, agent=agent, detail="of test")


async def test_acts_come_by_time_with_who_did_them(tmp_path: Path) -> None:
    await acted(tmp_path / FILE)
    found = list(acts_kept.acts(tmp_path / FILE))
    assert found[0] == Act(AT, "import", None, None, "eva", "of test")
    assert [one.at for one in found] == sorted(one.at for one in found)
    assert len(found) == 4


async def test_those_of_an_account_and_of_an_agent(tmp_path: Path) -> None:
    await acted(tmp_path / FILE)
    assert [one.name for one in acts_kept.acts(tmp_path / FILE, "acme")] == ["grant"]
    assert [one.name for one in acts_kept.acts(tmp_path / FILE, agent="ana")] == ["grant", "token issue"]
    assert list(acts_kept.acts(tmp_path / FILE, "globex", "ana")) == []


def test_without_a_store_there_is_none_and_none_is_made(tmp_path: Path) -> None:
    assert list(acts_kept.acts(tmp_path / FILE)) == []
    assert not acts_kept.is_account(tmp_path / FILE, "acme")
    assert list(tmp_path.iterdir()) == []


async def test_what_is_noted_does_not_make_a_daemon_read_the_directory_anew(tmp_path: Path) -> None:
    async with await Acts.open(tmp_path / FILE, Actor("eva", AT)) as acts:
        query = "SELECT version, tables FROM directory_change"
        before = list(map(tuple, await acts._connection.execute_fetchall(query)))
        await acts.note("import")
        assert list(map(tuple, await acts._connection.execute_fetchall(query))) == before
