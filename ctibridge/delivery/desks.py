"""The room's machine: all desks, their sessions, and who hears which line.

Comes in: what happened to calls and lines (`at`: aware UTC), what connections said (`now`: both clocks). Goes out: the
outputs of `outputs.py`, to be drained and done in order after each input. `deadline` says when to call `tick`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from ctibridge.delivery import encode, frames, wire
from ctibridge.delivery.agenda import Agenda
from ctibridge.delivery.desk import MOST_CALLS, Desk
from ctibridge.delivery.outputs import Command, Greet, Output, Send
from ctibridge.delivery.seats import Seats
from ctibridge.delivery.session import Session, State
from ctibridge.delivery.tokens import Refusal, Token
from ctibridge.domain.agent import Agent
from ctibridge.domain.call import Call
from ctibridge.domain.context import Suggestions
from ctibridge.domain.desk_command import Choose, DeskCommand, Search, Select, Shown, Sit, WriteNote
from ctibridge.domain.hand_over import Internal
from ctibridge.domain.line import Line, LineState
from ctibridge.domain.moment import Moment
from ctibridge.domain.note import MOST_NOTES, Note, plain
from ctibridge.domain.notice import Notice
from ctibridge.domain.person import PersonKey
from ctibridge.domain.private import Private
from ctibridge.domain.resolution import Candidate
from ctibridge.domain.screen_pop import ScreenPop


class Desks:
    """source: of the events, `/ctibridge/NODE`. fresh: an unguessable word for each call, the epoch of a new desk."""

    def __init__(self, source: str, fresh: Callable[[], str]) -> None:
        self._source = source
        self._fresh = fresh
        self._seats = Seats()
        self._desks: dict[str, Desk] = {}
        self._told: dict[str, set[str]] = {}
        """At whose desks a call rang."""
        self._sessions: dict[int, Session] = {}
        self._listening: dict[str, list[int]] = {}
        self._agenda = Agenda()
        self._outputs: list[Output] = []

    def drain(self) -> list[Output]:
        outputs = self._outputs[:]
        self._outputs.clear()
        return outputs

    # -- calls and lines -----------------------------------------------------------------------------------------------

    def hearers(self, trunk: str, line: str) -> frozenset[str]:
        """The agents at whose desks a call on this line pops now."""
        return self._seats.hearers(trunk, line)

    def nobody_sits(self, trunk: str, line: str, at: datetime) -> None:
        """A call rang there and `hearers` was empty: the desks of the line's agents are told."""
        self._notify(trunk, line, self._seats.nobody(trunk, line, at), at)

    def internal(self, trunk: str, user: str) -> Internal | None:
        """The line of ours that has this user part, and who alone hears it now."""
        return self._seats.internal(trunk, user)

    def ringing(self, agent: str, pop: ScreenPop, at: datetime) -> None:
        self._told.setdefault(pop.call.id, set()).add(agent)
        while len(self._told) > MOST_CALLS:
            del self._told[next(iter(self._told))]
        self._tell(agent, self._desk(agent).ringing(pop, at))

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

    def agents(self) -> tuple[str, ...]:
        """Who has a desk."""
        return tuple(self._desks)

    def forget_sent(self, agent: str) -> None:
        """What was sent to him shows what he may no longer see: who resumes gets the calls as they are now."""
        self._desk(agent).forget_sent()

    def worked(self, agent: str, call: str, note: Note) -> None:
        self._tell(agent, self._desk(agent).worked(call, note))

    def notice(self, agent: str, notice: Notice, at: datetime) -> None:
        self._tell(agent, self._desk(agent).noticed(notice, at))

    def set_lines(self, lines: Iterable[Line]) -> None:
        self._seats.set_lines(lines)

    def set_agents(self, agents: Mapping[str, Agent]) -> frozenset[str]:
        """The directory's agents as they are now, by id: no call pops at the desk of one who is disabled or not among
        them. Returns who has gone since the last time."""
        return self._seats.set_agents(agents)

    def line_state(self, trunk: str, line: str, state: LineState, at: datetime) -> None:
        self._notify(trunk, line, self._seats.state(trunk, line, state), at)

    def suggested(self, agent: str, suggestions: Suggestions, at: datetime) -> None:
        """What the agent may do about what he has selected."""
        self._tell(agent, self._desk(agent).suggested(suggestions, at))

    # -- what one connection asked for ---------------------------------------------------------------------------------

    def people(self, number: int, call: str, text: Private, people: Sequence[Candidate]) -> None:
        """The answer to a search."""
        if self._is_live(number):
            self._outputs.append(Send(number, encode.people(call, text, people)))

    def unknown_person(self, number: int) -> None:
        """The answer to a choice of somebody whom the agent may not see, or who is not there: both are the same."""
        self._wrong(number, "unknown_person", "there is no such person")

    def unknown_call(self, number: int) -> None:
        """The call has been forgotten since."""
        self._wrong(number, "unknown_call", "this desk knows no such call")

    def _wrong(self, number: int, code: wire.ErrorCode, message: str) -> None:
        session = self._sessions.get(number)
        if session is not None and session.state is State.LIVE:
            session.wrong(code, message)
            self._settle(session)

    def _is_live(self, number: int) -> bool:
        session = self._sessions.get(number)
        return session is not None and session.state is State.LIVE

    # -- connections ---------------------------------------------------------------------------------------------------

    def connected(self, number: int, now: Moment) -> None:
        """A websocket is open. number: the driver's name for it, never used twice."""
        session = self._sessions[number] = Session(number, now.clock, self._outputs)
        self._agenda.note(session)

    def receive(self, number: int, raw: str | bytes, now: Moment) -> None:
        """One message of the client. What comes after the session's end is not read."""
        session = self._sessions.get(number)
        if session is None:
            return
        frame = session.receive(raw, now.clock)
        if frame is not None:
            self._answer(session, frame, now)
        self._settle(session)

    def heard(self, number: int, now: Moment) -> None:
        """The answer to a `Ping`."""
        session = self._sessions.get(number)
        if session is not None:
            session.heard(now.clock)

    def admit(self, number: int, token: Token, agent: str, now: Moment) -> None:
        """The verdict on a `Check`: a good token of this agent. He gets `welcome` and what he missed."""
        session = self._sessions.get(number)
        if session is None or session.state is not State.CHECKED:
            return
        left = None if token.expires_at is None else (token.expires_at - now.at).total_seconds()
        session.admit(agent, token.id, None if left is None else now.clock + left, now.clock)
        self._listening.setdefault(agent, []).append(number)
        self._outputs.append(Greet(number, self._greeting(session, now.at)))
        self._settle(session)

    def refuse(self, number: int, refusal: Refusal) -> None:
        """The verdict on a `Check`, or a token or agent that is no longer good."""
        session = self._sessions.get(number)
        if session is not None:
            session.close(refusal.code, refusal.reason)
            self._settle(session)

    def gone(self, number: int) -> None:
        """The connection has ended, whoever ended it."""
        session = self._sessions.pop(number, None)
        if session is not None:
            session.state = State.GONE
            self._unlisten(session)

    def live(self) -> Iterator[tuple[int, str, str]]:
        """Number, token id and agent of each signed-in session, for whoever looks whether they still may."""
        for number, session in list(self._sessions.items()):
            if session.state is State.LIVE:
                yield number, session.token, session.agent

    @property
    def deadline(self) -> float | None:
        """When `tick` wants to be called (monotonic seconds)."""
        return self._agenda.deadline

    def tick(self, now: Moment) -> None:
        for session in self._agenda.due(now.clock):
            session.tick(now.clock)
            self._settle(session)

    # ------------------------------------------------------------------------------------------------------------------

    def _answer(self, session: Session, frame: frames.DeskFrame, now: Moment) -> None:
        desk = self._desk(session.agent)
        match frame:
            case frames.PingFrame():
                lines = self._seats.lines(session.agent)
                self._outputs.append(Send(session.number, encode.pong(lines)))
            case frames.ShownFrame() if not desk.knows(frame.call):
                session.wrong("unknown_call", "this desk knows no such call")
            case frames.ShownFrame() | frames.AckFrame() if frame.sequence > desk.sequence:
                session.wrong("bad_message", "sequence: not sent yet")
            case frames.ShownFrame():
                desk.shown(frame.call, now.at)
                self._command(Shown(session.agent, frame.call, frame.sequence))
            case frames.AckFrame():
                desk.ack(frame.sequence)
            case frames.SitFrame():
                self._sit(session, frame)
            case _ if desk.call(frame.call, now.at) is None:
                session.wrong("unknown_call", "this desk knows no such call")
            case _:
                self._ask(session, frame, desk)

    def _ask(self, session: Session, frame: frames.CallFrame, desk: Desk) -> None:
        """For a call that the desk has."""
        match frame:
            case frames.NoteFrame():
                self._note(session, frame, desk)
            case frames.SelectFrame():
                self._select(session, frame)
            case frames.ChooseFrame():
                person = PersonKey(frame.person.account, frame.person.id)
                self._command(Choose(session.agent, session.number, frame.call, person))
            case frames.SearchFrame():
                text = Private(plain(frame.text))
                self._command(Search(session.agent, session.number, frame.call, text, frame.account))

    def _command(self, command: DeskCommand) -> None:
        self._outputs.append(Command(command))

    def _select(self, session: Session, frame: frames.SelectFrame) -> None:
        if (frame.service is None) == (frame.configuration_item is None):
            session.wrong("bad_message", "select takes either service or configuration_item")
        else:
            subject = frame.service, frame.configuration_item
            self._command(Select(session.agent, session.number, frame.call, *subject))

    def _sit(self, session: Session, frame: frames.SitFrame) -> None:
        strange = self._seats.sit(session.agent, frame.lines)
        if strange is None:
            self._command(Sit(session.agent, tuple(frame.lines)))
        else:
            session.wrong("not_allowed", f"lines: {strange} is not one of your lines")

    def _note(self, session: Session, frame: frames.NoteFrame, desk: Desk) -> None:
        text = plain(frame.text)
        if not text:
            session.wrong("bad_message", "text: nothing that can be read")
        elif desk.notes(frame.call) >= MOST_NOTES:
            session.wrong("not_allowed", f"this call has {MOST_NOTES} notes, and takes no more")
        else:
            self._command(WriteNote(session.agent, frame.call, Private(text)))

    def _greeting(self, session: Session, at: datetime) -> tuple[bytes, ...]:
        desk = self._desk(session.agent)
        replay = desk.replay(session.resume)
        welcome = wire.WelcomeData(
            session.agent,
            desk.epoch,
            desk.sequence,
            self._seats.lines(session.agent),
            replay is not None,
            desk.calls(at),
        )
        return encode.welcome(welcome), *(replay or ())

    def _desk(self, agent: str) -> Desk:
        desk = self._desks.get(agent)
        if desk is None:
            desk = self._desks[agent] = Desk(self._source, self._fresh())
        return desk

    def _tell(self, agent: str, frame: bytes | None) -> None:
        if frame is not None:
            self._outputs.extend(Send(number, frame) for number in self._listening.get(agent, ()))

    def _notify(self, trunk: str, line: str, notice: Notice | None, at: datetime) -> None:
        if notice is not None:
            for agent in self._seats.agents(trunk, line):
                self.notice(agent, notice, at)

    def _settle(self, session: Session) -> None:
        """After each change of a session: its next deadline, or its end."""
        if session.state is State.GONE:
            self._sessions.pop(session.number, None)
            self._unlisten(session)
        else:
            self._agenda.note(session)

    def _unlisten(self, session: Session) -> None:
        numbers = self._listening.get(session.agent, [])
        if session.number in numbers:
            numbers.remove(session.number)
