"""Every key that we have in Redis: its name, what lies there, how long, who writes it. docs/cluster.md shows it.

All stand under one hash tag, `{prefix}`: a script may touch them together, and in a Redis Cluster they lie on one
shard.
"""

from dataclasses import dataclass

STREAM_LIFETIME = 60.0
"""Seconds. What was said of calls lies in the streams so long at most, by Redis's own clock; the streams themselves go
twice that long after the last node."""
DESKS_LIFETIME = 300
"""Seconds for which the desks of a lot lie there, on their way to the next node."""
CALLS_LIFETIME = 7_200
"""Seconds behind the last call of a desk; each call is taken out half an hour after its end."""
SAID_TO_ALL = 100_000
SAID_TO_ONE = 20_000
"""Entries of a stream, roughly: three minutes of a floor that rings 500 times a second, and the age counts first."""


@dataclass(frozen=True, slots=True)
class Kept:
    """name: NODE, LOT, TOKEN stand for what differs. kind: Redis's own word. lifetime: for people."""

    name: str
    kind: str
    what: str
    lifetime: str
    writer: str


COMMANDS = (
    "client|setname", "info", "time", "role", "cluster|slots", "asking", "evalsha", "eval", "get", "set", "del",
    "expire", "pexpire", "hget", "hgetall", "hvals", "hset", "hsetnx", "hdel", "xadd", "xread", "xinfo|stream", "xtrim",
    "hmget", "hexists", "exists", "unlink", "rpush", "lrange", "lindex", "xrange", "xdel", "xlen",
)  # fmt: skip
"""All that an ACL user must be allowed; `select` as well where the url names another database than 0."""


def acl_rule(user: str, prefix: str) -> str:
    """What an administrator types for a user that may do this and nothing else; no channels are used."""
    allowed = " ".join(f"+{command}" for command in COMMANDS)
    return f"ACL SETUSER {user} reset on >PASSWORD ~{{{prefix}}}:* {allowed}"


_EMPTIED = "until Redis is emptied"
_PUBLISHED = "`directory_publish.lua`"
TABLE = (
    Kept("all", "stream", "what every node hears: facts of calls, commands of desks", "60 s", "each node"),
    Kept("in:NODE", "stream", "what one node alone hears: frames of relayed desks", "60 s", "each node"),
    Kept("registry", "hash", "when it was born, until when nothing may be claimed", _EMPTIED, "`ask.lua`"),
    Kept("lots", "hash", "by lot: node, incarnation, token, who is next", _EMPTIED, "`ask.lua`"),
    Kept("desks:LOT:TOKEN", "hash", "by agent: his desk, on its way to the next node", "300 s", "the node before"),
    Kept("calls:AGENT", "hash", "by call: as his desk was told of it last", "2 h", "the desk's home"),
    Kept("secret", "string", "by what nodes know each other's contacts, and name calls", _EMPTIED, "the first node"),
    Kept("leases", "hash", "by node: incarnation, until when, what it says of itself", "one lease", "`ask.lua`"),
    Kept("directory:head", "hash", "number, stamp, version of the directory's last change", _EMPTIED, _PUBLISHED),
    Kept("directory:changes", "stream", "changes: people, numbers, hashes of tokens", "24 h, 256 MiB", _PUBLISHED),
    Kept("directory:pieces:NAME", "list", "a large change, or a whole copy", "as that; a copy 10 min", "whose it is"),
    Kept("directory:whole", "hash", "which whole copy lies ready", "10 min", "who made it"),
    Kept("directory:wanted", "string", "somebody needs a whole copy", "30 s", "who needs it"),
    Kept("directory:making", "string", "who makes one", "60 s", "who makes it"),
    Kept("directory:lease", "string", "who changes the directory now: user, node", "10 s", "`directory_lease.lua`"),
    Kept("directory:offers", "hash", "copies that offer themselves, with no head", "12 s", "`directory_begin.lua`"),
)


class Keys:
    """The names under one prefix."""

    def __init__(self, prefix: str) -> None:
        self._tag = f"{{{prefix}}}:"
        self.all = self._tag + "all"
        self.registry = self._tag + "registry"
        self.lots = self._tag + "lots"
        self.leases = self._tag + "leases"
        self.secret = self._tag + "secret"

    def directory(self, name: str) -> str:
        return f"{self._tag}directory:{name}"

    def inbox(self, node: str) -> str:
        return f"{self._tag}in:{node}"

    def desks(self, lot: int, token: int) -> str:
        return f"{self._tag}desks:{lot}:{token}"

    def calls(self, agent: str) -> str:
        return f"{self._tag}calls:{agent}"
