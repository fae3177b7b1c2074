"""Our own requests on their way (RFC 3261 17.1.2, 18.1): the Via goes on top here, over UDP they are sent again until
somebody answers, and a response is matched by branch and method.

In: requests, responses, time, connections that broke. Out: datagrams, and whose request was answered or stays silent.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from ctibridge.sip import cseq
from ctibridge.sip.agenda import Agenda
from ctibridge.sip.client_transaction import ClientTransaction
from ctibridge.sip.events import Datagram
from ctibridge.sip.fresh import Fresh
from ctibridge.sip.hop import Hop
from ctibridge.sip.message import Headers, Request, Response
from ctibridge.sip.transaction import top_via
from ctibridge.sip.via import MAGIC, Address, Via

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Pending(Generic[T]):
    owner: T
    method: str
    transaction: ClientTransaction


class Requests(Generic[T]):
    """owner: whatever the caller knows his request by."""

    def __init__(self, fresh: Fresh) -> None:
        self._fresh = fresh
        self._pending: dict[str, _Pending[T]] = {}
        self._times: Agenda[ClientTransaction] = Agenda()

    def __len__(self) -> int:
        return len(self._pending)

    @property
    def deadline(self) -> float | None:
        return self._times.deadline

    def send(self, owner: T, request: Request, hop: Hop, local: Address, now: float) -> Datagram:
        """local: the address that Via names as ours."""
        branch = MAGIC + self._fresh.token()
        via = Via(hop.transport, *local, {"rport": None, "branch": branch})
        sent = Request(request.method, request.uri, Headers((("via", str(via)), *request.headers.lines)), request.body)
        transaction = ClientTransaction(branch, sent, hop)
        transaction.start(now)
        self._pending[branch] = _Pending(owner, request.method, transaction)
        self._times.note(transaction)
        return Datagram(transaction.data, hop)

    def receive(self, response: Response) -> tuple[T, Hop] | None:
        """Whose request this final response ends, and where it had gone. None for a provisional one, and for what is no
        answer to a pending request of ours (17.1.3). Raises RemoteFault."""
        if len(response.headers.all("via")) > 1:
            return None  # it is somebody else's, gone astray (8.1.3.3)
        branch = top_via(response.headers).branch
        method = cseq.parse(response.headers.need("cseq")).method
        pending = self._pending.get(branch)
        if pending is None or pending.method != method:
            return None
        final = pending.transaction.receive(response.status)
        self._times.note(pending.transaction)
        if not final:
            return None
        del self._pending[branch]
        return pending.owner, pending.transaction.to

    def wake(self, now: float) -> tuple[list[Datagram], list[tuple[T, Hop]]]:
        """What is sent again, and whose request got no answer in time."""
        again: list[Datagram] = []
        silent: list[tuple[T, Hop]] = []
        for transaction in self._times.due(now):
            if transaction.wake(now):
                again.append(Datagram(transaction.data, transaction.to))
            self._times.note(transaction)
            if transaction.timed_out:
                silent.append((self._pending.pop(transaction.branch).owner, transaction.to))
        return again, silent

    def broken(self, hop: Hop) -> list[T]:
        """The connection to that hop is gone (8.1.3.1): whose requests were on it."""
        lost = [branch for branch, pending in self._pending.items() if pending.transaction.to == hop]
        return [self._take(branch).owner for branch in lost]

    def abandon(self) -> list[T]:
        """Nobody waits for the answers any more."""
        return [self._take(branch).owner for branch in list(self._pending)]

    def drop(self, of: Callable[[T], bool]) -> None:
        """These owners wait for no answer any more."""
        for branch in [branch for branch, pending in self._pending.items() if of(pending.owner)]:
            self._take(branch)

    def rename(self, name: Callable[[T], T]) -> None:
        """Who is told of the answers from now on, of each who would be told."""
        for branch, pending in self._pending.items():
            self._pending[branch] = replace(pending, owner=name(pending.owner))

    def _take(self, branch: str) -> _Pending[T]:
        pending = self._pending.pop(branch)
        pending.transaction.abandon()
        self._times.note(pending.transaction)
        return pending
