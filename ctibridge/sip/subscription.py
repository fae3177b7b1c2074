"""One line's dialog state, subscribed to (RFC 6665 4.1, RFC 4235 3): asks, refreshes ahead of time, tries for ever.

In: `start`, `leave`, `request_full_state`, the PBX's responses and NOTIFYs, time. Out: what `subscriber` names, and a
status for each NOTIFY. It knows nothing of other lines; who may ask when is not decided here.
"""

from dataclasses import dataclass, replace
from enum import Enum, auto

from ctibridge.sip import cseq, dialog, notification, verdict
from ctibridge.sip.authorization import Authorization
from ctibridge.sip.dialog_info import DialogInfo, nothing
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.fresh import Fresh
from ctibridge.sip.grammar import whole_number
from ctibridge.sip.message import Headers, Request, Response
from ctibridge.sip.notification import Notification
from ctibridge.sip.subscriber import Active, Document, Due, Failed, Lapsed, Left, Pending, Say, Send, Subscriber
from ctibridge.sip.subscription_state import SubscriptionState, Substate
from ctibridge.sip.transaction import T1
from ctibridge.sip.usage import Usage
from ctibridge.sip.verdict import Pauses, Verdict

TIMER_N = 32.0
"""Seconds in which each SUBSCRIBE brings a NOTIFY (RFC 6665 4.1.2.4); also how long a gap goes untold."""
REFRESH_AT = 0.75
"""Share of the granted time after which we ask again: a quarter stays for retransmissions and a second try."""
REVIVAL_PAUSE = 60.0
"""Seconds between two subscriptions that begin at once because the PBX ended the one before."""
HURRY_PAUSE = 10.0
"""Seconds between two SUBSCRIBEs of which the second comes early: for the full state, or a time that was shortened."""
SHORTEST_GRANT = 3
"""Seconds. Who grants less would be asked all the time, and we would be deaf in between."""
LONGEST_EXPIRES = 86_400


class State(Enum):
    IDLE = auto()
    ASKING = auto()
    SUBSCRIBED = auto()
    WAITING = auto()
    LEAVING = auto()


@dataclass(slots=True)
class _Try:
    """What is remembered within one try only. lengthened: after 423; renewed: after 481; notified: a NOTIFY came since
    we asked; sent_at: its newest request."""

    lengthened: bool = False
    renewed: bool = False
    notified: bool = False
    sent_at: float = 0.0


