"""What we do about 401 and 407 (RFC 3261 22, RFC 7616): whom we prove the password to, how often, and with which nonce.

A *try* is one request with all its answers to challenges; `begin` starts the next. Nonces outlive it: the next request
proves the password unasked (22.2). Bounded, because a refused digest that is retried at once loops at thousands of
requests a second, and counted strictly, because fail2ban counts, too.
"""

import re
from dataclasses import dataclass, replace

from ctibridge.sip import digest
from ctibridge.sip.digest import Challenge, Credentials
from ctibridge.sip.fresh import Fresh
from ctibridge.sip.message import HeaderList, Headers, Response

ATTEMPTS = 2
"""Answers to one proxy, or to the registrar by whatever names, within one try: one, and one for a stale nonce."""
MOST_ANSWERS = 4
"""Answers within one try to all of them: two proxies and a registrar, and one stale nonce among them."""
MOST_PROXIES = 3
"""Proxies on the way that each keep a realm of their own (22.3)."""

_Key = tuple[bool, str]
"""By proxy, and by realm."""


LONGEST_REALM = 64
"""Characters of a realm that are told to people."""
_REFUSED = re.compile(r'refuses the password \(realm "([^"]*)"\)')


def refused_by(realm: str) -> str:
    """As the end of a sentence. The realm is what a password is kept for: who reads another one there than he set up
    has the wrong domain, or asks the wrong PBX."""
    plain = "".join(char for char in realm if char.isprintable() and char != '"')
    return f'refuses the password (realm "{plain[:LONGEST_REALM]}")'


def refusing_realm(why: str) -> str | None:
    """The realm that `refused_by` told; None where no password was refused."""
    found = _REFUSED.search(why)
    return None if found is None else found[1]


@dataclass(slots=True)
class _Session:
    """One nonce, and how often we used it."""

    challenge: Challenge
    cnonce: str
    count: int = 0


class Authorization:
    """credentials None: every challenge is a refusal. why: what was wrong after a False of `challenged`, as the end of
    a sentence; password_refused: it was the password."""

    def __init__(self, credentials: Credentials | None, fresh: Fresh) -> None:
        self.why = ""
        self.password_refused = False
        self._credentials = credentials
        self._fresh = fresh
        self._sessions: dict[_Key, _Session] = {}
        self._answers: dict[_Key, int] = {}
        self._nonces: set[str] = set()

    @property
    def proving(self) -> bool:
        """This try proved the password, or meant to."""
        return bool(self._nonces)

    def begin(self) -> None:
        """A new try."""
        self._answers.clear()
        self._nonces.clear()

    def forget(self) -> None:
        """The next request proves nothing unasked."""
        self._sessions.clear()

    def challenged(self, response: Response, *, certain: bool = False) -> bool:
        """True where the request is worth sending again, with new `lines`.

        certain: this response answers the only copy of our request. Then a new challenge to a fresh answer is the last
        word about the password. Else it may be the word about a retransmission, by a registrar that takes each nonce
        once, and the 200 to the first copy was lost: that is worth a second answer.
        """
        proxy = response.status == 407
        asked = response.headers.each_line("proxy-authenticate" if proxy else "www-authenticate")
        minimum = self._credentials.minimum if self._credentials else "MD5"
        chosen = digest.choose(asked, proxy=proxy, minimum=minimum)
        if isinstance(chosen, digest.Unanswerable):
            return self._refused(chosen.why, password=False)
        if self._credentials is None:
            return self._refused("asks for a password, and there is none", password=False)
        if self._settled(chosen, certain):
            return self._refused(refused_by(chosen.realm), password=True)
        self._take(chosen)
        return True

    def accepted(self, headers: Headers) -> None:
        """A 2xx came: what it says in Authentication-Info (RFC 7616 3.5) or Proxy-Authentication-Info (RFC 7615)."""
        for proxy, name in ((False, "authentication-info"), (True, "proxy-authentication-info")):
            nonce = digest.next_nonce(headers.each_line(name))
            keys = [key for key in self._sessions if key[0] is proxy]
            if nonce is not None and len(keys) == 1:  # of several proxies it does not say which one speaks
                self._renew(keys[0], replace(self._sessions[keys[0]].challenge, nonce=nonce, stale=False))

    def lines(self, method: str, uri: str) -> HeaderList:
        """The header lines for a request; none before the first challenge."""
        return tuple(self._line(session, method, uri) for session in self._sessions.values())

    def _line(self, session: _Session, method: str, uri: str) -> tuple[str, str]:
        assert self._credentials is not None
        session.count += 1
        challenge = session.challenge
        given = digest.answer(challenge, self._credentials, method, uri, session.cnonce, session.count)
        self._nonces.add(challenge.nonce)
        return "proxy-authorization" if challenge.proxy else "authorization", str(given)

    def _settled(self, challenge: Challenge, certain: bool) -> bool:
        """Has all been said that is worth saying in this try?"""
        if challenge.nonce in self._nonces and not challenge.stale:
            return True
        key = challenge.proxy, challenge.realm
        answered = sum(count for other, count in self._answers.items() if other == key or not (other[0] or key[0]))
        attempts = 1 if certain and not challenge.stale and self._answers.get(key) else ATTEMPTS
        return answered >= attempts or sum(self._answers.values()) >= MOST_ANSWERS

    def _take(self, challenge: Challenge) -> None:
        realm = (challenge.proxy, challenge.realm)
        self._answers[realm] = self._answers.get(realm, 0) + 1
        self._nonces.add(challenge.nonce)
        # A registrar is one, whatever it calls itself today: two Authorization lines would only confuse it.
        self._renew(realm if challenge.proxy else (False, ""), challenge)
        proxies = [key for key in self._sessions if key[0]]
        for oldest in proxies[:-MOST_PROXIES]:
            del self._sessions[oldest]

    def _renew(self, key: _Key, challenge: Challenge) -> None:
        """The count goes on where the nonce is the same; a fresh one begins at 1 (RFC 7616 3.4)."""
        known = self._sessions.get(key)
        if known is not None and known.challenge.nonce == challenge.nonce:
            known.challenge = challenge
        else:
            self._sessions[key] = _Session(challenge, self._fresh.token())

    def _refused(self, why: str, *, password: bool) -> bool:
        self.why, self.password_refused = why, password
        return False
