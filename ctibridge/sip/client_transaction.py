"""The non-INVITE client transaction (RFC 3261 17.1.2): over UDP it sends again until an answer or until time is up."""

from enum import Enum, auto

from ctibridge.sip.hop import Hop
from ctibridge.sip.message import Request
from ctibridge.sip.transaction import GIVE_UP, T1, T2


class State(Enum):
    TRYING = auto()
    PROCEEDING = auto()
    TERMINATED = auto()


class ClientTransaction:
    """`start`, then `wake` at each deadline; each returns whether the request has to be sent (again).

    There is no state Completed: a response that comes after the final one belongs to no transaction and is dropped,
    which is what Completed does with it for T4.
    """

    def __init__(self, branch: str, request: Request, to: Hop) -> None:
        self.branch = branch
        self.data = bytes(request)
        self.to = to
        self.state = State.TRYING
        self.timed_out = False
        self._pause = T1
        self._resend_at = 0.0
        self._give_up_at = 0.0

    @property
    def deadline(self) -> float | None:
        return None if self.state is State.TERMINATED else min(self._resend_at, self._give_up_at)

    def start(self, now: float) -> bool:
        self._give_up_at = now + GIVE_UP
        self._resend_at = self._give_up_at if self.to.transport.is_stream else now + self._pause
        return True

    def receive(self, status: int) -> bool:
        """True where this is the final response that the user of the transaction waits for."""
        if self.state is State.TERMINATED:
            return False
        if status < 200:
            self.state = State.PROCEEDING
            return False
        self.state = State.TERMINATED
        return True

    def abandon(self) -> None:
        """Nobody waits for the response any more."""
        self.state = State.TERMINATED

    def wake(self, now: float) -> bool:
        if self.state is State.TERMINATED:
            return False
        if now >= self._give_up_at:
            self.state, self.timed_out = State.TERMINATED, True
            return False
        if now < self._resend_at:
            return False
        self._pause = T2 if self.state is State.PROCEEDING else min(2 * self._pause, T2)
        self._resend_at = now + self._pause
        return True
