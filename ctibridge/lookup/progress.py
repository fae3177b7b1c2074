"""How far an import is: what its steps tell whoever looks on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """step: in words for people, "people.csv", "writing account", "index"; done of total, in units of that step.

    While a file is read, done and total are bytes of it. total is None where nobody knows it. rows: read so far, over
    all files.
    """

    step: str
    done: int
    total: int | None
    rows: int

    @property
    def share(self) -> float | None:
        """0 to 1; None where nobody knows it. A file may grow while it is read: never more than all."""
        return None if not self.total else min(1.0, self.done / self.total)
