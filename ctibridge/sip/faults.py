"""How long a registration waits after it failed: each kind of fault counts for itself.

In: a fault. Out: seconds.
"""

from dataclasses import dataclass

from ctibridge.sip.fresh import Fresh

FIRST_PAUSE = 2.0
"""Seconds before the second try after a fault that may pass; doubles up to LONGEST_PAUSE."""
LONGEST_PAUSE = 60.0
REFUSED_PAUSE = 600.0
"""Seconds after a refusal (wrong password, 403) at least, as fail2ban counts; doubles up to LONGEST_REFUSED_PAUSE."""
LONGEST_REFUSED_PAUSE = 3600.0


@dataclass(slots=True)
class Faults:
    """How often in a row, each kind for itself: what the network did says nothing about a password."""

    passing: int = 0
    refused: int = 0

    def pause(self, fresh: Fresh, *, refused: bool) -> float:
        """Seconds. Jitter takes from a pause between tries, and adds to one after a refusal, which is a least time."""
        if not refused:
            self.passing = min(self.passing + 1, 10)
            return fresh.around(min(FIRST_PAUSE * 2.0 ** (self.passing - 1), LONGEST_PAUSE))
        self.refused = min(self.refused + 1, 10)
        pause = REFUSED_PAUSE * 2.0 ** (self.refused - 1)
        return min(2 * pause - fresh.around(pause), LONGEST_REFUSED_PAUSE)
