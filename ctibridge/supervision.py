"""What systemd hears of us while we run: that we live, and how we are."""

import asyncio

from ctibridge.health import Health
from ctibridge.sd_notify import Notifier

USUAL = 5.0
"""Seconds between two words where no watchdog says how often."""


async def keep_reporting(notifier: Notifier, health: Health) -> None:
    """Feeds the watchdog from the loop itself: a loop that hangs is a daemon that hangs."""
    said = ""
    while True:
        notifier.alive()
        status = "; ".join(health.reasons()) or "ready"
        if status != said:
            notifier.status(status)
            said = status
        await asyncio.sleep(notifier.interval or USUAL)
