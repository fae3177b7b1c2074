"""The directory of a node that has no people of its own: the small tables from its file, the people from Redis.

What raises, raises what `SqliteStore` does, or OSError where Redis does not answer: `Lookup` answers without it then.
Whoever is asked for, only people of the accounts of a `Visible` are returned.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.resolution import Grade
from ctibridge.lookup import number_key
from ctibridge.lookup.adapters import store as stores
from ctibridge.lookup.adapters.shared import layout as layouts
from ctibridge.lookup.adapters.shared.asking import Ask, Command
from ctibridge.lookup.adapters.shared.layout import END, Holder, Layout, Range, holder
from ctibridge.lookup.adapters.shared.looking import Looking
from ctibridge.lookup.adapters.shared.records import Records
from ctibridge.lookup.adapters.shared.searching import Searching
from ctibridge.lookup.adapters.store import SHORTEST_TAIL, SqliteStore, whole
from ctibridge.lookup.claims import REQUEST, Claim, Claimants, ClaimRow
from ctibridge.lookup.holders import Holders, NumberRow
from ctibridge.lookup.numbers import Understood
from ctibridge.lookup.search import lower
from ctibridge.lookup.snapshot import Changes, Snapshot
from ctibridge.lookup.stored_numbers import FAX
from ctibridge.lookup.visibility import Visible

LONGEST_TAIL = 15
MOST_NUMBERS = 64
"""Different numbers with one tail: more of them say nothing."""


class SharedStore:
    """A DirectoryStore. small: of this node, its file; it is closed with this one, `people` is not. prefix: of the
    cluster's keys in Redis."""

    def __init__(self, small: SqliteStore, people: Ask, prefix: str) -> None:
        self._small = small
        self._looking = Looking(people, prefix)
        self._records = Records(self._looking)
        self._searching = Searching(self._looking, self._records)

    async def close(self) -> None:
        await self._small.close()

    def version(self) -> int:
        """That of the file: people may be newer, and never are older."""
        return self._small.version()

    def tables_version(self) -> int:
        return self._small.tables_version()

    async def snapshot(self) -> Snapshot:
        return await self._small.snapshot()

    async def changes(self, version: int) -> Changes | None:
        return await self._small.changes(version)

    # -- numbers -------------------------------------------------------------------------------------------------------

    async def holders(self, number: Understood, called_account: str | None, visible: Visible) -> Holders:
        """As `DirectoryStore` says. Raises OSError."""
        called = [called_account] if called_account in visible.accounts and called_account is not None else []
        rows = await self._numbers(whole(number), visible)
        if number.extension is not None and called:
            packed = number_key.pack(number.extension)
            rows += await self._of_accounts({packed: Grade.EXTENSION}, called)
        if number.tail is not None and SHORTEST_TAIL <= len(number.tail) <= LONGEST_TAIL:
            asked = sorted(visible.accounts) if called_account is None else called
            rows += await self._ending(number.tail, asked)
        return Holders(rows)

    async def _numbers(self, numbers: Mapping[str, Grade], visible: Visible) -> list[NumberRow]:
        """All accounts at once, as mostly few have a number; where many do, one by one."""
        if not numbers or not visible.accounts:
            return []
        wanted = {number_key.pack(number): grade for number, grade in numbers.items()}
        most = stores.MOST_HOLDERS
        found = await self._looking.ask(lambda layout: [layout.holding(one).first(most) for one in wanted])
        rows: list[NumberRow] = []
        crowded: dict[int, Grade] = {}
        for (packed, grade), members in zip(wanted.items(), found, strict=True):
            if len(members) < most:
                rows += _rows(map(holder, members), grade, visible)
            else:
                crowded[packed] = grade
        return rows + await self._of_accounts(crowded, sorted(visible.accounts))

    async def _of_accounts(self, numbers: Mapping[int, Grade], accounts: Sequence[str]) -> list[NumberRow]:
        """Of each account at most MOST_HOLDERS people, and as many who list it as a fax."""
        if not numbers or not accounts:
            return []
        asked = [(packed, account) for packed in numbers for account in accounts]

        def commands(layout: Layout) -> list[Command]:
            ranges = [layout.holding(*one) for one in asked] + [layout.listing_as_fax(*one) for one in asked]
            return [one.first(stores.MOST_HOLDERS) for one in ranges]

        found = (holder(member) for members in await self._looking.ask(commands) for member in members)
        return [row for one in found for row in one.rows(numbers[one.number])]

    async def _ending(self, tail: str, accounts: Sequence[str]) -> list[NumberRow]:
        """Of each account at most MOST_HOLDERS rows, and no fax."""
        if not accounts:
            return []
        most = stores.MOST_HOLDERS
        (members,) = await self._looking.ask(lambda layout: [layout.ending(tail).first(most)])
        found = [holder(member) for member in members]
        if len(found) < most:
            rows = [row for one in found if not one.fax for row in one.rows(Grade.SUFFIX)]
        else:
            numbers = await self._numbers_ending(tail)
            rows = await self._of_accounts(dict.fromkeys(numbers, Grade.SUFFIX), accounts)
            rows = [row for row in rows if row.label != FAX]
        return [row for account in accounts for row in islice((one for one in rows if one.account == account), most)]

    async def _numbers_ending(self, tail: str) -> list[int]:
        """Leaps from each to the next, however many have it."""
        found: list[int] = []
        last = b""
        while len(found) < MOST_NUMBERS:
            members = await self._next(tail, last)
            if not members:
                break
            last = members[0][:8] + END
            found.append(holder(members[0]).number)
        return found

    async def _next(self, tail: str, last: bytes) -> list[bytes]:
        def commands(layout: Layout) -> list[Command]:
            asked = layout.ending(tail)
            return [asked.behind(last, 1) if last else asked.first(1)]

        (members,) = await self._looking.ask(commands)
        return list(members)

    # -- people --------------------------------------------------------------------------------------------------------

    async def claimants(self, claims: Iterable[Claim], visible: Visible) -> Claimants:
        """As `DirectoryStore` says. For whom a request is, this node's file knows. Raises OSError, and what
        `SqliteStore` raises."""
        rows: list[ClaimRow] = []
        for claim in claims:
            asked = self._requested if claim.kind == REQUEST else self._claimed
            rows += await asked(claim, visible)
        return Claimants(rows)

    async def _claimed(self, claim: Claim, visible: Visible) -> list[ClaimRow]:
        value, accounts = lower(claim.value.value), sorted(visible.accounts)
        if not value or not accounts:
            return []
        most = stores.MOST_CLAIMANTS

        def ranges(layout: Layout) -> list[Range]:
            return [layout.claim(account, claim.kind, value) for account in accounts]

        found = await self._looking.ask(lambda layout: [one.first(most + 1) for one in ranges(layout)])
        return [
            ClaimRow(account, *layouts.identified(member), claim)
            for account, members in zip(accounts, found, strict=True)
            if len(members) <= most
            for member in members
        ]

    async def _requested(self, claim: Claim, visible: Visible) -> list[ClaimRow]:
        found = await self._records.read(await self._small.requested_for(claim.value.value, visible))
        return [ClaimRow(key.account, key.id, record.disabled, claim) for key, record in found.items()]

    async def people(self, keys: Iterable[PersonKey], visible: Visible) -> Mapping[PersonKey, Person]:
        return await self._records.people(key for key in keys if key.account in visible.accounts)

    async def search(self, text: str, accounts: Sequence[str], visible: Visible, limit: int) -> tuple[Person, ...]:
        """As `DirectoryStore` says, as far as `searching.py` looks. Raises OSError."""
        seen = [account for account in dict.fromkeys(accounts) if account in visible.accounts]
        return await self._searching.find(text, seen, accounts[0] if accounts else None, limit)


def _rows(holders: Iterable[Holder], grade: Grade, visible: Visible) -> Iterator[NumberRow]:
    return (row for one in holders if one.account in visible.accounts for row in one.rows(grade))
