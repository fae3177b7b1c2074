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
    "exists", "unlink", "hexists", "hmget", "rpush", "lindex", "lrange", "xdel", "xlen", "xrange",
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
    Kept("directory:head", "hash", "where the directory of all stands", _EMPTIED, "who changes it"),
    Kept("directory:changes", "stream", "what changed in the directory, packed", "24 h", "who changes it"),
    Kept(
        "directory:pieces:NAME", "list", "of a large change, of a whole copy", "24 h, 10 min", "who changes it; a node"
    ),
    Kept("directory:whole", "hash", "which whole copy lies ready", "10 min", "a node"),
    Kept("directory:wanted", "string", "that a whole copy is needed", "30 s", "a node"),
    Kept("directory:making", "string", "which node makes one", "60 s", "a node"),
    Kept("directory:whole:small", "hash", "the same of a copy without people", "10 min", "a node"),
    Kept("directory:wanted:small", "string", "that such a one is needed", "30 s", "a node"),
    Kept("directory:making:small", "string", "which node makes it", "60 s", "a node"),
    Kept("directory:lease", "string", "whose turn it is to change the directory", "10 s", "a command"),
    Kept("directory:offers", "hash", "copies that offer themselves where there is no head", "seconds", "each node"),
)
"""Those of the directory: docs/cluster-directory.md."""


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
