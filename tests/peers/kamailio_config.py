"""How the PBX of a test behaves, and the configuration file that makes Kamailio behave so.

Comes in: PbxSettings. Goes out: the text of a configuration that sets addresses, switches and tables and includes
kamailio.cfg, where the routes are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.peers.authority import Certificate, CertificateKind

ROUTES = Path(__file__).with_name("kamailio.cfg")
PRESENCE_ROUTES = Path(__file__).with_name("kamailio_presence.cfg")
# Debian's empty tables; the module reads them once and keeps everything else in memory.
TABLES = Path("/usr/share/kamailio/dbtext/kamailio")
TABLE_NAMES = ("version", "presentity", "active_watchers", "watchers", "pua")
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
    refused: Mapping[str, int] = field(default_factory=dict)  # called number → final answer; 0: never one
    trunks: Sequence[str] | None = None  # source addresses that call without digest; None: every address
    realm: str = "pbx.test"
    algorithm: Literal["MD5", "SHA-256", "both"] = "MD5"  # both: two challenges in one answer, SHA-256 or MD5 will do
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
    tcp: bool = False  # serve TCP as well, on a port of its own
    tls: bool = False  # serve TLS as well, on a port of its own
    certificate: CertificateKind = "good"  # what it shows there, for its addresses, localhost and the realm
    names: Sequence[str] = ()  # and for these names and addresses: of a wire before it, perhaps
    presence: bool = False  # dialog-info of all lines, each for its own account
    observers: Mapping[str, str] = field(default_factory=dict)  # account → password: may watch all lines
    line_dialogs: bool = False  # each line of a group is called by itself: dialog-info then tells who answered
    min_watch: int = 0  # seconds; shorter subscriptions get 423
    max_watch: int = 3600  # longer ones are granted this


@dataclass(frozen=True, slots=True)
class Places:
    """Where this Kamailio listens, what it sends to in vain, and what it reads."""

    listen: Sequence[str]  # udp:host:port, tcp:…, tls:…
    sip: str  # host:port of UDP over IPv4
    rpc: str
    sink: str
    tables: Path
    certificate: Certificate | None


def configuration(asked: PbxSettings, places: Places) -> str:
    listen = [f"listen={socket}" for socket in places.listen]
    values = _values(asked) | _places(places)
    defines = [f'#!substdef "!{name}!{value}!g"' for name, value in values.items()]
    defines += [f"#!define {name}" for name, wanted in _switches(asked).items() if wanted]
    tables = [f"    $sht({table}=>{key}) = {_quoted(value)};" for table, key, value in _tables(asked)]
    listen += [f'alias="{asked.realm}"'] if asked.presence else []
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
        "MIN_WATCH": asked.min_watch,
        "MAX_WATCH": asked.max_watch,
        "TCP_LIFETIME": asked.max_expires + 60,
    }


def _places(places: Places) -> dict[str, str | int]:
    shown = places.certificate
    return {
        "TLS_CERTIFICATE": "" if shown is None else str(shown.chain),
        "TLS_KEY": "" if shown is None else str(shown.key),
        "SIP_SOCKET": places.sip,
        "SIP_ADDRESS": places.sip.partition(":")[0],
        "RPC_SOCKET": places.rpc,
        "SINK_SOCKET": places.sink,
        "PRESENCE_ROUTES": str(PRESENCE_ROUTES),
        "PRESENCE_TABLES": str(places.tables),
    }


def _switches(asked: PbxSettings) -> dict[str, bool]:
    return {
        "WITH_SHA256": asked.algorithm != "MD5",
        "WITH_BOTH": asked.algorithm == "both",
        "WITH_TCP": asked.tcp or asked.tls,
        "WITH_TLS": asked.tls,
        "WITH_PRESENCE": asked.presence,
        "WITH_LINE_DIALOGS": asked.line_dialogs,
        "WITH_407": asked.challenge == 407,
        "WITH_REMOVE_EXISTING": asked.remove_existing,
        "WITH_TRUNKS": asked.trunks is not None,
    }


def _tables(asked: PbxSettings) -> list[_Row]:
    names = {user: asked.usernames.get(user, user) for user in (*asked.users, *asked.open_users)}
    rows: list[_Row] = [("username", user, name) for user, name in names.items()]
    rows += [("password", names[user], password) for user, password in asked.users.items()]
    rows += [("open", user, "1") for user in asked.open_users]
    rows += [("password", name, password) for name, password in asked.observers.items()]
    rows += [("observer", name, "1") for name in asked.observers if asked.presence]
    rows += [("trunk", address, "1") for address in asked.trunks or ()]
    rows += [("refused", number, status) for number, status in asked.refused.items()]
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
