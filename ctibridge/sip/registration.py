"""One line at its registrar (RFC 3261 10): asks, answers the challenge, refreshes ahead of time, tries again for ever.

In: `start`, `leave`, the registrar's responses, time. Out: requests to send, and `Due`, `Registered`, `Failed`,
`Lapsed`, `Left`. It knows nothing of other lines; who may register when is decided by `neighbours` and `lines`.
"""

import re
from dataclasses import dataclass, field
from enum import Enum, auto

from ctibridge.sip import bindings, digest
from ctibridge.sip.bindings import LONGEST_EXPIRES
from ctibridge.sip.digest import Challenge, Credentials
from ctibridge.sip.fresh import Fresh
from ctibridge.sip.grammar import whole_number
from ctibridge.sip.message import Headers, Request, Response

FIRST_PAUSE = 2.0
"""Seconds before the second try after a fault that may pass; doubles up to LONGEST_PAUSE."""
LONGEST_PAUSE = 60.0
REFUSED_PAUSE = 60.0
"""Seconds after a refusal (wrong password, 403); doubles up to LONGEST_REFUSED_PAUSE, because fail2ban counts, too."""
LONGEST_REFUSED_PAUSE = 600.0
LONGEST_RETRY_AFTER = 300
DIGEST_ATTEMPTS = 2
"""Answers to challenges of one kind (401, 407) within one try: one, and one more for a stale nonce."""
REFRESH_AT = 0.75
"""Share of the granted time after which we ask again: a quarter stays for retransmissions and a second try."""
_LEADING_DIGITS = re.compile(r"\s*([0-9]{1,10})")
"""Of Retry-After, which may go on with a comment or parameters (20.33)."""


