"""Which calls are one caller's to one account: who answers the one has answered those that he missed us with before.

A withheld caller is nobody's same. A company's main number is the same for all who call from there.
"""

from dataclasses import dataclass, field

from ctibridge.calls.missed_call import MissedCall, Spoken

Key = tuple[str, str | None]
"""What the caller is known by, and the account that he called (None: a number of nobody's)."""


@dataclass(slots=True)
class _Caller:
    """waiting: his calls that are not closed, by id, oldest first. spoken: when he was answered last, in a call that is
    still remembered."""

    waiting: dict[str, MissedCall] = field(default_factory=dict)
    spoken: Spoken | None = None


class SameCaller:
    """The calls that are remembered, by caller."""

    def __init__(self) -> None:
        self._callers: dict[Key, _Caller] = {}

    def __len__(self) -> int:
        return len(self._callers)

    def join(self, one: MissedCall) -> None:
        """New, or answered or settled now, so that it does not wait any more."""
        key = _key(one)
        if key is None:
            return
        caller = self._callers.setdefault(key, _Caller())
        if one.is_closed:
            caller.waiting.pop(one.id, None)
        else:
            caller.waiting[one.id] = one
        if one.spoken is not None and (caller.spoken is None or caller.spoken.at <= one.spoken.at):
            caller.spoken = one.spoken
        self._tidy(key, caller)

    def leave(self, one: MissedCall) -> None:
        """Before it is forgotten, or its caller turns out to be another one."""
        key, caller = _key(one), self._of(one)
        if key is None or caller is None:
            return
        caller.waiting.pop(one.id, None)
        if caller.spoken is not None and caller.spoken.call == one.id:
            caller.spoken = None
        self._tidy(key, caller)

    def waiting(self, one: MissedCall) -> tuple[MissedCall, ...]:
        """The calls of this one's caller that are not closed, oldest first."""
        caller = self._of(one)
        return () if caller is None else tuple(caller.waiting.values())

    def spoken(self, one: MissedCall) -> Spoken | None:
        """When this one's caller was answered last, in whichever call."""
        caller = self._of(one)
        return None if caller is None else caller.spoken

    def _of(self, one: MissedCall) -> _Caller | None:
        key = _key(one)
        return None if key is None else self._callers.get(key)

    def _tidy(self, key: Key, caller: _Caller) -> None:
        if not caller.waiting and caller.spoken is None:
            del self._callers[key]


def _key(one: MissedCall) -> Key | None:
    return None if one.caller is None or one.shared else (one.caller, one.account)
