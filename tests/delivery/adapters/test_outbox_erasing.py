"""One person leaves `desks.db`: in memory, in the file, at every desk, and nobody else does."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ctibridge.delivery.adapters import outbox_erasing
from ctibridge.delivery.adapters.outbox import Outbox
from ctibridge.delivery.adapters.outbox_tables import FILE
from ctibridge.delivery.erased import Level
from ctibridge.delivery.kept import KeptPop, OutboxFault, Sight
from tests.delivery.adapters.outboxes import Full, opened, raw, sql
from tests.delivery.kept_examples import ACME, at, event, kept, note
from tests.delivery.test_erased import NUMBER, TRACES, pop

HERS, OTHERS = pop("p17", number=NUMBER, display_name="Regula Frei"), pop("p18")
FORMS = (b"15112345678", b"151 123", b"Regula", b'"p17"')
ASKED = b'{"call":{"id":"01JDX001"},"signalled":{"raw":"0151 12345678","display_name":"Regula Frei"}}'


@pytest.fixture
async def outbox(tmp_path: Path) -> AsyncIterator[Outbox]:
    outbox = await opened(tmp_path)
    yield outbox
    await outbox.close()


def speak(outbox: Outbox, agent: str = "ana") -> None:
    """In each way there is, of her (call 1), of many (call 3), and of somebody else (call 2)."""
    outbox.keep_event(event(1, agent, kind="call.ringing", accounts=ACME, data=HERS))
    outbox.keep_event(event(2, agent, kind="call.worked", data=b'{"call":{"id":"01JDX001"},"note":"ihr Mann"}'))
    outbox.keep_event(event(3, agent, kind="call.ringing", call="01JDX002", accounts=ACME, data=OTHERS))
    outbox.keep_event(event(4, agent, kind="notice", call=None, data=b'{"text":"call 0151 123 45678"}'))
    outbox.keep_event(event(5, agent, kind="call.ringing", call="01JDX003", accounts=ACME, data=pop("p17", "p18")))
    outbox.keep_call(kept(1, agent, accounts=ACME, notes=(note("Regula Frei"),), pop=KeptPop(ACME, HERS)))
    outbox.keep_call(kept(2, agent, accounts=ACME, notes=(note("stays"),), pop=KeptPop(ACME, OTHERS)))
    outbox.keep_fact("asked", "01JDX001", ASKED)
    outbox.keep_fact("asked", "01JDX002", b'{"signalled":{"raw":"+4930999"}}')
    outbox.keep_fact("odd", "x", b"no JSON, but " + NUMBER.encode())
    when = datetime(2026, 11, 20, tzinfo=UTC)
    outbox.keep_sights([Sight(agent, "acme", person, "01JDX001", "pop", when) for person in ("p17", "p18")])


async def erase(outbox: Outbox) -> dict[str, int]:
    found = await outbox.speaking(TRACES)
    return dict(await outbox.erase(TRACES, {call: level for call, level in found.items() if call is not None}))


@pytest.mark.parametrize("written", [True, False])
async def test_nothing_of_her_is_in_any_byte_and_a_second_look_finds_nothing(
    outbox: Outbox, tmp_path: Path, written: bool
) -> None:
    speak(outbox)
    speak(outbox, "ben")
    if written:
        assert await outbox.flush()
        assert all(form in raw(tmp_path) for form in FORMS)
    (tmp_path / f"{FILE}.damaged").write_bytes(b"Regula")
    heard = list[str]()
    outbox.on_left = lambda: heard.append("who has copies of it elsewhere")
    gone = await erase(outbox)
    assert heard == ["who has copies of it elsewhere"]
    assert gone == {"events": 8, "calls": 2, "facts": 2, "sights": 2}
    assert [form for form in FORMS if form in raw(tmp_path)] == []
    assert await outbox.speaking(TRACES) == {}


async def test_facts_leave_in_pieces(outbox: Outbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call of three months ago has one, and no desk may wait until all of them were read."""
    monkeypatch.setattr(outbox_erasing, "PIECE", 1)
    speak(outbox)
    assert (await erase(outbox))["facts"] == 2
    assert [key for (key,) in sql(tmp_path, "SELECT key FROM desk_fact ORDER BY key")] == ["01JDX001", "01JDX002"]
    assert [form for form in FORMS if form in raw(tmp_path)] == []


async def test_sequences_stay_gapless_and_what_is_left_has_to_be_asked_for_again(outbox: Outbox) -> None:
    speak(outbox)
    await erase(outbox)
    events = await outbox.tail("ana", 0, 5)
    assert [one.sequence for one in events] == [1, 2, 3, 4, 5]
    assert [one.accounts for one in events] == [None, None, ACME, None, None]
    assert b"+4930999" in events[4].data, "the switchboard's number is many people's"
    assert b"ihr Mann" not in events[1].data, "what was noted of her names nobody, and goes"


async def test_of_others_all_stays(outbox: Outbox, tmp_path: Path) -> None:
    speak(outbox)
    await erase(outbox)
    calls = {one.call.id: one for one in await outbox.since("ana", at(0), 9)}
    assert calls["01JDX002"].notes == (note("stays"),)
    assert calls["01JDX002"].pop == KeptPop(ACME, OTHERS)
    assert await outbox.fact("asked", "01JDX002") == b'{"signalled":{"raw":"+4930999"}}'
    assert await outbox.fact("asked", "01JDX001") is not None, "without it the desk could not resume"
    assert await outbox.fact("odd", "x") is None
    assert sql(tmp_path, "SELECT DISTINCT person FROM desk_sight") == [("p18",)]


async def test_a_disk_that_takes_nothing_says_so_and_later_it_is_done(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    speak(outbox)
    full = Full(monkeypatch)
    outbox.file.close()
    with pytest.raises(OutboxFault, match="again when that is mended"):
        await outbox.speaking(TRACES)
    full.mend()
    await erase(outbox)
    assert [form for form in FORMS if form in raw(tmp_path)] == []


async def test_while_we_stop_it_is_not_said_to_be_done(outbox: Outbox) -> None:
    speak(outbox)
    assert await outbox.flush()
    outbox.closing = True
    with pytest.raises(OutboxFault, match="next start"):
        await outbox.speaking(TRACES)
    with pytest.raises(OutboxFault, match="next start"):
        await outbox.erase(TRACES, {"01JDX001": Level.HIS})


async def test_facts_are_read_in_pieces(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_erasing, "PIECE", 2)
    for number in range(7):
        outbox.keep_fact("asked", f"c{number}", NUMBER.encode() if number % 2 else b"{}")
    assert await outbox.speaking(TRACES) == dict.fromkeys(("c1", "c3", "c5"), Level.HIS)
