"""What is done for all: pops show what an agent may see now, and who has to leave the store leaves it."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import datetime

import structlog

from ctibridge.delivery.adapters.outbox import Outbox
from ctibridge.delivery.desks import Desks
from ctibridge.delivery.kept import OutboxFault
from ctibridge.delivery.settings import PrivacySettings
from ctibridge.domain import line_evidence
from ctibridge.flow.flow import Flow
from ctibridge.flow.line_evidence import Evidence
from ctibridge.flow.withholding import Withholding
from ctibridge.health import Health
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.adapters.presence import Presence
from ctibridge.lookup.adapters.purge import purge
from ctibridge.lookup.adapters.schema import StoreFault

EVIDENCE_EVERY = 2.0
"""Seconds until `check` can read of a line what has changed there."""
REVIEW_EVERY = 5.0
"""Seconds: a grant that ends is gone from open pops within a minute, also on a busy machine."""
LOOK_EVERY = 2.0
PURGE_EVERY = 20.0
PURGE_BUSY_MS = 1_000
"""Milliseconds that it waits for another writer: it comes again, and a stop would wait for it."""

PURGED = "purged"

log = structlog.get_logger()


async def keep_reviewing(lookup: Lookup, flow: Flow) -> None:
    """Whose share or grant ends loses its people from open pops, well within a minute."""
    while True:
        await asyncio.sleep(REVIEW_EVERY)
        try:
            # A grant that ends by its time ends also while the store fails.
            await lookup.catch_up()
            await flow.review()
        except Exception:
            # One that ended here would be the last.
            log.error("review_failed", exc_info=True)


async def keep_looking(store: Presence, health: Health) -> None:
    """Whoever has a removed file open goes on with it, and hears of nothing that is done from then on."""
    while True:
        why = await asyncio.to_thread(lambda: store.why_not)
        if why is None:
            health.well("store")
        else:
            health.ill("store", why)
        await asyncio.sleep(LOOK_EVERY)


async def restore_evidence(evidence: Evidence, outbox: Outbox) -> None:
    evidence.restore(await outbox.facts(line_evidence.KIND), await outbox.fact(line_evidence.SEEN, ""))


async def keep_evidence(evidence: Evidence, outbox: Outbox, now: Callable[[], datetime]) -> None:
    """For ever; `write_evidence` with everything is what remains to be done at the end."""
    while True:
        await asyncio.sleep(EVIDENCE_EVERY)
        write_evidence(evidence, outbox, now())


def write_evidence(evidence: Evidence, outbox: Outbox, at: datetime, *, everything: bool = False) -> None:
    for kind, key, text in evidence.to_keep(at, everything=everything):
        outbox.keep_fact(kind, key, text)


async def keep_purging(
    store: Presence,
    lookup: Lookup,
    desks: Desks,
    outbox: Outbox,
    privacy: Callable[[], PrivacySettings],
    now: Callable[[], datetime],
    alone: Callable[[], AbstractAsyncContextManager[bool]] = lambda: nullcontext(True),
) -> None:
    """People of ended shares leave the store, and numbers that are not allowed. privacy: as it is configured at that
    time. alone: around what changes the directory; False: another node's turn, and it is heard from there."""
    withholding = Withholding(store.path, PURGE_BUSY_MS)
    while True:
        try:
            # Of a file that is not there any more it would make a new one, in which there is nobody.
            there = await asyncio.to_thread(lambda: store.why_not) is None
            async with alone() as ours:
                if there and ours:
                    gone = await purge(store.path, now(), privacy().purge_after, busy_ms=PURGE_BUSY_MS)
                    for account, people in gone.items():
                        log.info("purged", account=account, people=people)
                await lookup.catch_up()
                await withdraw(lookup.snapshot().purged, desks, outbox)
                if there and ours:
                    await withholding.look(lookup.snapshot().version, privacy().phone_labels)
        except (StoreFault, OutboxFault) as fault:
            log.error("purge_failed", error=str(fault))
        except Exception:
            # Lines must not fall silent because of a purge; it comes again.
            log.error("purge_failed", exc_info=True)
        await asyncio.sleep(PURGE_EVERY)


async def withdraw(left: Mapping[str, int], desks: Desks, outbox: Outbox) -> None:
    """What desks were told of the people of these accounts leaves desks and outbox, once for each time that they left.
    left: the directory's version at which they did, whichever process removed them."""
    done = await outbox.facts(PURGED)
    wanted = {account: str(version).encode() for account, version in left.items()}
    due = frozenset(account for account, version in wanted.items() if done.get(account) != version)
    if due:
        desks.withdraw(due)
        await outbox.purge(due)
        for account in due:
            outbox.keep_fact(PURGED, account, wanted[account])
        log.info("withdrawn", accounts=len(due))
