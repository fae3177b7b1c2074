"""The test call as a machine for the drivers of `sip`: messages and time in; messages, and what happened, out. Pure.

It wraps the caller of our own SIP core and writes down when the PBX said what.
"""

from collections.abc import Callable

from ctibridge.selftest.timeline import Timeline
from ctibridge.sip import cseq, message, transaction
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.events import Datagram
from ctibridge.sip.hop import Hop
from ctibridge.sip.invite_client import InviteClient, is_for
from ctibridge.sip.message import Response
from ctibridge.sip.outgoing import Answered, Ended, Say
from ctibridge.sip.via import Address

LONGEST_NAME = 60
"""Characters of what a PBX calls itself."""
_ITS_OWN = (100, 401, 407)
"""What a proxy says itself, beside a refusal before anything rang; what it passes on from a phone carries its name."""


class Changed:
    """Who waits for something has to look."""


class OwnCall:
    """dial: the call, once we know our address as the peer sees it. trusted: the addresses of the PBX; what comes from
    others, to whom we said nothing, is nobody's. broken: why there is no connection, where it needs one."""

    def __init__(self, timeline: Timeline, trusted: frozenset[str], dial: Callable[[Address], InviteClient]) -> None:
        self.timeline = timeline
        self.broken: str | None = None
        self._trusted = set(trusted)
        self._dial = dial
        self._client: InviteClient | None = None
        self._out: list[Datagram | Changed] = []

    @property
    def deadline(self) -> float | None:
        return None if self._client is None else self._client.deadline

    @property
    def over(self) -> bool:
        """Nothing has to be said any more; only the repetitions of others would still be heard."""
        client = self._client
        return client is None or (self.timeline.ended is not None and not client.is_speaking)

    def begin(self, local: Address, now: float) -> None:
        """The INVITE goes out: second 0 of the timeline."""
        if self._client is None:
            self.timeline.began = now
            self._client = self._dial(local)
            self._say(self._client.start(now), now)

    def hang_up(self, now: float) -> None:
        """Ends the call, whatever it is doing."""
        if self._client is not None and self.timeline.ended is None and self.timeline.gave_up is None:
            self.timeline.gave_up = self.timeline.since(now)
            self._say(self._client.hang_up(now), now)

    def receive(self, data: bytes, hop: Hop, now: float) -> None:
        if self._client is None or hop.host not in self._trusted:
            return
        try:
            parsed = message.parse(data)
            if isinstance(parsed, Response):
                self._heard(self._client, parsed, now)
            elif is_for(self._client, parsed):
                self._say(self._client.request(parsed, hop), now)
        except RemoteFault:
            return  # who cannot write SIP gets no answer from a caller

    def wake(self, now: float) -> None:
        if self._client is not None:
            self._say(self._client.wake(now), now)

    def drain(self) -> list[Datagram | Changed]:
        out, self._out = self._out, []
        return out

    # -- connections ---------------------------------------------------------------------------------------------------

    def connected(self, _: Hop, local: Address, now: float) -> None:
        self.begin(local, now)

    def disconnected(self, _: Hop, why: str, __: float) -> None:
        self.broken = why
        self._out.append(Changed())

    def trusts(self, _: str) -> bool:
        """Nobody opens a connection to a caller."""
        return False

    def stranger(self) -> None:
        """Of whom `trusts` is false."""

    # ------------------------------------------------------------------------------------------------------------------

    def _heard(self, client: InviteClient, response: Response, now: float) -> None:
        if not client.sent(transaction.top_via(response.headers).branch):
            return
        if cseq.parse(response.headers.need("cseq")).method == "INVITE":
            self.timeline.replied(response.status, self.timeline.since(now))
            self._name(response)
        self._say(client.receive(response, now), now)
        self.timeline.why = client.why

    def _name(self, response: Response) -> None:
        cast = self.timeline.cast
        said = response.headers.first("server") or response.headers.first("user-agent") or ""
        name = "".join(char for char in said if char.isprintable())[:LONGEST_NAME] or None
        its_own = response.status in _ITS_OWN or (response.status >= 300 and self.timeline.ringing is None)
        if cast.pbx is None and its_own:
            cast.pbx = name
        elif 200 <= response.status < 300 and name != cast.pbx:
            cast.answers_as = name

    def _say(self, said: list[Say], now: float) -> None:
        self._out.append(Changed())  # also where nothing is said: an answer may be all that was waited for
        for word in said:
            if isinstance(word, Datagram):
                # Where no proxy stays on the path, ACK and BYE go to the phone itself, which answers from there.
                self._trusted.add(word.to.host)
                self._out.append(word)
            elif isinstance(word, Answered) and self.timeline.picked_up is None:
                self.timeline.picked_up = self.timeline.since(now)
            elif isinstance(word, Ended):
                self.timeline.ended, self.timeline.ended_at = word.how, self.timeline.since(now)
