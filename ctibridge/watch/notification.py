"""What a desktop notification says of a call that rings: `watch --notify`.

Screens are shared with customers, so the provider says how much: `welcome.data.notification`, as for the agent page.
"""

import re
from html import escape
from typing import NamedTuple

from ctibridge.watch.heard import Data, Heard, Welcome
from ctibridge.watch.plain import plain
from ctibridge.watch.pop import Caller
from ctibridge.watch.ringing import Ringing

_MOST = 5  # at once; more cover the screen
_LONGEST = 80
_DIALLED = re.compile(r"[+*#0-9]{1,32}", re.ASCII)


class Note(NamedTuple):
    """Plain text on one line each; title is never empty. Where the desktop reads markup in a body: `markup(body)`."""

    title: str
    body: str


class Notifications:
    """One for each call that rings, and again in each round; the newest five."""

    def __init__(self) -> None:
        self._ringing = Ringing()
        self._allowed = "none"

    def welcome(self, welcome: Welcome) -> None:
        self._ringing.welcome(welcome)
        self._allowed = welcome.notification

    def hear(self, event: Heard) -> None:
        self._ringing.hear(event)

    def wanted(self) -> dict[str, Note]:
        """Those that should stand on the screen now, by a key that changes with each round; the newest is the last."""
        if self._allowed not in {"company", "full"}:
            return {}
        newest = list(self._ringing.calls.items())[-_MOST:]
        return {f"{call} {pop.call.round if pop.call else 1}": self._note(pop) for call, pop in newest}

    def _note(self, pop: Data) -> Note:
        account = pop.called.account
        company = pop.called.name or (account.name if account else "")
        said = [pop.language.endonym, _who(pop) if self._allowed == "full" else ""]
        return Note(_title(company), plain(" · ".join(filter(None, said)), _LONGEST))


def _who(pop: Data) -> str:
    """A name only of who is identified and whose record was read, as on the agent page."""
    candidates = pop.resolution.candidates
    if pop.resolution.status == "identified" and candidates and candidates[0].person.name:
        return candidates[0].person.name
    return _number(pop.caller or Caller())


def _number(caller: Caller) -> str:
    """Never more than can be dialled: the caller wrote it, and desktops make links of what looks like an address."""
    if caller.presentation != "allowed":
        return "number withheld"
    shown = caller.number or caller.extension or caller.raw or ""
    return shown if _DIALLED.fullmatch(shown) else "unknown number"


def _title(company: str) -> str:
    """A title has no markup (Desktop Notifications Specification 1.3, Notify). Escapes would be seen there, and some
    desktops read markup all the same: so no tag can stand in it."""
    return plain(company, _LONGEST).translate(_NO_TAGS) or "No service number"


def markup(text: str) -> str:
    """As text in the markup of a body (chapter *Markup*): nothing in it is a tag or an entity."""
    return escape(text, quote=False)


_NO_TAGS = str.maketrans({"<": "‹", ">": "›"})
