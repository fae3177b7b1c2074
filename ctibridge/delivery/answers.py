"""What one connection is told alone, as it asked for it: control frames, and what other rooms found or refused."""

from collections.abc import Sequence
from datetime import datetime

from ctibridge.delivery import encode_control, sights
from ctibridge.delivery.kept import Sight
from ctibridge.delivery.outputs import KeepSights, Output, Send
from ctibridge.delivery.sessions import Sessions
from ctibridge.domain.private import Private
from ctibridge.domain.resolution import Candidate


class Answers:
    """number: of the connection; nothing happens where it has gone."""

    def __init__(self, outputs: list[Output], sessions: Sessions) -> None:
        self._outputs = outputs
        self._sessions = sessions

    def answer(self, number: int, frame: bytes, saw: tuple[Sight, ...] = ()) -> None:
        """A control frame for this connection alone. saw: whom it names."""
        if self._sessions.live_one(number) is not None:
            self._outputs.append(Send(number, frame))
            self._keep(saw)

    def people(self, number: int, call: str, text: Private, people: Sequence[Candidate], at: datetime) -> None:
        """The answer to a search."""
        session = self._sessions.live_one(number)
        if session is not None:
            saw = sights.of_search(session.agent, call, people, at)
            self.answer(number, encode_control.people(call, text, people), saw)

    def unknown_person(self, number: int) -> None:
        """The answer to a choice of somebody whom the agent may not see, or who is not there: both are the same."""
        self._sessions.wrong(number, "unknown_person", "there is no such person")

    def unknown_call(self, number: int) -> None:
        """The call has been forgotten since."""
        self._sessions.wrong(number, "unknown_call", "this desk knows no such call")

    def not_allowed(self, number: int, why: str) -> None:
        """A colleague was quicker, say: no fault of the connection's, and not counted as one."""
        self.answer(number, encode_control.error("not_allowed", why))

    def _keep(self, saw: tuple[Sight, ...]) -> None:
        """Behind what was sent: nobody waits for it."""
        if saw:
            self._outputs.append(KeepSights(saw))
