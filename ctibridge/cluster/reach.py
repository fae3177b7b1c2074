"""Does Redis answer, and may this node act? It tells a Redis that is away from a process that was stopped itself.

A failed try proves that Redis is away only if the process ran all the time since that try began: after a SIGSTOP every
timer has run out, and everything seems to have failed. Whose lease ran out meanwhile is most likely forgotten, and has
all that piled up to work through: it asks for a whole lease before it takes Redis for gone.
"""

from ctibridge.cluster.lease import Lease


class Reach:
    """alone: Redis is away, and we act without it; ever: it answered once. late: seconds by which an input may come
    after its time before we say that the process was stopped. patience: seconds from the start, or from a stop that
    cost us the lease, until we go on without a Redis that has not answered since."""

    def __init__(self, lease: Lease, now: float, late: float, patience: float) -> None:
        self.lease = lease
        self.alone = False
        self.ever = False
        self.missed = False
        self._late = late
        self._patience = patience
        self._patient_until = now + patience
        self._runs_since = now
        self._awaited = now

    def awaits(self, until: float) -> None:
        """The next input comes by then."""
        self._awaited = until

    def seen(self, now: float) -> None:
        """An input: we run. `missed`, a try that failed since Redis answered last, is forgotten by who was stopped."""
        if now > self._awaited + self._late:
            self._runs_since = now
            self.missed = False
            if self.lease.stands(self._awaited) and not self.lease.stands(now):
                self._patient_until = now + self._patience

    def failed(self, begun_at: float) -> None:
        if begun_at >= self._runs_since:
            self.missed = True

    def answered(self, asked_at: float) -> None:
        self.lease.renew(asked_at)
        self.alone = self.missed = False
        self.ever, self._patient_until = True, asked_at

    def refused(self) -> None:
        """Somebody else has our name: there is nothing that we may go on with."""
        self.lease.end()
        self.alone = self.missed = False

    def gives_up(self, now: float) -> bool:
        """Is it now that we go on alone?"""
        if self.alone or not self.missed or self.lease.stands(now):
            return False
        self.alone = now >= self._patient_until
        return self.alone

    def acts(self, now: float) -> bool:
        """Our lease stands; or Redis is away, as a try says that ran while we ran."""
        return self.lease.stands(now) or (self.alone and self.missed and now <= self._awaited + self._late)
