"""How the PBX of a test behaves, and the configuration file that makes Kamailio behave so.

Comes in: PbxSettings. Goes out: the text of a configuration that sets addresses, switches and tables and includes
kamailio.cfg, where the routes are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

ROUTES = Path(__file__).with_name("kamailio.cfg")
_Row = tuple[str, str, str | int]  # table, key, value


@dataclass(frozen=True, slots=True)
class Queue:
    """A number that rings all its lines for a while, lets the caller wait, and rings again.

    All rounds are one SIP transaction: Call-ID, From-tag and CSeq are the same in each. baresip answers 482 to such an
    INVITE until 5 s after the last one, so a phone that is to ring in every round needs a longer pause. A caller who
    gives up during a pause gets his 487 at its end.
    """

    lines: Sequence[str]
    ring: float = 1.0
    pause: float = 0.5
    rounds: int = 3


@dataclass(frozen=True, slots=True)
class PbxSettings:
    """How this PBX behaves; durations in seconds."""

    users: Mapping[str, str] = field(default_factory=dict)  # line → password
    usernames: Mapping[str, str] = field(default_factory=dict)  # line → digest user name, where it is not the line
    open_users: Sequence[str] = ()  # lines that register without digest
    numbers: Mapping[str, str | Sequence[str] | Queue] = field(default_factory=dict)  # called number → lines
    trunks: Sequence[str] | None = None  # source addresses that call without digest; None: every address
    realm: str = "pbx.test"
    algorithm: Literal["MD5", "SHA-256"] = "MD5"
    qop: Literal["auth", "none"] = "auth"
    challenge: Literal[401, 407] = 401
    nonce_expire: int = 300  # after that: stale=true
    max_contacts: int = 0  # of one line; 0: any number
    remove_existing: bool = False  # one contact for a line, who comes later throws the older off
    min_expires: int = 0  # shorter ones get 423
    max_expires: int = 3600  # longer ones are granted this
    default_expires: int = 120
    ring: float = 30.0  # until an unanswered call gets 408
    ipv6: bool = False  # serve [::1] as well


@dataclass(frozen=True, slots=True)
class Sockets:
    """host:port of everything that this Kamailio listens on, or sends to in vain."""

    sip: Sequence[str]
    rpc: str
    sink: str


def configuration(asked: PbxSettings, sockets: Sockets) -> str:
    listen = [f"listen=udp:{socket}" for socket in sockets.sip]
    values = _values(asked) | {"RPC_SOCKET": sockets.rpc, "SINK_SOCKET": sockets.sink}
    defines = [f'#!substdef "!{name}!{value}!g"' for name, value in values.items()]
    defines += [f"#!define {name}" for name, wanted in _switches(asked).items() if wanted]
    tables = [f"    $sht({table}=>{key}) = {_quoted(value)};" for table, key, value in _tables(asked)]
    parts = ["#!KAMAILIO", *listen, *defines, f'include_file "{ROUTES}"']
    return "\n".join([*parts, "event_route[htable:mod-init] {", *tables, "    return;", "}", ""])


def _values(asked: PbxSettings) -> dict[str, str | int]:
    return {
        "REALM": asked.realm,
        "QOP": 1 if asked.qop == "auth" else 0,
        "NONCE_EXPIRE": asked.nonce_expire,
        "MAX_CONTACTS": asked.max_contacts,
        "MIN_EXPIRES": asked.min_expires,
        "MAX_EXPIRES": asked.max_expires,
        "DEFAULT_EXPIRES": asked.default_expires,
        "RING_MS": round(asked.ring * 1000),
    }


def _switches(asked: PbxSettings) -> dict[str, bool]:
    return {
        "WITH_SHA256": asked.algorithm == "SHA-256",
        "WITH_407": asked.challenge == 407,
        "WITH_REMOVE_EXISTING": asked.remove_existing,
        "WITH_TRUNKS": asked.trunks is not None,
    }


def _tables(asked: PbxSettings) -> list[_Row]:
    names = {user: asked.usernames.get(user, user) for user in (*asked.users, *asked.open_users)}
    rows: list[_Row] = [("username", user, name) for user, name in names.items()]
    rows += [("password", names[user], password) for user, password in asked.users.items()]
    rows += [("open", user, "1") for user in asked.open_users]
    rows += [("trunk", address, "1") for address in asked.trunks or ()]
    for number, rung in asked.numbers.items():
        rows += _number_rows(number, rung)
    return rows


def _number_rows(number: str, rung: str | Sequence[str] | Queue) -> list[_Row]:
    if isinstance(rung, Queue):
        return [
            ("lines", number, " ".join(rung.lines)),
            ("rounds", number, rung.rounds),
            ("ring_ms", number, round(rung.ring * 1000)),
            ("pause_ms", number, round(rung.pause * 1000)),
        ]
    return [("lines", number, rung if isinstance(rung, str) else " ".join(rung))]


def _quoted(value: str | int) -> str:
    """As the configuration language writes it; tm takes its timers only as integers."""
    return str(value) if isinstance(value, int) else f'"{value}"'
