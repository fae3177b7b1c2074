"""What is degraded, in words: read by `/readyz`, the unit's STATUS and later by `check`."""


class Health:
    """Reasons by their subject: said when something breaks, taken back when it works again."""

    def __init__(self) -> None:
        self._reasons: dict[str, str] = {"start": "starting"}

    def started(self) -> None:
        self.well("start")

    def ill(self, subject: str, reason: str) -> None:
        """reason: one line without anything personal."""
        self._reasons[subject] = reason

    def well(self, subject: str) -> None:
        self._reasons.pop(subject, None)

    def reasons(self) -> list[str]:
        """Empty: ready."""
        return list(self._reasons.values())
