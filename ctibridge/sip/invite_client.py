"""One call that we make: dials, waits, takes back or talks, hangs up (RFC 3261 9.1, 13.2, 15.1.1).

In: `start`, `cancel`, `hang_up`, the peer's responses and requests, time; each returns what is to be said. A 2xx is
always acknowledged, and one that nobody wants any more (it crossed our CANCEL, or a second fork answered) is hung up
at once, so that no phone is left talking to nobody.
"""

from enum import Enum, auto

from ctibridge.sip import cseq, dialog, name_addr, sdp, transaction
from ctibridge.sip.authorization import Authorization
from ctibridge.sip.client_transaction import ClientTransaction
from ctibridge.sip.client_transaction import State as OtherState
from ctibridge.sip.dialog import Dialog
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.events import Datagram
from ctibridge.sip.fresh import Fresh
from ctibridge.sip.hop import Hop
from ctibridge.sip.invite_transaction import InviteTransaction, same_hop
from ctibridge.sip.invite_transaction import State as InviteState
from ctibridge.sip.message import HeaderList, Headers, Request, Response
from ctibridge.sip.outgoing import Answered, CallEnd, Ended, Outgoing, Progress, Say
from ctibridge.sip.transaction import GIVE_UP
from ctibridge.sip.via import MAGIC, Address, Via

_ALLOW = ("allow", "INVITE, ACK, CANCEL, BYE, OPTIONS")


class State(Enum):
    CALLING = auto()
    CANCELLING = auto()
    """The CANCEL is sent, or waits for a provisional response: before one, it could overtake its INVITE (9.1)."""
    TALKING = auto()
    DONE = auto()


