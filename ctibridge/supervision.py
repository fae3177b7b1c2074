"""What systemd hears of us while we start and run: that we live, and how we are."""

import asyncio
from collections.abc import Callable, Mapping

from ctibridge.health import Health
from ctibridge.liveness import Liveness
from ctibridge.lookup.progress import Progress
from ctibridge.sd_notify import Notifier

USUAL = 5.0
"""Seconds between two words where no watchdog says how often."""

UPGRADING = 1_800.0
"""Seconds that a start is granted with each word of an upgrade: one for each account, and one of ten million people is
written in a few minutes."""

Remarks = Callable[[], Mapping[str, str]]
"""What is worth saying now, by its subject."""


class Supervision:
    """remarks: asked for each word to systemd, and for nothing else."""

    def __init__(self, notifier: Notifier, health: Health, liveness: Liveness, remarks: Remarks) -> None:
        self._notifier = notifier
        self._health = health
        self._liveness = liveness
        self._remarks = remarks
        self._remarked: Mapping[str, str] = {}
        self._said = ""

    async def run(self) -> None:
        """For ever, from the loop itself: a loop that hangs is a daemon that hangs, and feeds no watchdog."""
        while True:
            self.report()
            await asyncio.sleep(self._notifier.interval or USUAL)

    def report(self) -> None:
        self._remark()
        if self._liveness.moves():
            self._notifier.alive()
        status = self._health.status()
        if status != self._said:
            self._notifier.status(status)
            self._said = status

    def _remark(self) -> None:
        remarks = self._remarks()
        for subject in self._remarked.keys() - remarks.keys():
            self._health.well(subject)
        for subject, text in remarks.items():
            self._health.remark(subject, text)
        self._remarked = remarks


def upgrading(notifier: Notifier, progress: Progress) -> None:
    """A store that is brought up takes longer than a start may, and is no start that hangs."""
    notifier.extend(UPGRADING)
    notifier.status(progress.step if progress.total is None else f"{progress.step}: {progress.done}/{progress.total}")
