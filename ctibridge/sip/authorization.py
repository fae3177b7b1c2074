"""What one request does about 401 and 407: at most two answers, never twice to the same nonce (RFC 3261 22)."""

from ctibridge.sip import digest
from ctibridge.sip.digest import Challenge, Credentials
from ctibridge.sip.fresh import Fresh
from ctibridge.sip.message import HeaderList, Response

ATTEMPTS = 2
"""Answers to challenges: one, and one more for a stale nonce. A refused digest that is retried at once loops at
thousands of requests a second, and PBXs do not throttle it."""


class Authorization:
    """credentials None: every challenge is a refusal."""

    def __init__(self, credentials: Credentials | None, fresh: Fresh) -> None:
        self._credentials = credentials
        self._fresh = fresh
        self._challenge: Challenge | None = None
        self._count = 0
        self._answers = 0
        self._nonces: set[str] = set()

    def challenged(self, response: Response) -> bool:
        """True where the request is worth sending again, with new `lines`."""
        proxy = response.status == 407
        asked = response.headers.each_line("proxy-authenticate" if proxy else "www-authenticate")
        challenge = digest.strongest(asked, proxy=proxy)
        if challenge is None or self._credentials is None or self._answers >= ATTEMPTS:
            return False
        if challenge.nonce in self._nonces and not challenge.stale:
            return False
        self._answers += 1
        self._nonces.add(challenge.nonce)
        self._challenge, self._count = challenge, 0
        return True

    def lines(self, method: str, uri: str) -> HeaderList:
        """The header line for a request; none before the first challenge. The nonce serves the whole call (22.2)."""
        if self._challenge is None or self._credentials is None:
            return ()
        self._count += 1
        given = digest.answer(self._challenge, self._credentials, method, uri, self._fresh.token(), self._count)
        return (("proxy-authorization" if self._challenge.proxy else "authorization", str(given)),)
