"""What the store says of the test call: the answer that its agent should see, and a token for his desk."""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ctibridge import typed
from ctibridge.config import Settings
from ctibridge.delivery.adapters import kept_evidence
from ctibridge.delivery.adapters.token_store import TokenStore
from ctibridge.delivery.tokens import Kind
from ctibridge.domain.finding import Finding
from ctibridge.domain.line_evidence import LineEvidence
from ctibridge.domain.private import Private
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.adapters.schema import FILE, StoreFault
from ctibridge.lookup.adapters.store import DirectoryStore
from ctibridge.lookup.found import of_agents
from ctibridge.lookup.question import Question
from ctibridge.selftest.expected import Known, of_answer
from ctibridge.selftest.timeline import Stopped
from ctibridge.sip.settings import SelftestSettings, TrunkSettings

HOLDS = timedelta(minutes=10)
"""The token of the test's desk; it is revoked as soon as the test is over."""
BUSY_MS = 30_000
"""Milliseconds that an import may be writing: it likes the same hour of the morning."""
_BUSY = "try again when no import runs; `ctibridge check` looks at the store and its disk"
_IMPORT = "run `ctibridge import`, then `ctibridge check`"


class Directory:
    """The store as `ctibridge lookup` reads it, for one agent and one trunk."""

    def __init__(self, lookup: Lookup, settings: Settings, trunk: TrunkSettings, agent: str) -> None:
        self._lookup = lookup
        self._plan = settings.dial_plans()[trunk.name]
        self._agent = agent

    async def says(self, test: SelftestSettings, at: datetime) -> Known:
        """at: aware UTC, when it rang. Raises Stopped where it cannot be read."""
        signalled = typed.signalled(test.shown_number, test.dial, "selftest")
        question = Question(signalled, self._plan, None, at)
        found = await self._lookup.find(question, of_agents([self._agent]))
        read = None if found is None else await self._lookup.records(found)
        if read is None:
            raise _stopped("the directory cannot be read now")
        return of_answer(read.answers()[self._agent])


async def itself() -> DirectoryStore | None:
    """The store's file has all."""
    return None


@asynccontextmanager
async def directory(
    settings: Settings, trunk: TrunkSettings, agent: str, asked: Callable[[], Awaitable[DirectoryStore | None]] = itself
) -> AsyncIterator[Directory]:
    """asked: what is asked in place of the store's file; None: that. Raises Stopped where there is none, or where it
    does not know this agent."""
    path = settings.node.state_dir / FILE
    if not path.exists():
        raise _stopped(f"{path.name} does not exist yet")
    try:
        lookup = await Lookup.open(path, settings.resolution, settings.language, store=await asked())
    except StoreFault as fault:
        raise _stopped(str(fault).partition("; ")[0]) from None
    try:
        known = lookup.snapshot().agents.get(agent)
        if known is None or known.disabled:
            what = "not in the directory" if known is None else "disabled in the directory"
            mend = "mend agents.csv and import it again, or name another agent in [trunk.selftest]"
            raise Stopped(Finding("directory", f"agent {agent} is {what}", mend))
        yield Directory(lookup, settings, trunk, agent)
    finally:
        await lookup.close()


@asynccontextmanager
async def desk_token(state_dir: Path, agent: str) -> AsyncIterator[Private]:
    """Good for HOLDS, and no longer than this is entered. Raises Stopped where the store cannot be written."""
    now = datetime.now(UTC)
    async with AsyncExitStack() as parts:
        try:
            store = await TokenStore.open(state_dir / FILE, busy_ms=BUSY_MS)
            parts.push_async_callback(store.close)
            text, token = await store.issue(Kind.DESK, agent, now + HOLDS, now)
        except sqlite3.Error as error:
            raise Stopped(Finding("directory", f"no token can be made: {error}", _BUSY)) from None
        try:
            yield text
        finally:
            with suppress(sqlite3.Error):  # nobody but us had it, and it expires
                await store.revoke(token.id, datetime.now(UTC))


def evidence(state_dir: Path, trunk: str) -> dict[str, LineEvidence]:
    """What the daemon knows of its lines, by line; empty where it cannot be read."""
    try:
        return {one.line: one for one in kept_evidence.read(state_dir).lines if one.trunk == trunk}
    except sqlite3.Error:
        return {}


def _stopped(text: str) -> Stopped:
    return Stopped(Finding("directory", text, _IMPORT))
