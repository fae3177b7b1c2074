"""Where a desk stands: in the file, and as it will stand there when all that was kept is written."""

from collections.abc import Sequence
from dataclasses import dataclass

from ctibridge.delivery.kept import KEPT_EVENTS, KeptEvent

SLACK = 50
"""So many more may stay: they go together, as they stand together in the file."""


@dataclass(frozen=True, slots=True)
class DeskRow:
    """A desk as its row has it. anew: what stands there of its events is of another epoch, and goes first; trims: so
    does what is below the floor. replaces: so do its calls."""

    no: int
    agent: str
    epoch: str
    sequence: int
    floor: int
    acked: int
    anew: bool = False
    trims: bool = False
    replaces: bool = False


class Standing:
    """stored, acked, floor: as written, where `row` finds nothing to write. newest: of all events that were kept;
    floor: the oldest from which on none is missing."""

    __slots__ = (
        "_anew",
        "_floor_written",
        "_replaces",
        "acked",
        "agent",
        "epoch",
        "floor",
        "newest",
        "no",
        "seen",
        "stored",
    )

    def __init__(self, row: DeskRow) -> None:
        self.no = row.no
        self.agent = row.agent
        self.epoch = row.epoch
        self.stored = self.newest = row.sequence
        self.floor = row.floor
        self.acked = self.seen = row.acked
        self._floor_written = row.floor
        self._anew = row.anew
        self._replaces = False

    def follow(self, event: KeptEvent) -> None:
        """It is kept. One that does not follow the newest begins the desk's tail anew."""
        if event.epoch != self.epoch:
            self.renew(event.epoch, event.sequence)
        elif event.sequence != self.newest + 1:
            self.floor = event.sequence
        self.newest = event.sequence

    def renew(self, epoch: str, first: int = 1) -> None:
        """Another life of the desk, whose first event will be this one."""
        self.epoch = epoch
        self.stored = self.newest = first - 1
        self.floor = first
        self.acked = self.seen = 0
        self._anew = True

    def replace(self, epoch: str, first: int, acked: int) -> None:
        """It comes from elsewhere: of what stands here of it nothing stays."""
        self.renew(epoch, first)
        self.seen = acked
        self._replaces = True

    @property
    def is_anew(self) -> bool:
        """What stands in the file is another life of it."""
        return self._anew

    def lost(self, event: KeptEvent) -> bool:
        """This event, and those before it, could not be kept. False: it was of an earlier life."""
        if event.epoch != self.epoch:
            return False
        self.floor = max(self.floor, event.sequence + 1)
        return True

    def forgotten(self) -> None:
        """The file is gone, and another one stands there that knows nothing."""
        self.floor = max(self.floor, self.stored + 1)
        self._floor_written = 0

    def aged(self, floor: int) -> None:
        """What was below has been there for too long, and is gone from the file."""
        self.floor = max(self.floor, floor)
        self._floor_written = max(self._floor_written, floor)

    def begins(self, no: int, *, anew: bool = False) -> DeskRow:
        """It is to stand in the file under this number, with nothing of it stored. anew: it does not stand there."""
        self.no = no
        self._anew = self._anew or anew
        self._floor_written = self.stored + 1
        return DeskRow(no, self.agent, self.epoch, self.stored, self.stored + 1, 0)

    def row(self, stored: int | None = None) -> DeskRow | None:
        """What is to be written together with the events up to `stored`; None: it stands there already."""
        # The number of an event that was lost is used up: somebody was sent it.
        up_to = max(self.stored if stored is None else stored, self.floor - 1)
        floor = max(self.floor, self._trimmed(up_to))
        acked = max(self.acked, min(self.seen, up_to))
        if (up_to, floor, acked, self._anew) == (self.stored, self._floor_written, self.acked, False):
            return None
        return DeskRow(
            self.no,
            self.agent,
            self.epoch,
            up_to,
            floor,
            acked,
            self._anew,
            floor > self._floor_written,
            self._replaces,
        )

    def written(self, row: DeskRow) -> None:
        """What came while it was being written is not lost by it."""
        if row.epoch != self.epoch:
            return
        self._anew = self._replaces = False
        self.stored = max(self.stored, row.sequence)
        self.acked = row.acked
        self.floor = max(self.floor, row.floor)
        self._floor_written = row.floor

    def _trimmed(self, stored: int) -> int:
        if stored - self.floor + 1 <= KEPT_EVENTS + SLACK:
            return 0
        return stored - KEPT_EVENTS + 1


def may_go_on(row: DeskRow, marks: Sequence[int] | None) -> bool:
    """After an unclean stop: was nothing sent under this epoch that was not stored? marks: the newest number that may
    have been sent, by desk; None: nobody knows."""
    return marks is not None and row.no < len(marks) and marks[row.no] <= row.sequence
