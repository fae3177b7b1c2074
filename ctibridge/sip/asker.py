"""Who asks the registrar over the uplink, and what the uplink says to him."""

from typing import Protocol

from ctibridge.sip.message import Response


class Asker(Protocol):
    """line: by what name; cseq: of the request."""

    def turn(self, line: str, now: float) -> None: ...

    def answered(self, line: str, cseq: int, response: Response, now: float) -> None: ...

    def silent(self, line: str, cseq: int, now: float) -> None: ...


class Member(Asker, Protocol):
    """Who hears what concerns all who ask, too."""

    def moved(self, now: float) -> None:
        """`uplink.contact_at` changed."""

    def down(self, why: str, now: float) -> None:
        """Nobody answers; no turn comes before `up`."""

    def up(self, now: float) -> None:
        """Somebody answers again, and may have forgotten us."""