class InviteClient:
    """local: our address as the peer sees it. to: where the INVITE goes."""

    def __init__(self, call: Outgoing, local: Address, to: Hop, fresh: Fresh) -> None:
        self.call = call
        self.state = State.CALLING
        self._local = local
        self._to = to
        self._fresh = fresh
        self._authorization = Authorization(call.credentials, fresh)
        self._cseq = 0
        self._progress = 0
        self._reason: str | None = None
        self._give_up_at: float | None = None
        self._talking: Dialog | None = None
        self._newest: InviteTransaction | None = None
        self._invites: dict[str, InviteTransaction] = {}
        self._others: dict[tuple[str, str], ClientTransaction] = {}
        self._acks: dict[dialog.DialogId, Datagram] = {}
        self._byes: dict[str, Dialog] = {}

    @property
    def why(self) -> str:
        """What was wrong with the last challenge, as the end of a sentence; empty where nothing was."""
        return self._authorization.why

    @property
    def deadline(self) -> float | None:
        times = [self._give_up_at, *(invite.deadline for invite in self._invites.values())]
        times += [other.deadline for other in self._others.values()]
        return min((time for time in times if time is not None), default=None)

    @property
    def over(self) -> bool:
        """Nothing more will be said, nothing has to be remembered."""
        return self.state is State.DONE and not self._invites and not self._others

    @property
    def is_speaking(self) -> bool:
        """A CANCEL or BYE of ours is not answered yet."""
        return bool(self._others)

    def sent(self, branch: str) -> bool:
        """Is a response with this branch for us?"""
        return branch in self._invites or any(branch == ours for ours, _ in self._others)

    def knows(self, named: dialog.DialogId) -> bool:
        """Is a request within this dialog for us?"""
        return named in self._acks

    def start(self, now: float) -> list[Say]:
        return self._invite(now)

    def cancel(self, now: float, reason: str | None = None) -> list[Say]:
        """Takes the call back while nobody has answered. reason: the CANCEL's Reason line."""
        if self.state is not State.CALLING:
            return []
        self.state, self._reason = State.CANCELLING, reason
        return self._send_cancel(now)

    def hang_up(self, now: float) -> list[Say]:
        """Ends the call, whatever it is doing."""
        if self._talking is None or self.state is not State.TALKING:
            return self.cancel(now)
        self.state = State.DONE
        return [*self._bye(self._talking, now), Ended(CallEnd.HUNG_UP_HERE)]

    def receive(self, response: Response, now: float) -> list[Say]:
        """A response for which `sent` is true; others are ignored. Raises RemoteFault."""
        if len(response.headers.all("via")) > 1:
            return []  # somebody else's (8.1.3.3)
        branch = transaction.top_via(response.headers).branch
        method = cseq.parse(response.headers.need("cseq")).method
        if method == "INVITE" and branch in self._invites:
            return self._heard(self._invites[branch], response, now)
        other = self._others.get((branch, method))
        if other is None or not other.receive(response.status):
            return []
        del self._others[branch, method]
        return self._bye_answered(branch, response, now)

    def request(self, request: Request, source: Hop) -> list[Say]:
        """A request within a dialog that `knows` is true for. Raises RemoteFault.

        A session that changes nothing is all we have: re-INVITE and UPDATE are refused and leave it as it is (14.2).
        """
        match request.method:
            case "ACK":
                return []
            case "BYE":
                return [_reply(request, 200, source), *self._hung_up(dialog.named_by(request))]
            case "OPTIONS":
                return [_reply(request, 200, source, (_ALLOW,))]
            case "INVITE" | "UPDATE":
                return [_reply(request, 488, source)]
            case _:
                return [_reply(request, 405, source, (_ALLOW,))]

    def wake(self, now: float) -> list[Say]:
        said: list[Say] = []
        for invite in list(self._invites.values()):
            said += invite.wake(now)
            said += self._settled(invite)
        for key, other in list(self._others.items()):
            if other.wake(now):
                said.append(Datagram(other.data, other.to))
            elif other.state is OtherState.TERMINATED:
                del self._others[key]
                self._byes.pop(key[0], None)
        return said + self._abandoned(now)

    # -- the INVITE and its answers ------------------------------------------------------------------------------------

    def _invite(self, now: float) -> list[Say]:
        self._cseq += 1
        call = self.call
        lines = [
            ("via", self._via()),
            ("max-forwards", "70"),
            ("from", f"{call.caller};tag={call.from_tag}"),
            ("to", call.called),
            ("call-id", call.call_id),
            ("cseq", f"{self._cseq} INVITE"),
            ("contact", f"<{call.contact}>"),
            _ALLOW,
            *call.headers,
            *self._authorization.lines("INVITE", call.uri),
            *(sdp.CONTENT_TYPE if call.body else ()),
        ]
        self._newest = InviteTransaction(Request("INVITE", call.uri, Headers(tuple(lines)), call.body), self._to)
        self._invites[self._newest.branch] = self._newest
        return [*self._newest.start(now)]

    def _heard(self, invite: InviteTransaction, response: Response, now: float) -> list[Say]:
        news, sent = invite.receive(response, now)
        if not news:
            return [*sent]
        if response.status < 200:
            return [*sent, *self._provisional(response.status, now)]
        if response.status < 300:
            return [*sent, *self._accepted(invite, response, now)]
        return [*sent, *self._refused(invite, response, now)]

    def _provisional(self, status: int, now: float) -> list[Say]:
        if self.state is State.CANCELLING:
            return self._send_cancel(now)
        if status in (100, self._progress):
            return []
        self._progress = status
        return [Progress(status)]

    def _accepted(self, invite: InviteTransaction, response: Response, now: float) -> list[Say]:
        made = dialog.made_by_answer(invite.request, response)
        if made.id in self._acks:
            return [self._acks[made.id]]
        ack = self._acks[made.id] = self._ack(made, invite.request)
        if invite is not self._newest:  # it was refused, dialled anew, and one of its forks had answered all the same
            return [ack, *self._bye(made, now)]
        if self.state is State.CALLING:
            self.state, self._talking = State.TALKING, made
            return [ack, Answered(response.body)]
        return [ack, *self._bye(made, now), *self._end(CallEnd.CANCELLED, response.status)]

    def _refused(self, invite: InviteTransaction, response: Response, now: float) -> list[Say]:
        if self.state is State.CANCELLING:
            return self._end(CallEnd.CANCELLED, response.status)
        challenged = response.status in (401, 407)
        if challenged and self._authorization.challenged(response, certain=not invite.resent):
            return self._invite(now)
        return self._end(CallEnd.REFUSED, response.status)

    def _end(self, how: CallEnd, status: int | None = None) -> list[Say]:
        if self.state not in (State.CALLING, State.CANCELLING):
            return []
        self.state, self._give_up_at = State.DONE, None
        return [Ended(how, status)]

    def _settled(self, invite: InviteTransaction) -> list[Say]:
        """Forgets a transaction whose time is up."""
        if invite.state is not InviteState.TERMINATED:
            return []
        del self._invites[invite.branch]
        if not invite.timed_out:
            return []
        return self._end(CallEnd.CANCELLED if self.state is State.CANCELLING else CallEnd.SILENT)

    # -- CANCEL, ACK, BYE ----------------------------------------------------------------------------------------------

    def _send_cancel(self, now: float) -> list[Say]:
        invite = self._newest
        if invite is None or invite.state is not InviteState.PROCEEDING or self._give_up_at is not None:
            return []
        self._give_up_at = now + GIVE_UP
        cancel = same_hop("CANCEL", invite.request, invite.request.headers.need("to"))
        reason = (("reason", self._reason),) if self._reason else ()
        return self._transact(
            Request("CANCEL", cancel.uri, Headers((*cancel.headers.lines, *reason))), invite.branch, invite.to, now
        )

    def _abandoned(self, now: float) -> list[Say]:
        """A peer that takes our CANCEL and then says nothing has cancelled as far as we can know (9.1)."""
        if self._give_up_at is None or now < self._give_up_at:
            return []
        for invite in self._invites.values():
            invite.abandon()
        self._invites.clear()
        return self._end(CallEnd.CANCELLED)

    def _ack(self, made: Dialog, invite: Request) -> Datagram:
        """The ACK of a 2xx goes end to end, with the INVITE's number and credentials (13.2.2.4, 22.1)."""
        number = cseq.parse(invite.headers.need("cseq")).number
        ack = self._routed(made.request("ACK", number, _credentials(invite)))
        return Datagram(bytes(ack), made.next_hop(self._to))

    def _bye(self, made: Dialog, now: float) -> list[Say]:
        self._authorization.begin()
        return self._send_bye(made, now)

    def _send_bye(self, made: Dialog, now: float) -> list[Say]:
        self._cseq += 1
        bye = self._routed(made.request("BYE", self._cseq))
        bye = Request("BYE", bye.uri, Headers((*bye.headers.lines, *self._authorization.lines("BYE", bye.uri))))
        branch = transaction.top_via(bye.headers).branch
        self._byes[branch] = made
        return self._transact(bye, branch, made.next_hop(self._to), now)

    def _bye_answered(self, branch: str, response: Response, now: float) -> list[Say]:
        """A proxy may challenge the BYE, too (22.3): one that is not proved leaves the phone talking to nobody."""
        made = self._byes.pop(branch, None)
        if made is None or response.status not in (401, 407) or not self._authorization.challenged(response):
            return []
        return self._send_bye(made, now)

    def _hung_up(self, named: dialog.DialogId) -> list[Say]:
        if self.state is not State.TALKING or self._talking is None or named != self._talking.id:
            return []
        self.state = State.DONE
        return [Ended(CallEnd.HUNG_UP_THERE)]

    def _transact(self, request: Request, branch: str, to: Hop, now: float) -> list[Say]:
        other = ClientTransaction(branch, request, to)
        other.start(now)
        self._others[branch, request.method] = other
        return [Datagram(other.data, to)]

    def _routed(self, request: Request) -> Request:
        return Request(request.method, request.uri, Headers((("via", self._via()), *request.headers.lines)))

    def _via(self) -> str:
        return str(Via(self._to.transport.value, *self._local, {"rport": None, "branch": MAGIC + self._fresh.token()}))


def _credentials(invite: Request) -> HeaderList:
    names = ("authorization", "proxy-authorization")
    return tuple((name, value) for name, value in invite.headers.lines if name in names)


def _reply(request: Request, status: int, source: Hop, extra: HeaderList = ()) -> Datagram:
    tag = name_addr.tag_of(request.headers.need("to")) or ""
    response = transaction.reply(request, status, source, tag, extra)
    return Datagram(bytes(response), transaction.reply_hop(request, source))


def is_for(client: InviteClient, request: Request) -> bool:
    """Does this request belong to one of the call's dialogs? False for what names none."""
    try:
        return client.knows(dialog.named_by(request))
    except RemoteFault:
        return False
