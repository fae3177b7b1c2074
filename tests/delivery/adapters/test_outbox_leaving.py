"""The people of an account leave: their names are nowhere in the files any more, and everybody else's stay."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from ctibridge.delivery.adapters.outbox import Outbox
from ctibridge.delivery.adapters.outbox_tables import FILE
from ctibridge.delivery.kept import KeptEvent, KeptPop, OutboxFault
from tests.delivery.adapters.outboxes import Full, opened, raw, sql, told
from tests.delivery.kept_examples import ACME, at, event, kept, note
from tests.delivery.test_unwritten_sights import sight

CANARY = b"Regula Canary"
GLOBEX = frozenset({"globex"})
OTHERS = b"Hank Globex"
POP = b'{"call":{"id":"01JDX001"},"resolution":{"revision":2,"candidates":["%s"]}}'
NOTED = b'{"call":{"id":"01JDX001"},"by":"ana","state":null,"note":"%s"}'


@pytest.fixture
async def outbox(tmp_path: Path) -> AsyncIterator[Outbox]:
    outbox = await opened(tmp_path)
    yield outbox
    await outbox.close()


def speak(outbox: Outbox, agent: str = "ana") -> None:
    """Of both accounts, in each way there is."""
    outbox.keep_event(event(1, agent, kind="call.ringing", accounts=ACME, data=POP % CANARY))
    outbox.keep_event(event(2, agent, kind="call.worked", data=NOTED % CANARY))
    outbox.keep_event(event(3, agent, kind="call.ringing", call="01JDX002", accounts=GLOBEX, data=POP % OTHERS))
    outbox.keep_event(event(4, agent, kind="notice", call=None, accounts=ACME | GLOBEX, data=b'{"text":"%s"}' % CANARY))
    acme = kept(1, agent, accounts=ACME, notes=(note(CANARY.decode()),), newest=NOTED % CANARY)
    outbox.keep_call(acme)
    outbox.keep_call(kept(2, agent, accounts=GLOBEX, pop=KeptPop(GLOBEX, POP % OTHERS)))
    outbox.keep_call(kept(3, agent, pop=KeptPop(ACME, POP % CANARY)))


async def left(outbox: Outbox, agent: str = "ana") -> bytes:
    events = [one.data for one in await outbox.tail(agent, 0, 4)]
    calls = await outbox.since(agent, at(0), 9)
    pops = [one.pop.data for one in calls if one.pop is not None]
    notes = [note.text.value.encode() for one in calls for note in one.notes]
    return b"".join([*events, *pops, *notes, *(one.newest or b"" for one in calls)])


@pytest.mark.parametrize("where", ["in memory", "in the file", "in both"])
async def test_no_name_is_left_anywhere(outbox: Outbox, tmp_path: Path, where: str) -> None:
    speak(outbox)
    if where != "in memory":
        assert await outbox.flush()
        assert CANARY in raw(tmp_path)
    speak(outbox, "ben")
    if where == "in both":
        outbox.keep_call(kept(1, accounts=ACME, notes=(note(CANARY.decode()),)))
    await outbox.purge(ACME)
    assert CANARY not in raw(tmp_path)
    for agent in ("ana", "ben"):
        assert CANARY not in await left(outbox, agent)
        assert OTHERS in await left(outbox, agent)


async def test_what_is_left_says_that_it_has_to_be_asked_for_again(outbox: Outbox) -> None:
    speak(outbox)
    assert await outbox.flush()
    await outbox.purge(ACME)
    events = await outbox.tail("ana", 0, 4)
    assert [one.accounts for one in events] == [None, None, GLOBEX, None]
    assert events[0].data == b'{"call":{"id":"01JDX001"},"resolution":{"revision":2}}'
    assert events[1].data == b'{"call":{"id":"01JDX001"},"by":"ana","state":null,"note":null}'
    calls = {one.call.id: one for one in await outbox.since("ana", at(0), 9)}
    assert {call: one.accounts for call, one in calls.items()} == {
        "01JDX001": None,
        "01JDX002": GLOBEX,
        "01JDX003": None,
    }
    third = calls["01JDX003"].pop
    assert third is not None
    assert third.accounts is None


async def test_a_note_of_one_s_own_goes_with_its_call_also_from_memory(outbox: Outbox, tmp_path: Path) -> None:
    """Only the file knows of whom the call spoke, only memory has the note."""
    speak(outbox)
    assert await outbox.flush()
    outbox.keep_event(event(5, kind="call.worked", data=NOTED % CANARY))
    await outbox.purge(ACME)
    assert CANARY not in raw(tmp_path)
    assert CANARY not in (await outbox.tail("ana", 4, 5))[0].data


async def test_a_note_of_one_s_own_stays_with_a_call_of_others(outbox: Outbox, tmp_path: Path) -> None:
    """It is of no account, so that its author always reads it."""
    speak(outbox)
    outbox.keep_event(event(5, kind="call.worked", call="01JDX002", data=NOTED % OTHERS))
    assert await outbox.flush()
    await outbox.purge(ACME)
    assert (await outbox.tail("ana", 4, 5))[0].data == NOTED % OTHERS


async def test_a_purge_that_is_the_first_to_write_reaches_the_desks_of_a_disk_that_could_not_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It listed the desks, adopted those of the file with its first batch, left them out and said that it was done:
    the names stayed, and nobody asked again."""
    outbox = await opened(tmp_path)
    speak(outbox)
    await outbox.close()
    with monkeypatch.context() as patch:
        full = Full(patch, readable=False)
        outbox = await opened(tmp_path)
        told(outbox, 1, 1, "zoe")
        full.mend()
    await outbox.purge(ACME)
    assert CANARY not in raw(tmp_path)
    assert [one.accounts for one in await outbox.since("ana", at(0), 9)] == [None, GLOBEX, None]
    await outbox.close()


