"""`flow/announcing.py`: what everybody has to know reaches everybody, and holds up no call."""

import asyncio

import pytest

from ctibridge.domain.notice import Notice
from ctibridge.flow import announcing
from tests.delivery import examples as ex
from tests.delivery.desk_room import Room, events


async def test_ten_thousand_desks_are_told_in_pieces_between_which_calls_are_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One turn of the loop told all of them, half a second long."""
    monkeypatch.setattr(announcing, "TOLD_AT_ONCE", 2)
    room, told = Room(), list[list[tuple[int, str]]]()
    for agent in ("ana", "ben", "cleo", "dora", "ella"):
        room.sign_in(agent)
    room.desks.ringing("finn", ex.pop(), ex.AT)
    room.said()
    telling = announcing.tell_all(
        room.desks, Notice("live_only", "Nothing is stored."), ex.AT, lambda: told.append(events(room.said()))
    )
    task, turns = asyncio.ensure_future(telling), 0
    while not task.done():
        await asyncio.sleep(0)
        turns += 1
    assert [[number for number, _ in piece] for piece in told] == [[1, 2], [3, 4], [5]], "and none where nobody is"
    assert turns >= len(told)
