"""One line at its registrar (RFC 3261 10): asks, answers the challenge, refreshes ahead of time, tries again for ever.

In: `start`, `leave`, `move`, the registrar's responses, time. Out: requests to send, and `Due`, `Registered`, `Failed`,
`Lapsed`, `Left`. It knows nothing of other lines; who may register when is decided by `neighbours` and `lines`.
"""

from dataclasses import dataclass, field, replace
from enum import Enum, auto

from ctibridge.sip import bindings
from ctibridge.sip.authorization import Authorization
from ctibridge.sip.bindings import LONGEST_EXPIRES, Ours
from ctibridge.sip.digest import Credentials
from ctibridge.sip.faults import Faults
from ctibridge.sip.fresh import Fresh
from ctibridge.sip.grammar import whole_number
from ctibridge.sip.mark import Mark
from ctibridge.sip.message import Headers, Request, Response
from ctibridge.sip.transaction import GIVE_UP, T1

REFRESH_AT = 0.75
"""Share of the granted time after which we ask again: a quarter stays for retransmissions and a second try."""
SHORTEST_GRANT = 3
"""Seconds. Who grants less would be asked all the time, and we would be deaf in between."""
PATIENCE = GIVE_UP + 8
"""Seconds after which an answer no longer comes, should nobody say so: the transaction says so before."""
MOVE_PAUSE = 15.0
"""Seconds between two REGISTERs for a new contact: a NAT may show another port in each answer, for ever."""
MOST_CONTACTS = 4
"""Contacts of ours that one REGISTER names: the one we have, and earlier ones to take away."""
REFUSALS = (403, 404, 410, 603, 604, 606)
"""It is this line that the registrar does not want, and will not want in a minute."""


@dataclass(frozen=True, slots=True)
class Account:
    """What one line needs to register. aor: `sip:user@domain`; contact: our URI with the unguessable user part;
    instance: a URN, the same after each restart, for `+sip.instance` (RFC 5626 4.1), None for none; mark: on the
    contacts of all our nodes, None without others."""

    line: str
    aor: str
    registrar: str
    contact: str = field(repr=False)
    credentials: Credentials
    expires: int
    instance: str | None = None
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Send:
    """A request whose Via the transaction layer puts on top."""

    request: Request


@dataclass(frozen=True, slots=True)
class Due:
    """It is time to ask (again): `start` when there is room for one more request."""


@dataclass(frozen=True, slots=True)
class Registered:
    """The registrar has our contact for `seconds`; others: contacts of the line that are not ours."""

    seconds: int
    others: int


@dataclass(frozen=True, slots=True)
class Failed:
    """This try failed; the next comes by itself. An earlier registration may still hold (see Lapsed). refused: it is
    this line that the registrar does not want; password: because of its password, as far as we can tell."""

    why: str
    refused: bool = False
    password: bool = False


@dataclass(frozen=True, slots=True)
class Lapsed:
    """Our contact is no longer at the registrar."""


@dataclass(frozen=True, slots=True)
class Left:
    """Un-registered, as far as the registrar told."""


Say = Send | Due | Registered | Failed | Lapsed | Left


class State(Enum):
    IDLE = auto()
    ASKING = auto()
    REGISTERED = auto()
    WAITING = auto()
    LEAVING = auto()


@dataclass(slots=True)
class _Try:
    """What is remembered within one try only. contact: as its newest request named it; binds: for the first time."""

    expires: int
    lengthened: bool = False
    contact: str = ""
    binds: bool = False
    asked_at: float = 0.0


