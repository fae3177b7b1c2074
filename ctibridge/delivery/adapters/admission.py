"""Who may open a desk, and for how long he may keep it.

Comes in: tokens of connections that want to sign in. Goes out: verdicts to the desks. Every two seconds it looks
whether those who are signed in still may: tokens are revoked and agents disabled by other processes.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Mapping

import structlog

from ctibridge.delivery import tokens
from ctibridge.delivery.adapters.token_store import TokenStore
from ctibridge.delivery.close_code import CloseCode
from ctibridge.delivery.desks import Desks
from ctibridge.delivery.session import back_in
from ctibridge.delivery.tokens import Refusal
from ctibridge.domain.agent import Agent
from ctibridge.domain.moment import Moment
from ctibridge.domain.private import Private

# Revocations and expiries cut a live session within 5 s.
RECHECK_EVERY = 2.0
Agents = Callable[[], Awaitable[Mapping[str, Agent]]]

log = structlog.get_logger()


class Admission:
    """agents: those of the directory as they are now, by id; another mapping where anything in it has changed."""

    def __init__(self, desks: Desks, token_store: TokenStore, agents: Agents, now: Callable[[], Moment]) -> None:
        self._desks = desks
        self._tokens = token_store
        self._agents = agents
        self._now = now
        self._changed = False

    async def verdict(self, number: int, text: Private) -> None:
        """On the token of this connection."""
        try:
            token = await self._tokens.find(text)
            agent = None if token is None or token.agent is None else (await self._seated()).get(token.agent)
        except (sqlite3.Error, OSError) as error:
            log.error("token_check_failed", error=type(error).__name__)
            why = f"tokens cannot be checked now; retry in {back_in(number)} s"
            self._desks.refuse(number, Refusal(CloseCode.TRY_LATER, why))
            return
        now = self._now()
        refusal = tokens.refuse_token(token, now.at)
        if refusal is None and token is not None:
            refusal = tokens.refuse_desk(token, agent)
            if refusal is None and agent is not None:
                log.info("desk_opened", session=number)
                self._desks.admit(number, token, agent.id, now)
                return
        assert refusal is not None
        self._desks.refuse(number, refusal)

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
        live = list(self._desks.live())
        if not live:
            return
        at = self._now().at
        holding = await self._tokens.holding(at)
        for number, token_id, agent in live:
            if token_id in holding:
                refusal = tokens.refuse_agent(agents.get(agent))
            else:
                refusal = tokens.refuse_token(await self._tokens.get(token_id), at)
            if refusal is not None:
                self._desks.refuse(number, refusal)
