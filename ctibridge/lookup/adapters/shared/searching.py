"""People by what an agent types, from Redis: by the rarest word of it, or by the beginning of an id; what fits, and in
which order, `lookup.search` says of each record.

Read in pages, so that no reply is large and a search that is given up stops. Of members that begin alike those that are
no longer come first: whom a text fits exactly stands on the first pages.
"""

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter

from ctibridge.domain.person import Person, PersonKey
from ctibridge.lookup import search
from ctibridge.lookup.adapters.shared import record as records
from ctibridge.lookup.adapters.shared.layout import Layout, Range, identified, named
from ctibridge.lookup.adapters.shared.looking import Looking
from ctibridge.lookup.adapters.shared.record import Record
from ctibridge.lookup.adapters.shared.records import Records
from ctibridge.lookup.claims import KINDS
from ctibridge.lookup.search import ID_BEGINS, NAME, Query

PAGE = 400
"""Members that are read at once, of all accounts together; of each word some at least."""
LEAST = 20
RECORDS = 64
"""Read at once: of most texts the first ones are enough."""
FEW = 8
"""A word that no more people of an account have is all that is looked up there."""
MOST = 20_000
"""People who are looked at for one text, in the called account and in all others: of a word that more have, the others
are not."""


@dataclass(frozen=True, slots=True)
class Found:
    """fit: as `search.fit` has it."""

    fit: int
    record: Record


class _Source:
    """Who may be meant, of one account: members that begin so, page by page. among: and none but these."""

    def __init__(self, account: str, spelling: str, *, is_id: bool) -> None:
        self.account, self._spelling, self._is_id = account, spelling, is_id
        self._whole = spelling.encode() + b"\0"
        self.among: Container[str] | None = None
        self.ended = False
        self._last: bytes | None = None

    @property
    def is_exact(self) -> bool:
        """What comes next may have it as it was typed."""
        return not self.ended and (self._last is None or self._last.startswith(self._whole))

    def range(self, layout: Layout) -> Range:
        return (layout.id if self._is_id else layout.word)(self.account, self._spelling, whole=False)

    def page(self, layout: Layout, count: int) -> tuple[bytes | str | int, ...]:
        return self.range(layout).first(count) if self._last is None else self.range(layout).behind(self._last, count)

    def take(self, members: Sequence[bytes], count: int) -> tuple[list[PersonKey], list[PersonKey]]:
        """Who has it as it was typed, and who has what it begins."""
        self.ended = len(members) < count
        self._last = members[-1] if members else self._last
        people: tuple[list[PersonKey], list[PersonKey]] = ([], [])
        for member in members:
            person = identified(member)[0] if self._is_id else named(member)
            if self.among is None or person in self.among:
                people[not member.startswith(self._whole)].append(PersonKey(self.account, person))
        return people