async def test_a_purge_that_no_disk_takes_says_so_also_where_no_desk_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        Full(patch, readable=False)
        outbox = await opened(tmp_path)
        with pytest.raises(OutboxFault, match="nothing can be written"):
            await outbox.purge(ACME)
    await outbox.close()


async def test_the_next_run_finds_nothing_either(tmp_path: Path) -> None:
    outbox = await opened(tmp_path)
    speak(outbox)
    assert await outbox.flush()
    await outbox.purge(ACME)
    await outbox.close()
    again = await opened(tmp_path)
    assert CANARY not in raw(tmp_path)
    assert [one.notes for one in again.desks[0].calls] == [(), (), ()]
    await again.close()


async def test_desks_go_on_meanwhile(outbox: Outbox) -> None:
    for number in range(20):
        speak(outbox, f"agent-{number}")
    assert await outbox.flush()
    purging = asyncio.create_task(outbox.purge(ACME))
    said: list[KeptEvent] = []
    while not purging.done():
        said += told(outbox, len(said) + 1, len(said) + 1, "zoe")
        assert await outbox.tail("zoe", len(said) - 1, len(said)) == said[-1:]
        await asyncio.sleep(0.001)
    await purging
    assert said


async def test_a_purge_that_was_held_up_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads the log keeps it from being emptied, and the names would stay in it."""
    monkeypatch.setattr("ctibridge.delivery.adapters.outbox_tables.BUSY_MS", 1)
    outbox = await opened(tmp_path)
    speak(outbox)
    assert await outbox.flush()
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM desk").fetchall()
        with pytest.raises(OutboxFault, match="purge again"):
            await outbox.purge(ACME)
        other.execute("COMMIT")
    await outbox.purge(ACME)
    assert CANARY not in raw(tmp_path)
    await outbox.close()


async def test_of_a_broken_row_the_purge_says_so(outbox: Outbox, tmp_path: Path) -> None:
    speak(outbox)
    assert await outbox.flush()
    sql(tmp_path, "UPDATE desk_event SET data = 'no JSON' WHERE kind = 'notice'")
    with pytest.raises(OutboxFault, match="purge again"):
        await outbox.purge(ACME)


async def test_who_was_seen_leaves_with_the_account_and_in_pieces(
    outbox: Outbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ctibridge.delivery.adapters.outbox_leaving.PIECE", 2)
    outbox.keep_sights(sight(number, person="canary-7") for number in range(5))
    outbox.keep_sights([sight(1, account="globex")])
    assert await outbox.flush()
    outbox.keep_sights([sight(9, person="canary-7")])
    await outbox.purge(ACME)
    assert await outbox.flush()
    assert sql(tmp_path, "SELECT account, call FROM desk_sight") == [("globex", "c1")]
    assert b"canary-7" not in raw(tmp_path)