class Subscription:
    """contact: our URI just now, which the next request names."""

    def __init__(self, subscriber: Subscriber, fresh: Fresh) -> None:
        self.subscriber = subscriber
        self.contact = subscriber.contact
        self.state = State.IDLE
        self._fresh = fresh
        self._usage = Usage(subscriber, fresh.token(), fresh.token(), over=True)
        self._cseq = 0
        self._newest: Request | None = None
        self._expires = subscriber.expires
        self._try = _Try()
        self._authorization = Authorization(subscriber.credentials, fresh)
        self._wrong_password = False
        self._pauses = Pauses(fresh)
        self._hearing = False
        self._asked_at = self._revived_at = self.not_before = float("-inf")
        self._wake_at: float | None = None
        self._lapses_at: float | None = None
        self._notify_by: float | None = None

    @property
    def deadline(self) -> float | None:
        times = (self._wake_at, self._lapses_at, self._notify_by)
        return min((time for time in times if time is not None), default=None)

    @property
    def call_id(self) -> str:
        """Of the newest subscription: NOTIFYs with it are ours. `start` and `receive` may change it."""
        return self._usage.call_id

    @property
    def holds(self) -> bool:
        """The line's dialogs are told to us, as far as we know."""
        return self._hearing

    @property
    def asks(self) -> bool:
        """A request of ours is on its way."""
        return self.state in (State.ASKING, State.LEAVING)

    @property
    def leaves(self) -> bool:
        return self.state is State.LEAVING

    def change(self, subscriber: Subscriber) -> None:
        """Another password; another watcher begins anew. A request on its way is the caller's to take back."""
        self._usage.over |= subscriber.watcher != self.subscriber.watcher
        self.subscriber = subscriber
        self._authorization = Authorization(subscriber.credentials, self._fresh)
        self._pauses.forget()
        self._wrong_password, self.not_before = False, float("-inf")
        self.state = State.WAITING if self.state is State.ASKING else self.state

    def newest(self, number: int) -> bool:
        """Is this the CSeq of the newest request? It rises over all subscriptions."""
        return number == self._cseq

    def start(self, now: float) -> list[Say]:
        """Subscribes; also the refresh, within the dialog as long as there is one. Who was refused, or told to come
        back later, waits for his time."""
        if now < self.not_before:
            self.state, self._wake_at = State.WAITING, self.not_before
            return []
        self.state, self._asked_at = State.ASKING, now
        self._wake_at = self._notify_by = None
        self._new_try()
        if self._usage.over or not self._usage.made or self._lapses_at is None:
            self._begin()
        return [self._subscribe(now)]

    def leave(self, now: float) -> list[Say]:
        """Ends the subscription. Before the PBX has answered there is none that we could name: its NOTIFY will get 481,
        which ends it, too. With a password that was just refused it runs out by itself."""
        self._wake_at = self._lapses_at = self._notify_by = None
        self._hearing = False
        refused = self._wrong_password and now < self.not_before
        if refused or self._usage.over or self._usage.dialog is None:
            return self._left()
        self.state = State.LEAVING
        self._new_try()
        return [self._subscribe(now)]

    def request_full_state(self, now: float) -> list[Say]:
        """A refresh brings the full state (RFC 4235 4.3); so does one that is under way or due."""
        if self.state is not State.SUBSCRIBED or self._wake_at is None:
            return []
        self._wake_at = min(self._wake_at, max(self._asked_at + HURRY_PAUSE, now))
        return self.wake(now)

    def wake(self, now: float) -> list[Say]:
        said: list[Say] = []
        if self._notify_by is not None and now >= self._notify_by:
            self._usage.over = True
            said += self._failed(Verdict("PBX takes the subscription and sends no NOTIFY"), now)
        if self._lapses_at is not None and now >= self._lapses_at:
            self._lapses_at = None
            said += self._deaf()
        if self._wake_at is not None and now >= self._wake_at:
            self._wake_at = None
            said.append(Due())
        return said

    def silent(self, now: float) -> list[Say]:
        """No response came in time. NOTIFYs of this subscription still count until the next one begins."""
        if not self.asks:
            return []
        self._usage.over = True
        return self._failed(Verdict("PBX does not answer"), now)

    # -- responses -----------------------------------------------------------------------------------------------------

    def receive(self, response: Response, now: float) -> list[Say]:
        """The final response to the newest request; the caller drops responses to older ones."""
        status, asking = response.status, self.state is State.ASKING
        if (not asking and self.state is not State.LEAVING) or status < 200:
            return []
        if status < 300:
            return self._accepted(response, now)
        if status in (401, 407):
            return self._challenged(response, now)
        if asking and status == 423:
            return self._too_brief(response, now)
        if asking and status == 481 and self._usage.made and not self._try.renewed:
            self._try.renewed = True
            self._begin()
            return self._again(now)
        return self._failed(verdict.of_response(response, proving=self._authorization.proving), now)

    def _accepted(self, response: Response, now: float) -> list[Say]:
        self._authorization.accepted(response.headers)
        if self.state is State.LEAVING:
            return self._left()
        stated = whole_number(response.headers.first("expires") or "", LONGEST_EXPIRES)
        seconds = self._expires if stated is None else min(stated, self._expires)
        if seconds < SHORTEST_GRANT:
            return self._failed(Verdict(f"PBX grants less than {SHORTEST_GRANT} seconds", fatal=True), now)
        self.state = State.SUBSCRIBED
        self._lapses_at = now + seconds
        self._wake_at = now + self._fresh.around(seconds * REFRESH_AT)
        self._notify_by = None if self._try.notified else now + TIMER_N
        if self._newest is not None:
            self._usage.learn_answer(self._newest, response)
        return self._heard(seconds) if self._usage.active else []

    def _challenged(self, response: Response, now: float) -> list[Say]:
        # Within T1 nothing was sent again: the challenge answers the one copy that there is (RFC 3261 17.1.2.2).
        if self._authorization.challenged(response, certain=now - self._try.sent_at < T1):
            return [self._subscribe(now)]
        why, password = self._authorization.why, self._authorization.password_refused
        return self._failed(Verdict(f"PBX {why}", refused=True, password=password), now)

    def _too_brief(self, response: Response, now: float) -> list[Say]:
        least = whole_number(response.headers.first("min-expires") or "", LONGEST_EXPIRES)
        if least is None or least <= self._expires or self._try.lengthened:
            return self._failed(Verdict("PBX says 423 without a longer Min-Expires", refused=True), now)
        self._expires, self._try.lengthened = least, True
        return self._again(now)

    # -- NOTIFY --------------------------------------------------------------------------------------------------------

    def notify(self, request: Request, now: float) -> tuple[int, list[Say]]:
        """The status to answer with (see notification.REPLY_HEADERS), and what it means. Raises nothing."""
        try:
            named, number = dialog.named_by(request), cseq.parse(request.headers.need("cseq")).number
        except RemoteFault as fault:
            return fault.status, []
        if not self._usage.is_named(named):
            return 481, []
        earlier = self._usage.earlier_answer(number)
        if earlier is not None:
            return earlier, []
        try:
            status, said = 200, self._notified(notification.parse(request), now)
        except RemoteFault as fault:
            status, said = fault.status, []
        return self._usage.answer(number, status), said

    def _notified(self, heard: Notification, now: float) -> list[Say]:
        over = heard.state.substate is Substate.TERMINATED
        if self.state is State.IDLE and not over:
            raise RemoteFault("no such subscription", 481)
        if self.state in (State.IDLE, State.LEAVING):
            return []
        self._usage.learn_notification(heard)
        self._try.notified, self._notify_by = True, None
        if over:
            return [*self._documents(heard.info), *self._terminated(heard.state, now)]
        self._shorten(heard.state.expires, now)
        if heard.state.substate is Substate.PENDING:
            return self._pending()
        return [*self._activated(now), *self._documents(heard.info or nothing(self.subscriber.aor))]

    def _shorten(self, seconds: int | None, now: float) -> None:
        """What the PBX says may be less than what it granted, and is never more (RFC 6665 4.1.3)."""
        left = self._expires if seconds is None else min(seconds, self._expires)
        if self._lapses_at is None:
            self._lapses_at = now + left
        elif now + left < self._lapses_at - 1:  # it speaks in whole seconds: less than one is no news
            self._lapses_at = now + left
            if self._wake_at is not None and self.state is State.SUBSCRIBED:
                early = max(now + self._fresh.around(left * REFRESH_AT), self._asked_at + HURRY_PAUSE)
                self._wake_at = min(self._wake_at, early)

    def _pending(self) -> list[Say]:
        usage = self._usage
        if usage.pending:
            return []
        usage.pending, usage.active = True, False
        return [*self._deaf(), Pending()]

    def _activated(self, now: float) -> list[Say]:
        usage = self._usage
        if usage.active and self._hearing:
            return []
        usage.pending, usage.active = False, True
        return self._heard(round((self._lapses_at or now) - now))

    def _documents(self, info: DialogInfo | None) -> list[Say]:
        if info is None:
            return []
        anew, self._usage.told = not self._usage.told, True
        return [Document(info, anew)]

    def _terminated(self, told: SubscriptionState, now: float) -> list[Say]:
        """By reason (RFC 6665 4.1.3). What ended for the PBX's own reasons begins again at once, and the gap is told
        only if it lasts."""
        self._usage.over, self._usage.active = True, False
        if self.state is State.WAITING:
            self._lapses_at = None
            return self._deaf()
        if verdict.revives(told) and now - self._revived_at >= REVIVAL_PAUSE:
            self.state, self._revived_at = State.WAITING, now
            self._wake_at, self._lapses_at = None, now + TIMER_N
            return [Due()]
        end = verdict.of_end(told)
        # Never faster than once a minute: some PBXs take each subscription and end it at once.
        return self._failed(replace(end, least=max(end.least, self._asked_at + REVIVAL_PAUSE - now)), now)

    # -- what all of them need -----------------------------------------------------------------------------------------

    def _new_try(self) -> None:
        self._try = _Try()
        self._authorization.begin()

    def _again(self, now: float) -> list[Say]:
        """The same with another word. The password was not what was wrong: a PBX that takes a nonce once may ask for it
        anew."""
        self._authorization.begin()
        return [self._subscribe(now)]

    def _begin(self) -> None:
        """With a new Call-ID; NOTIFYs of the subscription before get 481 from now on, which ends it at the PBX, too."""
        self._usage = Usage(self.subscriber, self._fresh.token(), self._fresh.token())
        self._lapses_at = self._notify_by = None

    def _subscribe(self, now: float) -> Send:
        self._cseq += 1
        self._try.sent_at = now
        expires = 0 if self.state is State.LEAVING else self._expires
        plain = self._usage.subscribe(self._cseq, expires, self.contact)
        proof = self._authorization.lines("SUBSCRIBE", plain.uri)
        self._newest = replace(plain, headers=Headers((*plain.headers.lines, *proof)))
        return Send(self._newest)

    def _heard(self, seconds: int) -> list[Say]:
        self._hearing = True
        self._pauses.forget()
        return [Active(seconds)]

    def _deaf(self) -> list[Say]:
        said: list[Say] = [Lapsed()] if self._hearing else []
        self._hearing = False
        return said

    def _left(self) -> list[Say]:
        self.state = State.IDLE
        self._usage.over = True
        return [Left()]

    def _failed(self, found: Verdict, now: float) -> list[Say]:
        if self.state is State.LEAVING:
            return self._left()
        if found.fatal:
            self._usage.over, self._lapses_at = True, None
        self.state, self._notify_by = State.WAITING, None
        self._wake_at = now + self._pauses.after(found)
        self.not_before = self._wake_at if found.refused else now + found.least
        self._wrong_password = found.password
        if found.password:
            self._authorization.forget()
        said: list[Say] = [Failed(found.why, found.refused, found.password)]
        return said if self._lapses_at is not None else [*said, *self._deaf()]
