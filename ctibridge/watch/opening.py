"""Which page of the customer's tool is opened, and when: `watch --open`."""

import re
from urllib.parse import quote

from ctibridge.watch.heard import Data, Heard, Welcome
from ctibridge.watch.ringing import Ringing

APART = 2.0
"""Seconds between two pages, at least."""

_REMEMBERED = 200
_LONGEST = 2048
_LEFT_AS_IT_IS = "%:/?#[]@&=+,;"
_ADDRESS = re.compile(
    r"https?://"
    r"(?:[a-z0-9_][a-z0-9_.-]*|\[[0-9a-f:.]+\])"  # no user, no `-` in front, nothing that needs IDNA
    r"(?::[0-9]{1,5})?"
    r"(?:[/?#][!-~]*)?",
    re.IGNORECASE | re.ASCII,
)


class Opening:
    """One page for each call, however often a queue rings: of several calls only that of the newest, and never two
    within two seconds, so that a busy minute leaves no pile of pages. A call that waits for its turn and stops ringing
    has none. Feed it, then ask `due`; times are monotonic seconds.
    """

    def __init__(self) -> None:
        self._ringing = Ringing()
        self._opened: dict[str, None] = {}
        self._free_at = float("-inf")

    def welcome(self, welcome: Welcome) -> None:
        self._ringing.welcome(welcome)

    def hear(self, event: Heard) -> None:
        self._ringing.hear(event)

    def due(self) -> float | None:
        """When `page` has something to open (also in the past); None: nothing rings whose page is not open."""
        return None if self._next() is None else self._free_at

    def page(self, now: float) -> str | None:
        """The address to open now, once."""
        following = self._next()
        if following is None or now < self._free_at:
            return None
        call, url = following
        self._free_at = now + APART
        self._opened[call] = None
        if len(self._opened) > _REMEMBERED:
            del self._opened[next(iter(self._opened))]
        return url

    def _next(self) -> tuple[str, str] | None:
        """Of the newest call that has a page, if that is not open yet."""
        pages = ((call, _page(pop)) for call, pop in reversed(self._ringing.calls.items()))
        call, url = next(((call, url) for call, url in pages if url is not None), ("", ""))
        return None if not url or call in self._opened else (call, url)


def _page(pop: Data) -> str | None:
    """The first link that may be opened; the account's author puts the most useful one first."""
    return next((url for link in pop.links if (url := address(link.url)) is not None), None)


def address(url: str) -> str | None:
    """The address as a program may be handed it, else None: http or https, a host, at most 2,048 characters.

    What no address needs is escaped (RFC 3986, 2.1), quotes, `$` and brackets among it: the daemon has escaped
    what a caller brought, and a browser's own start script may be careless with the rest. An account's host
    in other letters than these has to be written as its DNS name (`xn--…`).
    """
    if len(url) > _LONGEST or " " in url or not url.isprintable():
        return None
    escaped = quote(url, safe=_LEFT_AS_IT_IS)
    return escaped if len(escaped) <= _LONGEST and _ADDRESS.fullmatch(escaped) else None
