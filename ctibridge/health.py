"""What is degraded, in words: read by `/readyz`, the unit's STATUS and by `check`."""


class Health:
    """Reasons and remarks by their subject: said when something breaks, taken back when it works again."""

    def __init__(self) -> None:
        self._reasons: dict[str, str] = {"start": "starting"}
        self._remarks: dict[str, str] = {}

    def started(self) -> None:
        self.well("start")

    def ill(self, subject: str, reason: str) -> None:
        """We are not ready. reason: one line without anything personal."""
        self._reasons[subject] = reason

    def remark(self, subject: str, text: str) -> None:
        """Worth saying, and ready all the same: a dead PBX is no fault of ours. text: as `reason`."""
        self._remarks[subject] = text

    def remark_or_well(self, subject: str, text: str | None) -> None:
        """None: there is nothing to say any more."""
        if text is None:
            self.well(subject)
        else:
            self.remark(subject, text)

    def well(self, subject: str) -> None:
        self._reasons.pop(subject, None)
        self._remarks.pop(subject, None)

    def reasons(self) -> list[str]:
        """Empty: ready."""
        return list(self._reasons.values())

    def remarks(self) -> list[str]:
        return list(self._remarks.values())

    def both(self) -> tuple[list[str], list[str]]:
        """Reasons and remarks."""
        return self.reasons(), self.remarks()

    def status(self) -> str:
        """All of it in one line: what keeps us from being ready first."""
        return "; ".join([*(self._reasons.values() or ["ready"]), *self._remarks.values()])
