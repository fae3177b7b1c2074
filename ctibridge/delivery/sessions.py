"""All connections of all desks: who is signed in, who listens, which of an agent's connections rings.

Comes in: connections and what they say, verdicts, time (both clocks). Goes out: the sessions' outputs. Of an agent's
connections that can ring, the one that came first rings, until another one resumes. When it goes, the next is told.
"""

from collections.abc import Iterable, Iterator, Sequence

from ctibridge.delivery import encode_control
from ctibridge.delivery.agenda import Agenda
from ctibridge.delivery.close_code import CloseCode
from ctibridge.delivery.outputs import Output, Send
from ctibridge.delivery.session import Session, State
from ctibridge.delivery.tokens import Refusal, Token
from ctibridge.delivery.wire_control import ErrorCode
from ctibridge.domain.moment import Moment

BACK_PER_SECOND = 400
"""So many desks are asked to come back in each second after a restart: ten thousand within half a minute."""


class Sessions:
    def __init__(self, outputs: list[Output]) -> None:
        self._outputs = outputs
        self._sessions: dict[int, Session] = {}
        self._listening: dict[str, list[Session]] = {}
        self._leaders: dict[str, Session] = {}
        self._agenda = Agenda()

    def connected(self, number: int, now: Moment, *, relayed: bool = False) -> None:
        session = self._sessions[number] = Session(number, now.clock, self._outputs, relayed=relayed)
        self._agenda.note(session)

    def get(self, number: int) -> Session | None:
        return self._sessions.get(number)

    def live_one(self, number: int) -> Session | None:
        """The connection of this number, while it is signed in."""
        session = self._sessions.get(number)
        return session if session is not None and session.state is State.LIVE else None

    def admit(self, number: int, token: Token, agent: str, now: Moment) -> Session | None:
        """None where it has gone meanwhile."""
        session = self._sessions.get(number)
        if session is None or session.state is not State.CHECKED:
            return None
        left = None if token.expires_at is None else (token.expires_at - now.at).total_seconds()
        session.admit(agent, token.id, None if left is None else now.clock + left, now.clock)
        self._listening.setdefault(agent, []).append(session)
        if session.can_ring:
            self._lead(session)
        return session

    def release(self, number: int) -> bool:
        """One that waits for its verdict is forgotten without a word. False: there is none."""
        session = self._sessions.get(number)
        if session is None or session.state is not State.CHECKED:
            return False
        self.gone(number)
        return True

    def refuse(self, number: int, refusal: Refusal) -> None:
        session = self._sessions.get(number)
        if session is not None:
            session.close(refusal.code, refusal.reason)
            self.settle(session)

    def wrong(self, number: int, code: ErrorCode, message: str) -> None:
        session = self.live_one(number)
        if session is not None:
            session.wrong(code, message)
            self.settle(session)

    def gone(self, number: int) -> None:
        session = self._sessions.pop(number, None)
        if session is not None:
            session.state = State.GONE
            self._unlisten(session)

    def settle(self, session: Session) -> None:
        """After each change of a session: its next deadline, or its end."""
        if session.state is State.GONE:
            self._sessions.pop(session.number, None)
            self._unlisten(session)
        else:
            self._agenda.note(session)

    def send(self, agent: str, frame: bytes) -> None:
        """To all connections of this agent."""
        self._outputs.extend(Send(session.number, frame) for session in self._listening.get(agent, ()))

    def listens(self, agent: str) -> bool:
        return agent in self._listening

    def listens_here(self, agent: str) -> bool:
        """With a screen at this node?"""
        return any(not session.relayed for session in self._listening.get(agent, ()))

    def rings(self, session: Session) -> bool:
        return self._leaders.get(session.agent) is session

    @property
    def connections(self) -> tuple[int, int, int]:
        """All that are open, those of them that are signed in, and of how many agents."""
        return len(self._sessions), sum(map(len, self._listening.values())), len(self._listening)

    def live(self) -> Iterator[tuple[int, str, str]]:
        """Number, token id and agent of each signed-in session."""
        for number, session in list(self._sessions.items()):
            if session.state is State.LIVE:
                yield number, session.token, session.agent

    def close_all(self, code: CloseCode, why: str) -> None:
        """Each with another advice when to come back, so that they do not all come in one second."""
        self._close(list(self._sessions.values()), code, why)

    def close_of(self, agents: Iterable[str], code: CloseCode, why: str) -> None:
        """The same for these agents' alone."""
        listening = [session for agent in sorted(agents) for session in self._listening.get(agent, ())]
        self._close(listening, code, why)

    def _close(self, sessions: Iterable[Session], code: CloseCode, why: str) -> None:
        for place, session in enumerate(sessions):
            session.close(code, f"{why}; retry in {place // BACK_PER_SECOND + 1} s")
            self.settle(session)

    @property
    def deadline(self) -> float | None:
        return self._agenda.deadline

    def tick(self, now: Moment) -> None:
        for session in self._agenda.due(now.clock):
            session.tick(now.clock)
            self.settle(session)

    def _lead(self, session: Session) -> None:
        """Who resumes takes over: the one before is perhaps its own, of before its network changed, and silent."""
        before = self._leaders.get(session.agent)
        if before is None or session.resume is not None:
            self._leaders[session.agent] = session
            if before is not None:
                self._outputs.append(Send(before.number, encode_control.leader(rings=False)))

    def _unlisten(self, session: Session) -> None:
        others = self._listening.get(session.agent, [])
        if session not in others:
            return
        others.remove(session)
        if not others:
            del self._listening[session.agent]
        if self._leaders.get(session.agent) is session:
            del self._leaders[session.agent]
            self._lead_next(session.agent, others)

    def _lead_next(self, agent: str, others: Sequence[Session]) -> None:
        for session in others:
            if session.can_ring and session.state is State.LIVE:
                self._leaders[agent] = session
                self._outputs.append(Send(session.number, encode_control.leader(rings=True)))
                return
