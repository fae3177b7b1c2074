"""What the daemon keeps on the disk, opened together or not at all."""

import sqlite3
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple, Protocol, Self

import structlog

from ctibridge import installation, resources
from ctibridge.config import Settings
from ctibridge.delivery.adapters import fresh
from ctibridge.delivery.adapters.outbox import Outbox, OutboxSettings
from ctibridge.delivery.adapters.outbox_tables import FILE as DESKS
from ctibridge.delivery.adapters.token_store import TokenStore, TooNew
from ctibridge.delivery.kept import OutboxFault
from ctibridge.delivery.settings import PrivacySettings
from ctibridge.installation import StartError
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.adapters.migrations import Tell
from ctibridge.lookup.adapters.presence import Presence, refuse_lost
from ctibridge.lookup.adapters.schema import FILE, StoreFault, words
from ctibridge.lookup.adapters.store import DirectoryStore
from ctibridge.sd_notify import Notifier
from ctibridge.supervision import upgrading

log = structlog.get_logger()


class Several(Protocol):
    """Several nodes, of which not each has people in its own file."""

    async def open_store(self, tell: Tell) -> DirectoryStore:
        """The directory of this one. Raises StoreFault, sqlite3.Error."""

    def serves(self, lookup: Lookup) -> None:
        """That asks it."""


class Stores(NamedTuple):
    """presence: of the directory's file, which may vanish under us. sign_ins: the tokens again, for who writes them:
    he waits for a whole import, and no desk that is looked up waits behind him."""

    lookup: Lookup
    tokens: TokenStore
    sign_ins: TokenStore
    presence: Presence
    outbox: Outbox

    @classmethod
    async def open(
        cls, settings: Settings, notifier: Notifier, closing: AsyncExitStack, several: Several | None = None
    ) -> Self:
        """closing: closes them. Raises StartError, naming the file and the mend."""
        try:
            directory = await _directory(settings, notifier, closing, several)
        except StartError as error:
            if not resources.give_back(settings.node.state_dir):
                raise
            try:
                directory = await _directory(settings, notifier, closing, several)
            except StartError:
                resources.reserve(settings.node.state_dir)  # room was not what it lacked
                raise
            log.warning("reserve_given_back", why=str(error))
        outbox = await _outbox(settings, closing)
        keep_for(settings.privacy, directory[0], outbox)
        return cls(*directory, outbox)


def keep_for(privacy: PrivacySettings, lookup: Lookup, outbox: Outbox) -> None:
    """From now on; what has become too old by it leaves within seconds."""
    terms = privacy.terms()
    outbox.keep_for(terms)
    if lookup.learned is not None:
        lookup.learned.keep_for(terms.usual, terms.of_account)


async def _directory(
    settings: Settings, notifier: Notifier, closing: AsyncExitStack, several: Several | None
) -> tuple[Lookup, TokenStore, TokenStore, Presence]:
    path, tell = settings.node.state_dir / FILE, partial(upgrading, notifier)
    try:
        async with AsyncExitStack() as opened:
            refuse_lost(path, path.with_name(DESKS))
            asked = None if several is None else await several.open_store(tell)
            lookup = await Lookup.open(
                path, settings.resolution, settings.language, indexed=True, tell=tell, store=asked
            )
            opened.push_async_callback(lookup.close)
            if several is not None:
                several.serves(lookup)
            presence = Presence(path)
            tokens = await TokenStore.open(path)
            opened.push_async_callback(tokens.close)
            sign_ins = await TokenStore.open(path)
            opened.push_async_callback(sign_ins.close)
            closing.push_async_exit(opened.pop_all())
    except StoreFault as fault:
        raise StartError(str(fault)) from None
    except TooNew as error:
        raise StartError(f"{path}: {error}") from None
    except (sqlite3.Error, OSError) as error:
        raise StartError(f"{path}: {words(error)}") from None
    return lookup, tokens, sign_ins, presence


async def _outbox(settings: Settings, closing: AsyncExitStack) -> Outbox:
    keep = OutboxSettings(keep=settings.privacy.terms())
    boot_id = installation.boot_id() or fresh.epoch()
    try:
        outbox = await Outbox.open(settings.node.state_dir, fresh.epoch, datetime.now(UTC), boot_id, keep)
    except OutboxFault as fault:
        raise StartError(str(fault)) from None
    closing.push_async_callback(outbox.close)
    return outbox
