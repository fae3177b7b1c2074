"""Whatever is done on whichever node, with whatever lag: in the end all copies are equal row by row, and equal to one
store that did all of it in order."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ctibridge.delivery.adapters.token_store import TokenStore
from ctibridge.delivery.tokens import Kind
from ctibridge.joining.directory import alone, telling
from ctibridge.joining.following import Following
from ctibridge.lookup.adapters.acts import Actor, Acts, UnknownName
from ctibridge.lookup.adapters.erasing import Erasing
from ctibridge.lookup.adapters.importing.importer import Wish
from ctibridge.lookup.adapters.learned import Learned
from ctibridge.lookup.adapters.purge import purge
from ctibridge.lookup.choices import Choice
from tests.joining.copies import PATIENCE, Node, caught_up
from tests.lookup.adapters.files import BASE, PHONES, imported

pytestmark = pytest.mark.peer("redis-server")

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
STEPS = 30
# What is of chance or of the clock in it, so that two stores cannot be compared by it.
BY_CHANCE = {"directory_stamp", "directory_kept_out", "directory_erasing_key", "import_journal", "token"}
# What is learned of somebody who leaves before all have heard of it is forgotten. A purge looks whether it is there, so
# it is learned of people whose share never ends here.
LEARNED = {"directory_choice", "directory_contact"}

Do = Callable[[Node], Awaitable[object]]


class Deeds:
    """Each a change that may be done to any store. chance: seeded."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._at = AT

    def act(self) -> Do:
        self._at += timedelta(minutes=1)
        kinds = self._import, self._replace, self._share, self._end_share, self._grant, self._revoke, self._announce
        return self._chance.choice((*kinds, self._erase))()

    def free(self) -> Do:
        self._at += timedelta(minutes=1)
        return self._chance.choice((self._choose, self._token))()

    def _import(self, wish: Wish | None = None) -> Do:
        people = "account,id,name,phones\n" + "".join(
            f"{account},p{n},Na{self._chance.randrange(5)} Żółw,mobile:+49 171 39200{self._chance.randrange(10, 40)}\n"
            for account in ("acme", "fleuron")
            for n in self._chance.sample(range(12), 6)
        )
        files = {**BASE, "people": people} | ({"phones": PHONES} if self._chance.random() < 0.3 else {})
        name = f"files{self._chance.random()}"

        async def do(node: Node) -> object:
            return await imported(node.path, node.folder / name, files, wish)

        return do

    def _replace(self) -> Do:
        return self._import(Wish(self._chance.choice(("acme", "fleuron")), replace=True))

    def _acting(self, what: Callable[[Acts], Awaitable[object]]) -> Do:
        actor = Actor("eva", self._at)

        async def do(node: Node) -> None:
            async with await Acts.open(node.path, actor) as acts:
                with suppress(UnknownName):
                    await what(acts)

        return do

    def _share(self) -> Do:
        account = self._chance.choice(("acme", "fleuron"))
        return self._acting(lambda acts: acts.share(account, None))

    def _end_share(self) -> Do:
        at = self._at
        act = self._acting(lambda acts: acts.end_share("fleuron"))

        async def do(node: Node) -> None:
            await act(node)
            await purge(node.path, at + timedelta(seconds=1), 0)

        return do

    def _grant(self) -> Do:
        agent, account = self._chance.choice(("ana", "ben")), self._chance.choice(("acme", "fleuron"))
        return self._acting(lambda acts: acts.grant(agent, account, None, None))

    def _revoke(self) -> Do:
        agent, account = self._chance.choice(("ana", "ben")), self._chance.choice(("acme", "fleuron"))
        return self._acting(lambda acts: acts.revoke(agent, account))

    def _announce(self) -> Do:
        name = f"n{self._chance.random()}"
        return self._acting(lambda acts: acts.announce("acme", name, "Störung", "de", None, None))

    def _erase(self) -> Do:
        account, person, actor = "acme", f"p{self._chance.randrange(12)}", Actor("eva", self._at)

        async def do(node: Node) -> None:
            async with await Erasing.open(node.path) as erasing:
                if (await erasing.pending()) or not node.sql("SELECT 1 FROM directory_account WHERE id = 'acme'"):
                    return
                await erasing.order(await erasing.person(account, person), actor, keep_out=False)

        return do

    def _choose(self) -> Do:
        number, person, at = f"+49171{self._chance.randrange(10**6, 10**7)}", f"p{self._chance.randrange(12)}", self._at
        call = f"call{self._chance.random()}"
        choice = Choice(number, "acme", person, by="ana", at=at, called_account="acme", call=call)

        async def do(node: Node) -> None:
            learned = await Learned.open(node.path, 3650, at)
            await learned.choose(choice)
            await learned.close()

        return do

    def _token(self) -> Do:
        revokes, at = self._chance.random() < 0.5, self._at

        async def do(node: Node) -> None:
            store = await TokenStore.open(node.path)
            known = [one.id for one in await store.all() if one.revoked_at is None]
            if revokes and known:
                await store.revoke(known[0], at)
            else:
                await store.issue(Kind.DESK, "ana", at + timedelta(hours=12), at)
            await store.close()

        return do


async def lagging(followings: list[Following], chance: random.Random) -> None:
    for one in followings:
        if chance.random() < 0.5:
            await one.follow(0)
        if chance.random() < 0.5:
            await one.publish()


async def lend(followings: list[Following]) -> None:
    """As the daemons do for who cannot catch up: an erasure takes what came before it out of the stream."""
    while True:
        for one in followings:
            if await one.telling.is_wanted():
                await one.follow(0)
                await one.offer()
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("seed", range(3))
async def test_all_copies_become_equal_and_as_one_store_that_did_all(
    nodes: tuple[Node, Node, Node], tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    deeds = Deeds(chance)
    alone_did_all = Node(tmp_path / "single", "redis://nobody.invalid")
    await (await TokenStore.open(alone_did_all.path)).close()
    first = deeds._import()
    followings = [await node.open() for node in nodes]
    lending = asyncio.create_task(lend(followings))
    try:
        for number in range(STEPS):
            at = chance.randrange(3)
            under_lease = not number or chance.random() < 0.7
            do = first if not number else deeds.act() if under_lease else deeds.free()
            if under_lease:
                async with alone(followings[at], "somebody", PATIENCE):
                    await do(nodes[at])
            elif chance.random() < 0.5:
                async with telling(followings[at]):
                    await do(nodes[at])
            else:
                await do(nodes[at])  # the daemon publishes it when it comes to that
            await do(alone_did_all)
            await lagging(followings, chance)
        await caught_up(*followings)
    finally:
        lending.cancel()
        await asyncio.wait({lending})
        for one in followings:
            await one.close()
    found = [node.shared() for node in nodes]
    for name in found[0]:
        assert found[0][name] == found[1][name] == found[2][name], name
    single = {name: rows for name, rows in alone_did_all.with_tables().items() if name not in BY_CHANCE | LEARNED}
    assert {name: found[0][name] for name in single} == single