class Searching:
    def __init__(self, looking: Looking, people: Records) -> None:
        self._looking, self._records = looking, people

    async def find(self, text: str, accounts: Sequence[str], called: str | None, limit: int) -> tuple[Person, ...]:
        """At most `limit` people of these accounts, best first. Raises OSError.

        Where fewer than `limit` fit, all of them are found, as far as MOST reaches. Where more do, those whom it fits
        exactly come first; which of the others come is as good as chance: the agent types on.
        """
        query = search.parse(text)
        found = await self._find(query, accounts, called, limit) if query else {}

        def order(key: PersonKey) -> tuple[bool, bool, int, str, str, str]:
            one = found[key]
            # Those who have left; of another company; how well it fits; by name.
            return one.record.disabled, key.account != called, one.fit, one.record.name, key.account, key.id

        return tuple(records.person(key, found[key].record) for key in sorted(found, key=order)[:limit])

    async def _find(
        self, query: Query, accounts: Sequence[str], called: str | None, limit: int
    ) -> dict[PersonKey, Found]:
        """The called account first: where that alone is enough, nobody else could come before."""
        found: dict[PersonKey, Found] = {}
        others = [account for account in accounts if account != called]
        for group in [account for account in accounts if account == called], others:
            if group and not _enough(found, limit):
                await self._in(query, group, found, limit)
        return found

    async def _in(self, query: Query, accounts: Sequence[str], found: dict[PersonKey, Found], limit: int) -> None:
        """First whoever may have it exactly; of the others, as many as are wanted."""
        sources = await self._sources(query, accounts)
        begun: list[PersonKey] = []
        looked = 0
        while (going := [one for one in sources if one.is_exact]) and looked < MOST:
            exactly, more = await self._pages(going)
            if await self._look(query, exactly, found, lambda: _enough(found, limit, worst=NAME)):
                return
            begun += more
            looked += len(exactly) + len(more)
        while not await self._look(query, begun, found, lambda: _enough(found, limit)):
            going = [one for one in sources if not one.ended]
            if not going or looked >= MOST:
                return
            _, begun = await self._pages(going)
            looked += len(begun)

    async def _look(
        self, query: Query, keys: Iterable[PersonKey], found: dict[PersonKey, Found], enough: Callable[[], bool]
    ) -> bool:
        """Whom of these it fits; True: there are enough."""
        new = [key for key in dict.fromkeys(keys) if key not in found]
        for at in range(0, len(new), RECORDS):
            if enough():
                return True
            for key, record in (await self._records.read(new[at : at + RECORDS])).items():
                fit = search.fit(query, record.name, *(getattr(record, kind) for kind in KINDS))
                if fit is not None:
                    found[key] = Found(fit, record)
        return enough()

    async def _pages(self, going: Sequence[_Source]) -> tuple[list[PersonKey], list[PersonKey]]:
        count = max(LEAST, PAGE // len(going))
        pages = await self._looking.ask(lambda layout: [source.page(layout, count) for source in going])
        taken = [source.take(page, count) for source, page in zip(going, pages, strict=True)]
        return [key for exactly, _ in taken for key in exactly], [key for _, begun in taken for key in begun]

    async def _sources(self, query: Query, accounts: Sequence[str]) -> list[_Source]:
        """For each account its rarest word, and what was typed as an id."""
        ids = [_Source(account, query.text, is_id=True) for account in accounts]
        words = [[[_Source(account, one, is_id=False) for one in word] for word in query.words] for account in accounts]
        if len(query.words) < 2:
            return [*ids, *(source for account in words for word in account for source in word)]
        counts = iter(await self._counts([source for account in words for word in account for source in word]))
        narrowed: list[tuple[list[_Source], list[_Source]]] = []
        for account in words:
            (people, rarest), (others, second), *_ = sorted(
                ((sum(next(counts) for _ in word), word) for word in account), key=itemgetter(0)
            )
            # Where nobody has a word, nobody has all.
            ids += rarest if people else ()
            if people > FEW and others <= PAGE:
                narrowed.append((rarest, second))
        await self._narrow(narrowed)
        return ids

    async def _narrow(self, narrowed: Sequence[tuple[list[_Source], list[_Source]]]) -> None:
        """Who has not the second word either need not be looked at: a word costs less than a record."""
        asked = [source for _, second in narrowed for source in second]
        if not asked:
            return
        pages: list[list[bytes]] = await self._looking.ask(lambda layout: [one.page(layout, PAGE) for one in asked])
        found = iter(pages)
        for rarest, second in narrowed:
            among = {named(member) for _ in second for member in next(found)}
            for source in rarest:
                source.among = among

    async def _counts(self, sources: Sequence[_Source]) -> list[int]:
        return await self._looking.ask(lambda layout: [source.range(layout).count() for source in sources])


def _enough(found: dict[PersonKey, Found], limit: int, worst: int = ID_BEGINS) -> bool:
    """worst: of the fits that count."""
    return sum(not one.record.disabled and one.fit <= worst for one in found.values()) >= limit