@dataclass(frozen=True, slots=True)
class Account:
    """What one line needs to register. aor: `sip:user@domain`; contact: our URI with the unguessable user part."""

    line: str
    aor: str
    registrar: str
    contact: str = field(repr=False)
    credentials: Credentials
    expires: int


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
    this line that the registrar does not want."""

    why: str
    refused: bool = False


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
    """What is remembered within one try only."""

    expires: int
    lengthened: bool = False
    answers: dict[bool, int] = field(default_factory=dict)
    nonces: set[str] = field(default_factory=set)


class Registration:
    def __init__(self, account: Account, fresh: Fresh) -> None:
        self.account = account
        self.state = State.IDLE
        self._fresh = fresh
        self._call_id = fresh.token()
        self._from_tag = fresh.token()
        self._cseq = 0
        self._try = _Try(account.expires)
        self._challenges: dict[bool, Challenge] = {}
        """By `proxy`: behind a proxy that asks a registrar may ask, too; one request carries both answers (22.3)."""
        self._nonce_count = 0
        self._failures = 0
        self._wake_at: float | None = None
        self._lapses_at: float | None = None

    @property
    def deadline(self) -> float | None:
        return min((time for time in (self._wake_at, self._lapses_at) if time is not None), default=None)

    @property
    def holds(self) -> bool:
        """The registrar forks to us, as far as we know."""
        return self._lapses_at is not None

    def start(self, now: float) -> list[Say]:
        """Asks to be registered; also the refresh."""
        self.state = State.ASKING
        self._wake_at = None
        self._try = _Try(self._try.expires or self.account.expires)
        return [self._register()]

    def leave(self, now: float) -> list[Say]:
        """Takes our contact away, and only ours: never `Contact: *`."""
        self.state = State.LEAVING
        self._wake_at = self._lapses_at = None
        self._try = _Try(0)
        return [self._register()]

    def wake(self, now: float) -> list[Say]:
        said: list[Say] = []
        if self._lapses_at is not None and now >= self._lapses_at:
            self._lapses_at = None
            said.append(Lapsed())
        if self._wake_at is not None and now >= self._wake_at:
            self._wake_at = None
            said.append(Due())
        return said

    def receive(self, response: Response, now: float) -> list[Say]:
        """The final response to the newest request; the caller drops responses to older ones."""
        if self.state not in (State.ASKING, State.LEAVING):
            return []
        status = response.status
        if 200 <= status < 300:
            return self._accepted(response, now)
        if status in (401, 407):
            return self._challenged(response, now)
        if status == 423 and self.state is State.ASKING:
            return self._too_brief(response, now)
        return self._failed(f"registrar says {status}", now, refused=status in (403, 404), response=response)

    def silent(self, now: float) -> list[Say]:
        """No response came in time."""
        return self._failed("registrar does not answer", now)

    def newest(self, cseq: int) -> bool:
        """Is this the CSeq of the newest request?"""
        return cseq == self._cseq

    def _register(self) -> Send:
        self._cseq += 1
        me, expires = self.account, self._try.expires
        lines = [
            ("max-forwards", "70"),
            ("from", f"<{me.aor}>;tag={self._from_tag}"),
            ("to", f"<{me.aor}>"),
            ("call-id", self._call_id),
            ("cseq", f"{self._cseq} REGISTER"),
            ("contact", f"<{me.contact}>;expires={expires}"),
            ("expires", str(expires)),
            *self._authorization(),
        ]
        return Send(Request("REGISTER", me.registrar, Headers(tuple(lines))))

    def _authorization(self) -> list[tuple[str, str]]:
        self._nonce_count += 1
        return [self._answer(challenge) for challenge in self._challenges.values()]

    def _answer(self, challenge: Challenge) -> tuple[str, str]:
        me = self.account
        given = digest.answer(
            challenge, me.credentials, "REGISTER", me.registrar, self._fresh.token(), self._nonce_count
        )  # fmt: skip
        self._try.nonces.add(challenge.nonce)
        return "proxy-authorization" if challenge.proxy else "authorization", str(given)

    def _challenged(self, response: Response, now: float) -> list[Say]:
        proxy = response.status == 407
        lines = response.headers.each_line("proxy-authenticate" if proxy else "www-authenticate")
        challenge = digest.strongest(lines, proxy=proxy)
        if challenge is None:
            return self._failed("registrar asks for no digest that we know", now, refused=True)
        known = challenge.nonce in self._try.nonces and not challenge.stale
        answers = self._try.answers.get(proxy, 0)
        if known or answers >= DIGEST_ATTEMPTS:
            self._challenges.clear()
            return self._failed("registrar refuses the password", now, refused=True)
        self._try.answers[proxy] = answers + 1
        self._challenges[proxy] = challenge
        # One count for both nonces: it only has to rise, and begins at 1 where one nonce is the rule (RFC 7616 3.4).
        self._nonce_count = self._nonce_count if len(self._challenges) > 1 else 0
        return [self._register()]

    def _too_brief(self, response: Response, now: float) -> list[Say]:
        least = whole_number(response.headers.first("min-expires") or "", LONGEST_EXPIRES)
        if least is None or least <= self._try.expires or self._try.lengthened:
            return self._failed("registrar says 423 without a longer Min-Expires", now, refused=True)
        self._try.expires, self._try.lengthened = least, True
        return [self._register()]

    def _accepted(self, response: Response, now: float) -> list[Say]:
        if self.state is State.LEAVING:
            return self._left()
        found = bindings.read(response.headers, self.account.contact, self._try.expires)
        if found.seconds is None:
            return self._failed("registrar's 200 does not list our contact", now)
        self.state = State.REGISTERED
        self._failures = 0
        self._lapses_at = now + found.seconds
        self._wake_at = now + self._fresh.around(found.seconds * REFRESH_AT)
        return [Registered(found.seconds, found.others)]

    def _left(self) -> list[Say]:
        self.state = State.IDLE
        self._try = _Try(self.account.expires)
        return [Left()]

    def _failed(self, why: str, now: float, *, refused: bool = False, response: Response | None = None) -> list[Say]:
        if self.state is State.LEAVING:
            return self._left()
        first, longest = (REFUSED_PAUSE, LONGEST_REFUSED_PAUSE) if refused else (FIRST_PAUSE, LONGEST_PAUSE)
        pause = min(first * 2 ** min(self._failures, 10), longest)
        stated = _LEADING_DIGITS.match(response.headers.first("retry-after") or "") if response else None
        # Jitter takes from the pause; what the registrar asked for is the least.
        least = min(int(stated[1]), LONGEST_RETRY_AFTER) if stated else 0
        self._failures += 1
        self.state = State.WAITING
        self._wake_at = now + max(self._fresh.around(pause), least)
        return [Failed(why, refused)]
