"""What an administrator may say of the cluster: `[redis]`. Without that table nothing of this room is loaded."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from ctibridge.fields import Duration, Secret

SHORTEST_LEASE = 2.0
"""Seconds: a node that is only busy for a moment must not count as gone."""
LONGEST_LEASE = 60.0

Redundancy = Literal["one", "both"]
Kept = Literal["sqlite", "redis"]


class RedisSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Several nodes, joined by one Redis (7 or newer).

    url: `redis://HOST:PORT/DB`, `rediss://` for TLS; it names no password. username, password: of an ACL user. ca_file:
    the authorities whose certificates count; default: the system's. sentinels: `HOST:PORT` of each Sentinel; then the
    url's host is the name by which they know the primary. cluster: the url's host is one of a Redis Cluster. prefix: of
    all keys. weight: this node gets so many times the lines and desks of a node of weight 1. lease: so long after its
    last sign a node counts as gone, and another one takes its lines. redundancy: `both` has each line registered by two
    nodes. directory: `sqlite`, each node has its own copy; `redis`, all share one.
    """

    url: str
    username: str | None = None
    password: Secret | None = None
    ca_file: str | None = None
    sentinels: tuple[str, ...] = ()
    cluster: bool = False
    prefix: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9._:-]{1,64}$")] = "ctibridge"
    weight: Annotated[float, msgspec.Meta(ge=0.1, le=100)] = 1.0
    lease: Duration = msgspec.field(default_factory=lambda: Duration(5))
    redundancy: Redundancy = "one"
    directory: Kept = "sqlite"

    def __post_init__(self) -> None:
        address = urlsplit(self.url)
        if address.scheme not in {"redis", "rediss"} or not address.hostname:
            raise ValueError(f"url is redis://HOST:PORT/DB, or rediss:// for TLS, not {_without_secret(self.url)!r}")
        if address.password is not None or address.username is not None:
            raise ValueError("url names no user and no password; write username and password = { file = … }")
        if not SHORTEST_LEASE <= self.lease <= LONGEST_LEASE:
            raise ValueError(f"lease is between {SHORTEST_LEASE:g} s and {LONGEST_LEASE:g} s")
        if self.cluster and self.sentinels:
            raise ValueError("sentinels and cluster are two ways; write one of them")


def _without_secret(url: str) -> str:
    """What stands before an @ may be a password."""
    return url.rpartition("@")[2]