class Registration:
    """service_route: Route of our other requests (RFC 3608 5), as the newest 200 said; account: with the contact that
    we have now; not_before: of the next try, where a refusal says so, ours or another's with the same password."""

    def __init__(self, account: Account, fresh: Fresh) -> None:
        self.account = account
        self.state = State.IDLE
        self.service_route: tuple[str, ...] = ()
        self._fresh = fresh
        self._call_id = fresh.token()
        self._from_tag = fresh.token()
        self._cseq = 0
        self._try = _Try(account.expires)
        self._authorization = Authorization(account.credentials, fresh)
        self._faults = Faults()
        self._contacts: dict[str, None] = {}  # of ours, oldest first: whatever the registrar may have
        self._outbound = account.instance is not None
        self._flow = False  # the registrar does outbound: a new contact of the instance replaces the old one by itself
        self._wake_at: float | None = None
        self._lapses_at: float | None = None
        self._gives_up_at: float | None = None
        self.not_before = self._move_again = float("-inf")
        self._wrong_password = False

    @property
    def deadline(self) -> float | None:
        times = (self._wake_at, self._lapses_at, self._gives_up_at)
        return min((time for time in times if time is not None), default=None)

    @property
    def holds(self) -> bool:
        """The registrar forks to us, as far as we know."""
        return self._lapses_at is not None

    @property
    def asks(self) -> bool:
        """A request of ours is on its way."""
        return self.state in (State.ASKING, State.LEAVING)

    @property
    def leaves(self) -> bool:
        return self.state is State.LEAVING

    def change(self, credentials: Credentials) -> None:
        """Another password: `start` shows it, and what the old one brought on no longer counts. A request on its way is
        the caller's to take back, but for one that leaves, which goes on."""
        self.account = replace(self.account, credentials=credentials)
        self._authorization = Authorization(credentials, self._fresh)
        self._faults, self._wrong_password, self.not_before = Faults(), False, float("-inf")
        if self.state is State.ASKING:
            self.state, self._gives_up_at = State.WAITING, None

    def start(self, now: float) -> list[Say]:
        """Asks to be registered; also the refresh. Who was refused, or told to come back later, waits for his time."""
        if now < self.not_before:
            self.state, self._wake_at, self._gives_up_at = State.WAITING, self.not_before, None
            return []
        self.state = State.ASKING
        self._wake_at = None
        self._authorization.begin()
        self._try = _Try(self._try.expires or self.account.expires)
        if self.holds and self.account.contact not in self._contacts:
            self._move_again = now + MOVE_PAUSE
        return [self._register(now)]

    def leave(self, now: float) -> list[Say]:
        """Takes our contacts away, and only ours: never `Contact: *`. With a password that was just refused it is not
        worth another failure: the contact runs out by itself."""
        self._wake_at = self._lapses_at = None
        if now < self.not_before and self._wrong_password:
            return self._left()
        self.state = State.LEAVING
        self._authorization.begin()
        self._try = _Try(0)
        return [self._register(now)]

    def move(self, contact: str, now: float) -> list[Say]:
        """Our contact is another one now: a NAT shows us elsewhere, or a new connection has a new port. Where the
        registrar knows the old one it hears at once; else the next REGISTER simply says so. A try goes on with the new
        one: better told before the response that showed it is given to `receive`."""
        if contact == self.account.contact:
            return []
        self.account = replace(self.account, contact=contact)
        if self.state is State.ASKING or not self.holds or now < self.not_before:
            return []
        if now >= self._move_again:
            return self.start(now)
        return self._soon(now)

    def wake(self, now: float) -> list[Say]:
        said: list[Say] = []
        if self._lapses_at is not None and now >= self._lapses_at:
            self._lapses_at, self.service_route = None, ()
            said.append(Lapsed())
        if self._gives_up_at is not None and now >= self._gives_up_at:
            said += self.silent(now)
        if self._wake_at is not None and now >= self._wake_at:
            self._wake_at = None
            said.append(Due())
        return said

    def receive(self, response: Response, now: float) -> list[Say]:
        """The final response to the newest request; the caller drops responses to older ones. Raises RemoteFault where
        a 200 lists more contacts than we read."""
        if not self.asks or response.status < 200:
            return []
        status = response.status
        if status < 300:
            return self._accepted(response.headers, now)
        if self._try.binds:
            self._contacts.pop(self._try.contact, None)
        if status < 400:
            # Whoever can send a 302 would choose who gets our contact, and an answer to guess the password from.
            return self._failed(
                f"registrar says {status}, and a redirection is not followed: name the right registrar", now, response
            )
        if status in (401, 407):
            return self._challenged(response, now)
        if status == 423 and self.state is State.ASKING:
            return self._too_brief(response, now)
        if status == 439 and self._outbound:
            # The first hop does not do its part, and will not learn it (RFC 5626 11.6).
            self._outbound = self._flow = False
            return self._again(now)
        password = status == 403 and self._authorization.proving
        return self._failed(f"registrar says {status}", now, response, refused=status in REFUSALS, password=password)

    def silent(self, now: float) -> list[Say]:
        """No response came in time."""
        if not self.asks:
            return []
        return self._failed("registrar does not answer", now)

    def newest(self, cseq: int) -> bool:
        """Is this the CSeq of the newest request?"""
        return cseq == self._cseq

    def _register(self, now: float) -> Send:
        self._cseq += 1
        self._gives_up_at = now + PATIENCE
        me, expires = self.account, self._try.expires
        self._try.contact, self._try.asked_at = me.contact, now
        earlier = () if self._flow else tuple(each for each in self._contacts if each != me.contact)
        # A reg-id that comes and goes would make two bindings of one contact, and leave one of them behind (Kamailio).
        self._outbound = self._outbound and not earlier
        lines = [
            ("max-forwards", "70"),
            ("from", f"<{me.aor}>;tag={self._from_tag}"),
            ("to", f"<{me.aor}>"),
            ("call-id", self._call_id),
            ("cseq", f"{self._cseq} REGISTER"),
            *bindings.ask(Ours(me.contact, me.instance), expires, earlier, flow=self._outbound),
            ("expires", str(expires)),
            ("supported", "path, outbound" if self._outbound else "path"),
            *self._authorization.lines("REGISTER", me.registrar),
        ]
        self._try.binds = expires > 0 and me.contact not in self._contacts
        if expires:
            self._contacts = dict.fromkeys([*earlier[2 - MOST_CONTACTS :], me.contact])
        return Send(Request("REGISTER", me.registrar, Headers(tuple(lines))))

    def _accepted(self, headers: Headers, now: float) -> list[Say]:
        self._authorization.accepted(headers)
        if self.state is State.LEAVING:
            return self._left()
        ours = Ours(self._try.contact, self.account.instance, self.account.mark)
        found = bindings.read(headers, ours, self._try.expires)
        flow = bindings.outbound(headers)
        if found.seconds is None:
            return self._failed("registrar's 200 does not list our contact", now)
        if found.seconds < SHORTEST_GRANT:
            return self._failed(f"registrar grants less than {SHORTEST_GRANT} seconds", now)
        self._flow = flow and self._outbound
        self._contacts = {self._try.contact: None}
        self.service_route = bindings.service_route(headers)
        return self._held(found, now)

    def _held(self, found: bindings.Bindings, now: float) -> list[Say]:
        assert found.seconds is not None
        self.state = State.REGISTERED
        self._faults = Faults()
        self._gives_up_at = None
        self._lapses_at = now + found.seconds
        self._wake_at = now + self._fresh.around(found.seconds * REFRESH_AT)
        if self._try.contact != self.account.contact:
            self._soon(now)
        return [Registered(found.seconds, found.others)]

    def _challenged(self, response: Response, now: float) -> list[Say]:
        # Within T1 nothing was sent again: the challenge answers the one copy that there is (17.1.2.2).
        if self._authorization.challenged(response, certain=now - self._try.asked_at < T1):
            return [self._register(now)]
        who = "proxy" if response.status == 407 else "registrar"
        why, password = self._authorization.why, self._authorization.password_refused
        return self._failed(f"{who} {why}", now, response, refused=True, password=password)

    def _too_brief(self, response: Response, now: float) -> list[Say]:
        least = whole_number(response.headers.first("min-expires") or "", LONGEST_EXPIRES)
        if least is None or least <= self._try.expires or self._try.lengthened:
            return self._failed("registrar says 423 without a longer Min-Expires", now, refused=True)
        self._try.expires, self._try.lengthened = least, True
        return self._again(now)

    def _again(self, now: float) -> list[Say]:
        """The same with another word. The password was not what was wrong: a registrar that takes a nonce once may ask
        for it anew."""
        self._authorization.begin()
        return [self._register(now)]

    def _left(self) -> list[Say]:
        self.state = State.IDLE
        self._gives_up_at = None
        self._try = _Try(self.account.expires)
        self._contacts.clear()
        self.service_route = ()
        return [Left()]

    def _failed(
        self, why: str, now: float, response: Response | None = None, *, refused: bool = False, password: bool = False
    ) -> list[Say]:
        if self.state is State.LEAVING:
            return self._left()
        pause, stated = self._faults.pause(self._fresh, refused=refused), bindings.retry_after(response)
        self.state = State.WAITING
        self._gives_up_at = None
        self._wake_at = now + max(pause, stated)
        self.not_before = self._wake_at if refused else now + stated
        self._wrong_password = password
        if password:
            self._authorization.forget()
        return [Failed(why, refused, password)]

    def _soon(self, now: float) -> list[Say]:
        """The registrar does not know our contact yet; it hears of it as soon as it may."""
        at = max(now, self._move_again)
        self._wake_at = at if self._wake_at is None else min(self._wake_at, at)
        return []
