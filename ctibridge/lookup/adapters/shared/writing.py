"""Brings the people in Redis to where a node's whole file stands: who changed since, or all of them anew.

In this order, so that it may be killed anywhere and go on at its next run: of who changes, the record says first what
was before and what will be; then his entries are added and removed; then the record says the new alone. The version
that is reached is written last. A new generation is built beside the old one, made to count in one step, and then the
old one is taken away; one that was not finished is taken away by the next run.
"""

import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path

from ctibridge.domain.person import PersonKey
from ctibridge.lookup.adapters.shared import record as records
from ctibridge.lookup.adapters.shared import state as states
from ctibridge.lookup.adapters.shared.asking import Ask, Command
from ctibridge.lookup.adapters.shared.layout import Layout, bits_for, field
from ctibridge.lookup.adapters.shared.reading import Reading, opened
from ctibridge.lookup.adapters.shared.record import Record
from ctibridge.lookup.adapters.shared.state import Standing, State
from ctibridge.lookup.adapters.shared.turn import Passed, Turn, added, removed

AT_ONCE, UNLINKED = 250, 2_000
"""People who are written, and keys that are taken away at once: some milliseconds of work."""
GoOn = Callable[[], Awaitable[bool]]
Tell = Callable[[int, int], None]
"""Hears how many of how many people are written, on the loop."""


def nobody(done: int, people: int) -> None:
    """Tells nobody."""


async def bring_up(path: Path, people: Ask, prefix: str, go_on: GoOn, tell: Tell = nobody) -> bool:
    """People, numbers, words and ids in Redis are as they stand in this store, which has all of them; then True.

    path: of a store that was opened before. go_on: asked before each piece that is written, is it still our turn?
    False: it was not, or somebody else has begun to write meanwhile; what there is is whole, and the next run goes on.
    Run again, it writes nothing that is there. Raises OSError where Redis cannot be reached or refuses; sqlite3.Error.
    """
    if not await go_on():
        return False
    turn = Turn(people, prefix, secrets.token_hex(8))
    await turn.take()
    try:
        async with opened(path) as reading:
            return await _Writing(reading, people, prefix, turn, go_on, tell).run()
    except (Passed, _Stopped):
        return False


class _Stopped(Exception):
    """It is our turn no longer."""


class _Writing:
    def __init__(
        self,
        reading: Reading,
        people: Ask,
        prefix: str,
        turn: Turn,
        go_on: GoOn,
        tell: Tell,
    ) -> None:
        self._reading, self._people, self._prefix, self._turn = reading, people, prefix, turn
        self._go_on, self._tell = go_on, tell

    async def run(self) -> bool:
        state = await states.read(self._people, self._prefix)
        now = await self._reading.standing()
        numbers = {name: no for no, name in (await self._reading.accounts()).items()}
        await self._write(states.knows(self._prefix, dict(numbers.items() - state.accounts.items())))
        numbers = {**state.accounts, **numbers}
        names = {no: name for name, no in numbers.items()}
        layout = state.layout
        if layout is None or not await self._follows(state, layout, now):
            layout = await self._build(names, now)
        elif state.at != now:
            await self._change(layout, state.at, now, names)
        if layout != state.layout or state.at != now:
            await self._write([states.counts(layout, now)])
        for old in state.begun:
            if old != layout:
                await self._remove(old, numbers)
        return True

    async def _follows(self, state: State, layout: Layout, now: Standing) -> bool:
        """May what is there be changed to what this store has? What another history began to write is not known here;
        and what has grown fourfold lies there at twice the cost."""
        for one in {state.at, state.going} - {now}:
            if one is None or not await self._reading.knows(one):
                return False
        if bits_for(2 * await self._reading.most_people()) < layout.bits + 2:
            return True
        return bits_for((await self._reading.counts())[1]) < layout.bits + 2

    # -- who changed ---------------------------------------------------------------------------------------------------

    async def _change(self, layout: Layout, since: Standing | None, now: Standing, names: Mapping[int, str]) -> None:
        assert since is not None, "what is not known is not followed"
        changed = await self._reading.changed(since.version)
        await self._write([states.goes(layout, now)])
        for at in range(0, len(changed), AT_ONCE):
            some = changed[at : at + AT_ONCE]
            found = await self._reading.people(some)
            await self._put(
                layout, {PersonKey(names[no], one): found.get((no, one)) for no, one in some if no in names}
            )
            self._tell(min(at + AT_ONCE, len(changed)), len(changed))
        await self._write(states.whole(layout, now))

    async def _put(self, layout: Layout, new: dict[PersonKey, Record | None]) -> None:
        fields = await self._people.ask([("HGET", layout.people(key), field(key)) for key in new])
        first: list[Command] = []
        entries: list[Command] = []
        last: list[Command] = []
        for (key, record), packed in zip(new.items(), fields, strict=True):
            there = records.unpack(packed)
            if there in ((record,), ()) and (there or record is None):
                continue
            had = set().union(*(layout.members(key, one) for one in there))
            has = layout.members(key, record)
            if had != has or len(there) > 1:
                before = tuple(dict.fromkeys((*there, None)))
                first.append(_said(layout, key, record, *before))
                entries += [*added(has - had if len(there) == 1 else has), *removed(had - has)]
            last.append(_said(layout, key, record))
        for commands in first, entries, last:
            await self._write(commands)

    # -- all of them ---------------------------------------------------------------------------------------------------

    async def _build(self, names: Mapping[int, str], now: Standing) -> Layout:
        people, numbers = await self._reading.counts()
        layout = Layout(self._prefix, secrets.token_hex(3), bits_for(numbers))
        await self._write(states.begins(layout))
        done = 0
        async with aclosing(self._reading.everybody(AT_ONCE)) as everybody:
            async for some in everybody:
                keys = {PersonKey(names[no], one): record for (no, one), record in some.items()}
                said = [_said(layout, key, record) for key, record in keys.items()]
                members = (member for key, record in keys.items() for member in layout.members(key, record))
                await self._write([*said, *added(members)])
                done += len(some)
                self._tell(done, people)
        await self._write(states.whole(layout, now))
        return layout

    async def _remove(self, layout: Layout, accounts: Iterable[str]) -> None:
        """First what says that it is whole."""
        await self._write([("UNLINK", one) for one in layout.heres()])
        keys = list(layout.all(accounts))
        for at in range(0, len(keys), UNLINKED):
            await self._write([("UNLINK", key) for key in keys[at : at + UNLINKED]])
        await self._write(states.gone(layout))

    async def _write(self, commands: Sequence[Command]) -> None:
        if not commands:
            return
        if not await self._go_on():
            raise _Stopped
        await self._turn.write(commands)


def _said(layout: Layout, key: PersonKey, *versions: Record | None) -> Command:
    if versions == (None,):
        return ("HDEL", layout.people(key), field(key))
    return ("HSET", layout.people(key), field(key), records.pack(*versions))
