"""People by what an agent types, from Redis: by the rarest word of it, or by the beginning of an id; what fits, and in
which order, `lookup.search` says of each record.

Read in pages, so that no reply is large and a search that is given up stops.
"""

from collections.abc import AsyncGenerator, Container, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from ctibridge.domain.person import Person, PersonKey
from ctibridge.lookup import search
from ctibridge.lookup.adapters.shared import record as records
from ctibridge.lookup.adapters.shared.layout import Layout, Range, identified, named
from ctibridge.lookup.adapters.shared.looking import Looking
from ctibridge.lookup.adapters.shared.record import Record
from ctibridge.lookup.adapters.shared.records import Records
from ctibridge.lookup.claims import KINDS
from ctibridge.lookup.search import NAME, Query

AT_FIRST = 8
"""Of so many accounts all are gone through at first; mostly that is enough."""
PAGE = 400
"""Members that are read at once, of all accounts together; of each some at least."""
LEAST = 20
RECORDS = 64
"""Read at once: of most texts the first ones are enough."""
MOST = 20_000
"""People who are looked at for one text, of all accounts of a step: of a word that more have, the others are not."""


@dataclass(frozen=True, slots=True)
class Found:
    """fit: as `search.fit` has it."""

    fit: int
    record: Record


class _Source:
    """Who may be meant, of one account: a range, page by page."""

    def __init__(self, account: str, spelling: str, *, is_id: bool, whole: bool) -> None:
        self.account, self._spelling, self._is_id, self._whole = account, spelling, is_id, whole
        self.ended = False
        self._last: bytes | None = None

    def range(self, layout: Layout) -> Range:
        of = layout.id if self._is_id else layout.word
        return of(self.account, self._spelling, whole=self._whole)

    def page(self, layout: Layout, count: int) -> tuple[bytes | str | int, ...]:
        return self.range(layout).first(count) if self._last is None else self.range(layout).behind(self._last, count)

    def take(self, members: Sequence[bytes], count: int) -> list[PersonKey]:
        self.ended = len(members) < count
        self._last = members[-1] if members else self._last
        people = (identified(member)[0] if self._is_id else named(member) for member in members)
        return [PersonKey(self.account, person) for person in people]


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

        def order(key: PersonKey) -> tuple[object, ...]:
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
            for some, whole in (group, True), (group[:AT_FIRST], False), (group[AT_FIRST:], False):
                if some and not _enough(found, limit):
                    await self._in(query, some, found, limit, whole=whole)
        return found

    async def _in(
        self, query: Query, accounts: Sequence[str], found: dict[PersonKey, Found], limit: int, *, whole: bool
    ) -> None:
        """whole: words and ids as they were typed, and not what they begin."""
        sources = await self._sources(query, accounts, whole=whole)
        async with aclosing(self._records_of(sources, found)) as pieces:
            async for people in pieces:
                for key, record in people.items():
                    fit = search.fit(query, record.name, *(getattr(record, kind) for kind in KINDS))
                    if fit is not None and (fit <= NAME or not whole):
                        found[key] = Found(fit, record)
                if _enough(found, limit):
                    return

    async def _records_of(
        self, sources: Sequence[_Source], known: Container[PersonKey]
    ) -> AsyncGenerator[dict[PersonKey, Record], None]:
        """In pieces, for who may have enough before the end."""
        async with aclosing(self._candidates(sources)) as pages:
            async for page in pages:
                keys = [key for key in page if key not in known]
                for at in range(0, len(keys), RECORDS):
                    yield await self._records.read(keys[at : at + RECORDS])

    async def _candidates(self, sources: Sequence[_Source]) -> AsyncGenerator[list[PersonKey], None]:
        looked = 0
        while (going := [source for source in sources if not source.ended]) and looked < MOST:
            count = max(LEAST, PAGE // len(going))
            pages = await self._looking.ask(
                lambda layout, going=going, count=count: [  # type: ignore[misc]
                    source.page(layout, count) for source in going
                ]
            )
            keys = [key for source, page in zip(going, pages, strict=True) for key in source.take(page, count)]
            looked += len(keys)
            yield list(dict.fromkeys(keys))

    async def _sources(self, query: Query, accounts: Sequence[str], *, whole: bool) -> list[_Source]:
        """For each account its rarest word, and what was typed as an id."""
        ids = [_Source(account, query.text, is_id=True, whole=whole) for account in accounts]
        words = [
            [[_Source(account, one, is_id=False, whole=whole) for one in word] for word in query.words]
            for account in accounts
        ]
        if len(query.words) < 2:
            return [*ids, *(source for account in words for word in account for source in word)]
        counted = iter(await self._counts(source for account in words for word in account for source in word))
        rarest = [min(((sum(next(counted) for _ in word), n, word) for n, word in enumerate(one))) for one in words]
        return [*ids, *(source for people, _, word in rarest if people for source in word)]

    async def _counts(self, sources: Iterable[_Source]) -> list[int]:
        asked = list(sources)
        return await self._looking.ask(lambda layout: [source.range(layout).count() for source in asked])


def _enough(found: dict[PersonKey, Found], limit: int) -> bool:
    return sum(not one.record.disabled for one in found.values()) >= limit
