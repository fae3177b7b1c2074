"""The room's machine: all desks, their sessions, and who hears which line.

Comes in: what happened to calls and lines (`at`: aware UTC), what connections said (`now`: both clocks). Goes out: the
outputs of `outputs.py`, to be drained and done in order after each input. `deadline` says when to call `tick`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from ctibridge.delivery import encode, encode_control, sights
from ctibridge.delivery import wire_control as wire
from ctibridge.delivery.answers import Answers
from ctibridge.delivery.caught_up import CaughtUp
from ctibridge.delivery.close_code import CloseCode
from ctibridge.delivery.desk import MOST_CALLS, Desk, Told
from ctibridge.delivery.erased import Level
from ctibridge.delivery.kept import KeptDesk
from ctibridge.delivery.outputs import CatchUp, Greet, KeepCall, KeepEvent, KeepHeard, Output
from ctibridge.delivery.requests import Requests
from ctibridge.delivery.residents import Residents
from ctibridge.delivery.seats import Seats
from ctibridge.delivery.sessions import Sessions
from ctibridge.delivery.tokens import Refusal, Token
from ctibridge.domain.agent import Agent
from ctibridge.domain.call import Call
from ctibridge.domain.context import Suggestions
from ctibridge.domain.hand_over import Internal
from ctibridge.domain.line import Line, LineState
from ctibridge.domain.moment import Moment
from ctibridge.domain.note import Note
from ctibridge.domain.notice import Notice
from ctibridge.domain.screen_pop import ScreenPop
from ctibridge.domain.work import Work

Mine = Callable[[str], bool] | None  # whose desks this node tells; None: all


class Desks(Answers):
    """source: of the events, `/ctibridge/NODE`. fresh: an unguessable word each time, the epoch of a new desk. kept:
    those of before. notification: what the desktop notifications of pages may show."""

    live_only = False
    """What happens now cannot be stored: `welcome` says it from then on."""
    node_alone = False
    """This node of several has lost the others: `welcome` says it, too."""

    def __init__(
        self,
        source: str,
        fresh: Callable[[], str],
        kept: Iterable[KeptDesk] = (),
        notification: wire.Notification = "company",
    ) -> None:
        self._source = source
        self.notification = notification
        self._fresh = fresh
        self._seats = Seats()
        self._agents: Mapping[str, Agent] = {}
        self._desks = {one.agent: Desk(source, one) for one in kept}
        self._told: dict[str, set[str]] = {}
        """At whose desks a call rang."""
        outputs: list[Output] = []
        super().__init__(outputs, Sessions(outputs))
        self.residents = Residents(source, self._desks, self._told, self._sessions, self._tell)
        self._requests = Requests(self._seats, self._outputs)

    def drain(self) -> list[Output]:
        outputs = self._outputs[:]
        self._outputs.clear()
        return outputs

    # -- calls and lines -----------------------------------------------------------------------------------------------

    def restarted(self, at: datetime) -> dict[str, dict[str, Call]]:
        """What went on before the process began ends as unknown. Returns the calls that desks know, each by agent, as
        it was told of it last."""
        here = filter(self.residents.has, list(self._desks))
        return {call: self.having(call, at) for call in self.residents.gained(here, at)}

    def hearers(self, trunk: str, line: str) -> frozenset[str]:
        """The agents at whose desks a call on this line pops now."""
        return self._seats.hearers(trunk, line)

    def nobody_sits(self, trunk: str, line: str, at: datetime, mine: Mine = None) -> None:
        """A call rang there and `hearers` was empty: the desks of the line's agents are told."""
        self._notify(trunk, line, self._seats.nobody(trunk, line, at), at, mine)

    @property
    def seats(self) -> Seats:
        """Who sits where, also of those whose desks other nodes tell."""
        return self._seats

    def internal(self, trunk: str, user: str) -> Internal | None:
        """The line of ours that has this user part, and who alone hears it now."""
        return self._seats.internal(trunk, user)

    def ringing(self, agent: str, pop: ScreenPop, at: datetime) -> None:
        if not self.residents.has(agent):
            return
        self._told.setdefault(pop.call.id, set()).add(agent)
        while len(self._told) > MOST_CALLS:
            del self._told[next(iter(self._told))]
        desk = self._desk(agent)
        self._tell(agent, desk.ringing(pop, at))
        if self._sessions.listens_here(agent):
            desk.unheard.discard(pop.call.id)
        else:
            desk.unheard.add(pop.call.id)

    def updated(self, agent: str, pop: ScreenPop, at: datetime) -> None:
        self._tell(agent, self._desk(agent).updated(pop, at))

    def answered(self, agent: str, call: Call, at: datetime) -> None:
        self._tell(agent, self._desk(agent).answered(call, at))

    def ended(self, agent: str, call: Call, at: datetime) -> None:
        self._tell(agent, self._desk(agent).ended(call, at))

    def having(self, call: str, at: datetime) -> dict[str, Call]:
        """The agents whose desks have this call, each with the call as he was told of it last."""
        calls = ((agent, self._desks[agent].call(call, at)) for agent in self._told.get(call, ()))
        having = {agent: known for agent, known in calls if known is not None}
        if not having:
            self._told.pop(call, None)
        return having

    def last_told(self, agent: str, call: str) -> Call | None:
        """As this desk was told of it last, however long ago it ended by our calendar: a desk may have it from a node
        whose own differs."""
        desk = self._desks.get(agent)
        return None if desk is None else desk.last_told(call)

    def told_of(self, agent: str, call: str) -> frozenset[str] | None:
        """The accounts whose people this desk was told of with the call. None: of some who have left since."""
        return self._desk(agent).told_of(call)

    def told_anywhere(self, call: str) -> frozenset[str] | None:
        """The same at all desks that have it. None: nobody knows (any more)."""
        told: frozenset[str] = frozenset()
        for agent in self._told.get(call, ()):
            at_desk = self._desks[agent].told_of(call) if self._desks[agent].knows(call) else None
            if at_desk is None:
                return None
            told |= at_desk
        return told if call in self._told else None

    def was_heard(self, agent: str, call: str) -> bool:
        """Was a screen at this node told that it rang, or does another node know? Whether it reached a screen at
        another node nobody here can say."""
        return call not in self._desk(agent).unheard

    def is_here(self, agent: str) -> bool:
        """Is a connection of his signed in?"""
        return self._sessions.listens(agent)

    def worked(self, agent: str, call: str, note: Note) -> None:
        """A note was written for a call that this desk has."""
        self._tell(agent, self._desk(agent).worked(call, note))

    def work(self, agent: str, call: Call, work: Work) -> None:
        """A missed call was taken or settled. call: as this desk was told of it."""
        self._tell(agent, self._desk(agent).work(call, work))

    def notice(self, agent: str, notice: Notice, at: datetime) -> None:
        self._tell(agent, self._desk(agent).noticed(notice, at))

    def set_lines(self, lines: Iterable[Line]) -> None:
        """The configuration's lines, at start and at each reload. Who is here hears at once which ones are his now."""
        changed = self._seats.set_lines(lines)
        if self._agents:
            self._seats.set_agents(self._agents)
        for agent in changed & self._desks.keys():
            self._sessions.send(agent, encode_control.pong(self._seats.lines(agent), self._desk(agent).stored))

    def set_agents(self, agents: Mapping[str, Agent]) -> frozenset[str]:
        """The directory's agents as they are now, by id: no call pops at the desk of one who is disabled or not among
        them. Returns who has gone since the last time."""
        if agents is self._agents:
            return frozenset()  # asked at each sign-in, and there may be ten thousand of both
        self._agents = agents
        return self._seats.set_agents(agents)

    def line_state(self, trunk: str, line: str, state: LineState, at: datetime, mine: Mine = None) -> None:
        self._notify(trunk, line, self._seats.state(trunk, line, state), at, mine)

    def line_gone(self, trunk: str, line: str) -> None:
        """It is none of the trunk's lines any more; `set_lines` says whose it was."""
        self._seats.gone(trunk, line)

    def suggested(self, agent: str, suggestions: Suggestions, at: datetime) -> None:
        """What the agent may do about what he has selected."""
        self._tell(agent, self._desk(agent).suggested(suggestions, at))

    # -- what is kept --------------------------------------------------------------------------------------------------

    def stored(self, agent: str, sequence: int) -> None:
        """This desk's events up to that one are in the store."""
        self.residents.stored(agent, sequence)

    def withdraw(self, accounts: frozenset[str]) -> None:
        """The people of these left the store for good."""
        for desk in self._desks.values():
            desk.withdraw(accounts)

    def erase(self, levels: Mapping[str, Level]) -> None:
        """Whoever called in these has to leave for good."""
        for desk in self._desks.values():
            desk.erase(levels)

    def lost(self, agent: str, floor: int) -> None:
        """What this desk was told before `floor` could not be kept."""
        self.residents.lost(agent, floor)

    def here(self) -> list[str]:
        """The agents of whom a connection is signed in."""
        return [agent for agent in self._desks if self.is_here(agent)]

    # -- connections ---------------------------------------------------------------------------------------------------

    def connected(self, number: int, now: Moment, *, relayed: bool = False) -> None:
        """A websocket is open. number: the driver's name for it, never used twice. relayed: at another node."""
        self._sessions.connected(number, now, relayed=relayed)

    def receive(self, number: int, raw: str | bytes, now: Moment) -> None:
        """One message of the client. What comes after the session's end is not read."""
        session = self._sessions.get(number)
        if session is None:
            return
        frame = session.receive(raw, now.clock)
        if frame is not None:
            self._requests.answer(session, frame, self._desk(session.agent), now)
        self._sessions.settle(session)

    def heard(self, number: int, now: Moment) -> None:
        """The answer to a `Ping`."""
        session = self._sessions.get(number)
        if session is not None:
            session.heard(now.clock)

    def admit(self, number: int, token: Token, agent: str, now: Moment) -> None:
        """The verdict on a `Check`: a good token of this agent. He hears what happens from now on, behind what he
        missed."""
        if not self.residents.has(agent):
            self.refuse(number, Refusal(CloseCode.RESTART, "the desk moves; retry in 1 s"))
            return
        session = self._sessions.admit(number, token, agent, now)
        if session is None:
            return
        desk = self._desk(agent)
        if not session.relayed:
            desk.unheard.clear()
        after = desk.resumes_after(session.resume)
        self._outputs.append(KeepHeard(agent, desk.epoch, desk.sequence))
        self._outputs.append(CatchUp(number, agent, desk.epoch, after, desk.sequence, desk.calls(now.at)))
        self._sessions.settle(session)

    def greet(self, catch_up: CatchUp, caught_up: CaughtUp, at: datetime) -> None:
        """The answer to a `CatchUp`. The connection gets `welcome` and what it missed."""
        session = self._sessions.live_one(catch_up.session)
        if session is None:
            return
        agent = self._agents.get(catch_up.agent)
        welcome = wire.WelcomeData(
            catch_up.agent,
            catch_up.epoch,
            catch_up.until,
            self._seats.lines(catch_up.agent),
            caught_up.events is not None,
            list(caught_up.calls),
            list(caught_up.details),
            self._sessions.rings(session),
            self.notification,
            self.live_only,
            None if agent is None else agent.name,
            session.lasts,
            self.node_alone,
        )
        frames = [encode.event_again(self._source, event) for event in caught_up.events or ()]
        self._outputs.append(Greet(session.number, (encode_control.welcome(welcome), *frames)))
        self._keep(sights.of_caught_up(catch_up.agent, caught_up, at))

    def release(self, number: int) -> bool:
        """Another node's desks have this connection, which waits for a verdict. False: it has ended meanwhile."""
        return self._sessions.release(number)

    def refuse(self, number: int, refusal: Refusal) -> None:
        """The verdict on a `Check`, or a token or agent that is no longer good."""
        self._sessions.refuse(number, refusal)

    def gone(self, number: int) -> None:
        """The connection has ended, whoever ended it."""
        self._sessions.gone(number)

    def live(self) -> Iterator[tuple[int, str, str]]:
        """Number, token id and agent of each signed-in session, for whoever looks whether they still may."""
        return self._sessions.live()

    @property
    def connections(self) -> tuple[int, int, int]:
        """All that are open, those of them that are signed in, and of how many agents."""
        return self._sessions.connections

    def states(self) -> Counter[tuple[str, LineState]]:
        """How many lines of each trunk are in each state."""
        return self._seats.states()

    def close_all(self) -> None:
        """We stop; everybody is told when to come back."""
        self._sessions.close_all(CloseCode.RESTART, "restart")

    @property
    def deadline(self) -> float | None:
        """When `tick` wants to be called (monotonic seconds)."""
        return self._sessions.deadline

    def tick(self, now: Moment) -> None:
        self._sessions.tick(now)

    # ------------------------------------------------------------------------------------------------------------------

    def _desk(self, agent: str) -> Desk:
        if not self.residents.has(agent):
            return self.residents.nobody(agent)
        desk = self._desks.get(agent)
        if desk is None:
            desk = self._desks[agent] = Desk(self._source, KeptDesk(agent, self._fresh(), 0, 1, 0))
        return desk

    def _tell(self, agent: str, told: Told | None) -> None:
        if told is None or not self.residents.has(agent):
            return
        heard = self._sessions.listens(agent)
        self._outputs.append(KeepEvent(told.event if heard else replace(told.event, heard=False)))
        self._sessions.send(agent, told.frame)
        if told.call is not None:
            self._outputs.append(KeepCall(told.call))
        if heard:
            self._keep(told.sights)

    def _notify(self, trunk: str, line: str, notice: Notice | None, at: datetime, mine: Mine) -> None:
        if notice is not None:
            for agent in filter(mine, self._seats.agents(trunk, line)):
                self.notice(agent, notice, at)
