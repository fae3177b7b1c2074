"""Will this Redis do? Asked at the start, and again whenever one answers that did not: it may be another one then.

Nothing waits for it. What it finds stands in the health.
"""

import asyncio

import structlog

from ctibridge.cluster.adapters import looking
from ctibridge.cluster.adapters.connection import Link
from ctibridge.cluster.adapters.faults import RedisFault, Refused
from ctibridge.cluster.server import POLICY, Server
from ctibridge.health import Health

SUBJECT = "redis.server"
log = structlog.get_logger()


class Fitness:
    """link: for this alone."""

    def __init__(self, link: Link, health: Health) -> None:
        self._link = link
        self._health = health
        self._wanted = asyncio.Event()

    def want(self) -> None:
        """It answers, for the first time or again."""
        self._wanted.set()

    async def run(self) -> None:
        """Until it is cancelled."""
        try:
            while True:
                await self._wanted.wait()
                self._wanted.clear()
                await self._look()
        finally:
            self._link.cut()

    async def _look(self) -> None:
        try:
            server = await looking.fit(self._link)
        except RedisFault as fault:
            self._says_no(fault)
        else:
            self._health.well(SUBJECT)
            self._remark(server)

    def _says_no(self, fault: RedisFault) -> None:
        """Too old, we are not ready. What else it does not say of itself is no harm, and is asked for again."""
        if isinstance(fault, Refused) and fault.code == looking.TOO_OLD:
            self._health.ill(SUBJECT, str(fault))
        log.warning("redis_unfit", why=str(fault))

    def _remark(self, server: Server) -> None:
        if server.may_evict:
            why = f"Redis may evict our keys where it is full: maxmemory-policy is {server.policy}"
            self._health.remark(SUBJECT, f"{why}; set it to {POLICY}")
            log.warning("redis_may_evict", policy=server.policy, mend=f"CONFIG SET maxmemory-policy {POLICY}")
