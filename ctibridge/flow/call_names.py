"""How a call is named: on one node by chance, on several by what all of them hear of it.

Nodes that hear the same legs in another order may begin with another one of them, where a PBX gives each leg its own
Call-ID. So each name that another node may have given to a call leads to the one that it has here.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol, TypeVar

from ctibridge.domain.call import Call, Outcome
from ctibridge.domain.call_id import keyed_call_id
from ctibridge.sip.events import RingStarted

MOST_NAMES = 20_000
"""The oldest goes first."""


_Value = TypeVar("_Value")


def is_spent(known: Iterable[Call]) -> bool:
    """Is this name that of a call whose end somebody saw? What ended as unknown may be heard on by another node, and is
    the same call still. known: as desks have it."""
    return any(call.outcome not in {None, Outcome.UNKNOWN} for call in known)


class Names(Protocol):
    def fresh(self, event: RingStarted, at: datetime, told: str | None = None) -> str:
        """For the call of this leg, should it be a new one. at: aware UTC; told: how the node calls it that told us."""

    def gave(self, call: str | None) -> None:
        """The leg for which a name was just asked belongs to this call; None: to none that goes on."""

    def here(self, call: str) -> str:
        """What a call that another node names is called here."""


class FreshNames:
    """Of a node that is alone."""

    def __init__(self, fresh_id: Callable[[datetime], str]) -> None:
        self._fresh_id = fresh_id

    def fresh(self, event: RingStarted, at: datetime, told: str | None = None) -> str:
        return self._fresh_id(at)

    def gave(self, call: str | None) -> None:
        pass

    def here(self, call: str) -> str:
        return call


class SharedNames:
    """key: that all nodes have. is_taken: does a desk have another call of this name, from before this process say
    (`is_spent`)?"""

    def __init__(self, key: bytes, is_taken: Callable[[str], bool] = lambda _: False) -> None:
        self._key = key
        self._is_taken = is_taken
        self._used: dict[str, int] = {}
        """How many calls had the same words: an answered call that is put back into its queue is another one."""
        self._here: dict[str, str] = {}
        self._asked = "", 0, ""

    def fresh(self, event: RingStarted, at: datetime, told: str | None = None) -> str:
        words = _words(event)
        first = keyed_call_id(self._key, words)
        nth, name = 0, first
        if told is not None:
            nth, name = self._place(words, first, told), told
        elif first in self._used:
            nth, name = self._used[first], self._nth(words, self._used[first])
        else:
            while self._is_taken(name):
                nth += 1
                name = self._nth(words, nth)
        self._asked = first, nth, name
        return name

    def _place(self, words: tuple[str, ...], first: str, told: str) -> int:
        """Which of the names of these words it is; negative: none, it is from another leg of that call."""
        more = range(1, self._used.get(first, 0) + 2)
        return 0 if told == first else next((nth for nth in more if self._nth(words, nth) == told), -1)

    def _nth(self, words: tuple[str, ...], nth: int) -> str:
        return keyed_call_id(self._key, (*words, str(nth)))

    def gave(self, call: str | None) -> None:
        first, nth, name = self._asked
        if call == name and nth >= 0:
            _put(self._used, first, max(nth + 1, self._used.get(first, 0)))
            self._here.pop(name, None)
        elif call is not None and first not in self._used:
            _put(self._here, first, call)

    def here(self, call: str) -> str:
        return self._here.get(call, call)


def _put(table: dict[str, _Value], key: str, value: _Value) -> None:
    table[key] = value
    if len(table) > MOST_NAMES:
        del table[next(iter(table))]


def _words(event: RingStarted) -> tuple[str, ...]:
    """What the PBX calls this call, else its dialog, else this leg, whose name is one in the whole cluster."""
    if event.key:
        return event.trunk, "key", event.key
    if event.dialog[0]:
        return event.trunk, "dialog", *event.dialog
    return event.trunk, "leg", event.leg
