"""Numbers that an account does not allow any more leave the store also where nobody imports."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import structlog

from ctibridge.lookup.adapters.withhold import log_is_empty, withhold
from ctibridge.lookup.phone_labels import AllowedLabels

log = structlog.get_logger()


class Withholding:
    """Of one daemon. busy_ms: how long it waits for another writer."""

    def __init__(self, store: Path, busy_ms: int) -> None:
        self._store = store
        self._busy_ms = busy_ms
        self._done: tuple[int, AllowedLabels] | None = None
        self._log_holds = True
        """Perhaps: a daemon that was killed behind a look may have left it."""

    async def look(self, version: int, phone_labels: Mapping[str, Iterable[str]]) -> None:
        """Through all numbers of these accounts: only where directory or agreement are not what they were the last
        time. version: of the directory. Raises StoreFault."""
        state = version, AllowedLabels.read(phone_labels)
        if state != self._done:
            for account, labels in (await withhold(self._store, state[1], busy_ms=self._busy_ms)).items():
                log.info("withheld", account=account, numbers=sum(labels.values()))
                self._log_holds = True
            self._done = state
        if self._log_holds and state[1].by_account:
            self._log_holds = not await log_is_empty(self._store, busy_ms=self._busy_ms)
