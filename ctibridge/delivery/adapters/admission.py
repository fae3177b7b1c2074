"""Who may open a desk, and for how long he may keep it.

Comes in: tokens of connections that want to sign in. Goes out: verdicts to the desks. Every two seconds it looks
whether those who are signed in still may: tokens are revoked and agents disabled by other processes.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Protocol

import structlog

from ctibridge.delivery import tokens
from ctibridge.delivery.adapters.token_store import TokenStore
from ctibridge.delivery.close_code import CloseCode
from ctibridge.delivery.desks import Desks
from ctibridge.delivery.session import back_in
from ctibridge.delivery.tokens import Refusal, Token
from ctibridge.domain.agent import Agent
from ctibridge.domain.moment import Moment
from ctibridge.domain.private import Private

# Revocations and expiries cut a live session within 5 s.
RECHECK_EVERY = 2.0
Agents = Callable[[], Awaitable[Mapping[str, Agent]]]
Verdict = tuple[Token, Agent] | Refusal
"""A good token and its agent, or why there is none."""

log = structlog.get_logger()


class Beside(Protocol):
    """Screens here whose desks are elsewhere; see `Desks`."""

    def live(self) -> Iterable[tuple[int, str, str]]: ...

    def refuse(self, number: int, refusal: Refusal) -> None: ...


class Admission:
    """agents: those of the directory as they are now, by id; another mapping where anything in it has changed. beside:
    who else must not outlast his token."""

    def __init__(self, desks: Desks, token_store: TokenStore, agents: Agents, now: Callable[[], Moment]) -> None:
        self._desks = desks
        self._tokens = token_store
        self._agents = agents
        self._now = now
        self._changed = False
        self.beside: Beside | None = None

    async def verdict(self, number: int, text: Private) -> None:
        """On the token of this connection."""
        self.settle(number, await self.of_text(number, text))

    async def of_text(self, number: int, text: Private) -> Verdict:
        """What `settle` carries out; nothing is done yet."""
        return await self._judged(number, self._tokens.find(text))

    async def of_hash(self, number: int, hashed: bytes) -> Verdict:
        """The same for a token that another node knows. One that is not known here is perhaps too young."""
        unknown = Refusal(CloseCode.TRY_LATER, f"the token is not known here yet; retry in {back_in(number)} s")
        return await self._judged(number, self._tokens.find_hash(hashed), unknown)

    def settle(self, number: int, verdict: Verdict) -> None:
        if isinstance(verdict, Refusal):
            self._desks.refuse(number, verdict)
            return
        token, agent = verdict
        log.info("desk_opened", session=number)
        self._desks.admit(number, token, agent.id, self._now())

    async def _judged(self, number: int, finding: Awaitable[Token | None], unknown: Refusal | None = None) -> Verdict:
        try:
            token = await finding
            agent = None if token is None or token.agent is None else (await self._seated()).get(token.agent)
        except (sqlite3.Error, OSError) as error:
            log.error("token_check_failed", error=type(error).__name__)
            why = f"tokens cannot be checked now; retry in {back_in(number)} s"
            return Refusal(CloseCode.TRY_LATER, why)
        if token is None and unknown is not None:
            return unknown
        refusal = tokens.refuse_token(token, self._now().at)
        if refusal is None and token is not None:
            refusal = tokens.refuse_desk(token, agent)
            if refusal is None and agent is not None:
                return token, agent
        assert refusal is not None
        return refusal

    async def keep_checking(self, deliver: Callable[[], None]) -> None:
        """A live session must not outlast its token or its agent, nor a seat, also where nobody is signed in. deliver:
        carries out what the desks have to say."""
        while True:
            await self.check()
            deliver()
            await asyncio.sleep(RECHECK_EVERY)

    async def check(self) -> None:
        """One look at who is signed in. It never raises: one that ended here would be the last, and cut nobody."""
        try:
            # Asked before the agents are read: what is written in between is a change again the next time. It is asked
            # once for each change, so one that could not be looked at is kept.
            self._changed = await self._tokens.changed() or self._changed
            agents = await self._seated()
            if self._changed:
                await self._check_live(agents)
            self._changed = False
        except (sqlite3.Error, OSError) as error:
            log.error("token_check_failed", error=type(error).__name__)
        except Exception:
            log.error("token_check_failed", exc_info=True)

    async def _seated(self) -> Mapping[str, Agent]:
        """The agents of the directory. Whoever reads them, the seats follow: a desk that opens hears its lines."""
        agents = await self._agents()
        for agent in sorted(self._desks.set_agents(agents)):
            log.info("agent_left_seats", agent=agent)
        return agents

    async def _check_live(self, agents: Mapping[str, Agent]) -> None:
        at_desks = [(one, self._desks.refuse) for one in self._desks.live()]
        beside = [] if self.beside is None else [(one, self.beside.refuse) for one in self.beside.live()]
        if not (live := at_desks + beside):
            return
        at = self._now().at
        holding = await self._tokens.holding(at)
        for (number, token_id, agent), refuse in live:
            if token_id in holding:
                refusal = tokens.refuse_agent(agents.get(agent))
            else:
                refusal = tokens.refuse_token(await self._tokens.get(token_id), at)
            if refusal is not None:
                refuse(number, refusal)
