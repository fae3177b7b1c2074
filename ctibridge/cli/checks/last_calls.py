"""The last test call of each trunk that has a selftest. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from ctibridge.domain.finding import Finding, note
from ctibridge.domain.last_call import DAILY, LastCall, of_trunk, told
from ctibridge.sip.settings import TrunkSettings

TIMER = "systemctl enable --now ctibridge-selftest.timer"


def findings(trunks: Iterable[TrunkSettings], calls: Sequence[LastCall], at: datetime) -> Iterator[Finding]:
    """at: aware UTC."""
    for trunk in trunks:
        if trunk.selftest is not None:
            yield _of(trunk.name, of_trunk(calls, trunk.name), at)


def _of(trunk: str, newest: LastCall | None, at: datetime) -> Finding:
    again = f"ctibridge selftest --trunk {trunk}"
    if newest is None:
        return note("test call", f"trunk {trunk}: none was made yet", f"{again}; each morning: {TIMER}")
    if newest.failed is not None:
        return Finding("test call", told(newest), f"{again} says what was expected and what the desk saw")
    if at - newest.at > DAILY:
        return note("test call", told(newest), f"each morning: {TIMER}")
    return Finding("test call", told(newest))
