"""Who a trusted proxy says that somebody is: its headers, the agent of that login, how often one may ask. Pure values.

Everything here comes from the network: a proxy that is set up wrong passes on what its clients write.
"""

import ipaddress
import unicodedata
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from ctibridge.domain.agent import Agent
from ctibridge.domain.private import Private

LONGEST = 254
"""Characters of a login: an e-mail address has no more (RFC 5321 4.5.3.1.3, without its brackets)."""
SIGN_INS = 10
"""Tokens of one agent that hold at a time, one for each tab; he gets no more than these in `WITHIN`."""
WITHIN = 60.0

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Reason(StrEnum):
    """Why somebody is not signed in, as the page and the log are told: never with his login.

    untrusted: not by the proxy; foreign: not by our page; no_user: the proxy names none, or none that can be read;
    unknown, ambiguous: of none or several agents; too_often, unavailable: not now.
    """

    UNTRUSTED = "untrusted"
    FOREIGN = "foreign"
    NO_USER = "no_user"
    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"
    DISABLED = "disabled"
    TOO_OFTEN = "too_often"
    UNAVAILABLE = "unavailable"


class Refused(Exception):
    """Nobody is signed in."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def is_trusted(host: str, proxies: Iterable[Network]) -> bool:
    """host: the connection's own other end, as the socket names it: an IPv4 address perhaps as IPv6 writes it (RFC 4291
    2.5.5.2)."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address.version == network.version and address in network for network in proxies)


def named(values: Sequence[bytes]) -> Private:
    """The login that the header names. Raises Refused where it stands there not at all or twice, is empty, longer than
    `LONGEST`, no UTF-8, or holds what nobody sees: a second one was perhaps written by who wants to be somebody else.
    """
    if len(values) != 1:
        raise Refused(Reason.NO_USER)
    try:
        text = values[0].decode().strip(" \t")
    except UnicodeDecodeError:
        raise Refused(Reason.NO_USER) from None
    if not text or len(text) > LONGEST or not text.isprintable():
        raise Refused(Reason.NO_USER)
    return Private(text)


def key_of(login: str) -> str:
    """Equal for logins that are the same: upper and lower case of a letter, and an accent however it is encoded.

    `lower`, not `casefold`: that takes `ß` for `ss`, and these may be two people.
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", login).lower())


class Logins:
    """The agents by their logins. Read anew only where the directory is another one."""

    def __init__(self) -> None:
        self._agents: Mapping[str, Agent] = {}
        self._found: dict[str, Agent | None] = {}

    def agent(self, login: Private, agents: Mapping[str, Agent]) -> Agent:
        """Raises Refused where no agent has this login, or two have it, or he is disabled."""
        if agents is not self._agents:
            self._agents, self._found = agents, _by_key(agents.values())
        key = key_of(login.value)
        if key not in self._found:
            raise Refused(Reason.UNKNOWN)
        agent = self._found[key]
        if agent is None:
            raise Refused(Reason.AMBIGUOUS)
        if agent.disabled:
            raise Refused(Reason.DISABLED)
        return agent


def _by_key(agents: Iterable[Agent]) -> dict[str, Agent | None]:
    """None: two have it."""
    found: dict[str, Agent | None] = {}
    for agent in agents:
        if agent.login:
            key = key_of(agent.login)
            found[key] = None if key in found else agent
    return found


class Pace:
    """A page that reloads for ever costs its agent the tokens of a minute, and nobody anything else."""

    def __init__(self) -> None:
        self._asked: dict[str, deque[float]] = {}

    def take(self, agent: str, clock: float) -> None:
        """clock: monotonic seconds. Raises Refused where this agent had `SIGN_INS` of them `WITHIN` this time."""
        times = self._asked.setdefault(agent, deque(maxlen=SIGN_INS))
        if len(times) == SIGN_INS and clock < times[0] + WITHIN:
            raise Refused(Reason.TOO_OFTEN)
        times.append(clock)
