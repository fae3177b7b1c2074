"""Who the calls of these days were from, for those agents who were told so clearly: with whom the desk spoke, then."""

from collections.abc import Collection, Iterator, Mapping

from ctibridge.domain.person import PersonKey

MOST_CALLS = 10_000


class Meant:
    """One human may be another person at each customer, and was told so to different agents."""

    def __init__(self) -> None:
        self._calls: dict[str, dict[tuple[str, bool], PersonKey | None]] = {}

    def tell(self, call: str, told: Mapping[str, PersonKey | None], *, of_first: bool) -> None:
        """told: by agent. of_first: of the call that this one continues. What was clear may be so no longer; what other
        desks were told stands."""
        newest = {(agent, of_first): person for agent, person in told.items()}
        self._calls[call] = self._calls.pop(call, {}) | newest
        while len(self._calls) > MOST_CALLS:
            del self._calls[next(iter(self._calls))]

    def people(self, call: str) -> Iterator[PersonKey]:
        """Each for every agent who was told of him."""
        return (person for person in self._calls.get(call, {}).values() if person is not None)

    def erase(self, people: Collection[PersonKey]) -> None:
        """None of these was ever meant."""
        for told in self._calls.values():
            told.update(dict.fromkeys([who for who, person in told.items() if person in people]))

    def forget(self, accounts: Collection[str]) -> None:
        """Their people left the store for good."""
        for told in self._calls.values():
            told.update({who: None for who, person in told.items() if person and person.account in accounts})
