"""What an administrator may say of the cluster: `[redis]`. Without that table nothing of this room is loaded."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, NamedTuple
from urllib.parse import SplitResult, urlsplit

import msgspec

from ctibridge.fields import Duration, Secret

Redundancy = Literal["one", "both"]
Kept = Literal["sqlite", "redis"]
PORT = 6379
SENTINEL_PORT = 26379
SHORTEST_LEASE = 2.0
"""Seconds: a node that is only busy for a moment must not count as gone."""
LONGEST_LEASE = 60.0


class Place(NamedTuple):
    """Where a server listens. host: a name or an address, IPv6 without brackets."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class RedisSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Several nodes, joined by one Redis (7 or newer).

    url: `redis://HOST:PORT/DB`, `rediss://` for TLS; it names no password. username, password: of an ACL user. ca_file:
    the authorities whose certificates count; default: the system's. sentinels: `HOST:PORT` of each Sentinel; then the
    url's host is the name by which they know the primary. sentinel_username, sentinel_password: where the Sentinels ask
    for their own. cluster: the url's host is one of a Redis Cluster. prefix: of all keys. weight: this node gets so
    many times the lines and desks of a node of weight 1. lease: so long after its last sign a node counts as gone, and
    another one takes its lines. redundancy: `both` has each line registered by two nodes. directory: `sqlite`, each
    node has its own copy, which follows the others; `redis`, people are in Redis, and on disk where they are imported.
    """

    url: str
    username: str | None = None
    password: Secret | None = None
    ca_file: str | None = None
    sentinels: tuple[str, ...] = ()
    sentinel_username: str | None = None
    sentinel_password: Secret | None = None
    cluster: bool = False
    prefix: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9._:-]{1,64}$")] = "ctibridge"
    weight: Annotated[float, msgspec.Meta(ge=0.1, le=100)] = 1.0
    lease: Duration = msgspec.field(default_factory=lambda: Duration(5))
    redundancy: Redundancy = "one"
    directory: Kept = "sqlite"

    def __post_init__(self) -> None:
        _check_url(self.url, self._parts)
        for sentinel in self.sentinels:
            _place(sentinel, SENTINEL_PORT)
        if not SHORTEST_LEASE <= self.lease <= LONGEST_LEASE:
            raise ValueError(f"lease is between {SHORTEST_LEASE:g} s and {LONGEST_LEASE:g} s")
        if self.cluster and self.sentinels:
            raise ValueError("sentinels and cluster are two ways; write one of them")
        if self.cluster and self.db:
            raise ValueError(f"url names database {self.db}, and a Redis Cluster has none; leave it out")

    @property
    def shares_people(self) -> bool:
        """They are in Redis, and not every node has them on its disk."""
        return self.directory == "redis"

    @property
    def _parts(self) -> SplitResult:
        return urlsplit(self.url)

    @property
    def tls(self) -> bool:
        return self._parts.scheme == "rediss"

    @property
    def place(self) -> Place:
        """With `sentinels`, its host is the primary's name."""
        return Place(self._parts.hostname or "", self._parts.port or PORT)

    @property
    def primary(self) -> str:
        """The name by which Sentinels know it, as it is written: they tell capitals from small letters."""
        return self._parts.netloc.partition(":")[0]

    @property
    def db(self) -> int:
        return int(self._parts.path.strip("/") or 0)

    @property
    def sentinel_places(self) -> tuple[Place, ...]:
        return tuple(_place(sentinel, SENTINEL_PORT) for sentinel in self.sentinels)

    def below(self, base: Path) -> "RedisSettings":
        """With `ca_file` resolved against the configuration's folder."""
        return self if self.ca_file is None else msgspec.structs.replace(self, ca_file=str(base / self.ca_file))


@dataclass(frozen=True, slots=True)
class RedisAccess:
    """The settings with their secrets, which print nowhere."""

    settings: RedisSettings
    password: str | None = field(default=None, repr=False)
    sentinel_password: str | None = field(default=None, repr=False)


def access(settings: RedisSettings, read: Callable[[Secret, str], str]) -> RedisAccess:
    """read: the text of a secret, told what it is of; what it raises is raised."""
    password = read(settings.password, "redis, password") if settings.password else None
    other = read(settings.sentinel_password, "redis, sentinel_password") if settings.sentinel_password else None
    return RedisAccess(settings, password, other)


def _check_url(url: str, parts: SplitResult) -> None:
    if parts.scheme not in {"redis", "rediss"} or not parts.hostname:
        raise ValueError(f"url is redis://HOST:PORT/DB, or rediss:// for TLS, not {_without_secret(url)!r}")
    if parts.password is not None or parts.username is not None:
        raise ValueError("url names no user and no password; write username and password = { file = … }")
    if not re.fullmatch(r"/?|/[0-9]{1,4}", parts.path) or parts.query or parts.fragment:
        raise ValueError("url ends with the number of a database at most; write redis://HOST:PORT/DB")
    _ = parts.port  # raises ValueError itself


def _without_secret(url: str) -> str:
    """What stands before an @ may be a password."""
    return url.rpartition("@")[2]


def _place(text: str, port: int) -> Place:
    parts = urlsplit(f"//{text}")
    if not parts.hostname or parts.username is not None or parts.netloc != text:
        raise ValueError('a Sentinel is written "HOST:PORT"')
    return Place(parts.hostname, parts.port or port)
