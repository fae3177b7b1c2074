"""One person leaves Redis at once. An erasure empties the log of who changed, so that `writing.py` would have to write
everybody anew, and he would be named until that is done."""

import secrets
from collections.abc import Iterable

from ctibridge.domain.person import PersonKey
from ctibridge.lookup.adapters.shared import record as records
from ctibridge.lookup.adapters.shared import state as states
from ctibridge.lookup.adapters.shared.asking import Ask
from ctibridge.lookup.adapters.shared.layout import Layout, field
from ctibridge.lookup.adapters.shared.state import Standing
from ctibridge.lookup.adapters.shared.turn import Passed, Turn, removed


async def leave(people: Ask, prefix: str, gone: Iterable[PersonKey], before: Standing, now: Standing) -> bool:
    """These are not in Redis any more, which is as of `now` then. before: the store's standing when they were there;
    nothing else changed between the two. False: Redis was of another one, or somebody else writes meanwhile; then all
    is to be brought up, as after a kill in here. Raises OSError."""
    state = await states.read(people, prefix)
    if state.layout is None or {state.at, state.going} != {before}:
        return False
    turn = Turn(people, prefix, secrets.token_hex(8))
    await turn.take()
    try:
        await turn.write([states.goes(state.layout, now)])
        for key in gone:
            await _remove(people, turn, state.layout, key)
        await turn.write(states.whole(state.layout, now))
        await turn.write([states.counts(state.layout, now)])
    except Passed:
        return False
    return True


async def _remove(people: Ask, turn: Turn, layout: Layout, key: PersonKey) -> None:
    """First that he leaves; last the record, by which the rest is found."""
    place = layout.people(key), field(key)
    (packed,) = await people.ask([("HGET", *place)])
    if there := records.unpack(packed):
        await turn.write([("HSET", *place, records.pack(None, *there))])
        await turn.write(removed(set().union(*(layout.members(key, one) for one in there))))
        await turn.write([("HDEL", *place)])
