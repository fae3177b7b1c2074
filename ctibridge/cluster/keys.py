"""Every key that we have in Redis: its name, what lies there, how long, who writes it. docs/cluster.md shows it.

Those of the cluster stand under one hash tag, `{prefix}`: a script may touch them together, and in a Redis Cluster they
lie on one shard. People, with `directory = "redis"`, are spread over 64 tags, `{prefix:dNN}`, and so over all of them.
"""

from dataclasses import dataclass

STREAM_LIFETIME = 60.0
"""Seconds. What was said of calls lies in the streams so long at most, by Redis's own clock; the streams themselves go
twice that long after the last node, what a node told goes with it."""
DESKS_LIFETIME = 300
"""Seconds for which the desks of a lot lie there, on their way to the next node."""
CALLS_LIFETIME = 7_200
"""Seconds behind the last call of a desk; each call is taken out half an hour after its end."""
SAID_TO_ALL = 100_000
SAID_TO_ONE = 20_000
"""Entries of a stream, roughly: three minutes of a floor that rings 500 times a second, and the age counts first."""


@dataclass(frozen=True, slots=True)
class Kept:
    """name: NODE, LIFE, LOT, TOKEN stand for what differs. kind: Redis's own word. lifetime: for people."""

    name: str
    kind: str
    what: str
    lifetime: str
    writer: str


COMMANDS = (
    "client|setname", "info", "time", "role", "cluster|slots", "asking", "evalsha", "eval", "get", "set", "del",
    "expire", "pexpire", "hget", "hgetall", "hvals", "hset", "hsetnx", "hdel", "xadd", "xread", "xinfo|stream", "xtrim",
    "exists", "unlink", "hexists", "hmget", "rpush", "lindex", "lrange", "xdel", "xlen", "xrange", "zadd", "zrem",
    "zrangebylex", "zlexcount",
)  # fmt: skip
"""All that an ACL user must be allowed; `select` as well where the url names another database than 0."""


def acl_rule(user: str, prefix: str) -> str:
    """What an administrator types for a user that may do this and nothing else; no channels are used."""
    allowed = " ".join(f"+{command}" for command in COMMANDS)
    return f"ACL SETUSER {user} reset on >PASSWORD {patterns(prefix)} {allowed}"


def patterns(prefix: str) -> str:
    """Of all our keys, as an ACL rule names them."""
    return f"~{{{prefix}}}:* ~{{{prefix}:d??}}:*"


_EMPTIED = "until Redis is emptied"
_KEEPER = "a keeper"
_LEFT = "until he leaves the directory, or the next generation counts"
_ANOTHER = "until another one counts"
TABLE = (
    Kept("all", "stream", "what every node carries out in one order: commands of desks", "60 s", "each node"),
    Kept("told:NODE:LIFE", "stream", "what the others hear of one node: facts of its calls", "60 s", "that node"),
    Kept("in:NODE", "stream", "what one node alone hears: frames of relayed desks", "60 s", "each node"),
    Kept("registry", "hash", "when it was born, until when nothing may be claimed", _EMPTIED, "`ask.lua`"),
    Kept("lots", "hash", "by lot: node, incarnation, token, who is next", _EMPTIED, "`ask.lua`"),
    Kept("desks:LOT:TOKEN", "hash", "by agent: his desk, on its way to the next node", "300 s", "the node before"),
    Kept("calls:AGENT", "hash", "by call: as his desk was told of it last", "2 h", "the desk's home"),
    Kept("wrote:NODE", "string", "which of this node's rows of calls was the last", "2 h", "`calls.lua`"),
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
    Kept("directory:shared", "hash", "people in Redis: which generation counts, of which version", _EMPTIED, _KEEPER),
    Kept("directory:accounts", "hash", "people in Redis: accounts that had any, by id", _EMPTIED, _KEEPER),
    Kept("directory:turn", "string", "people in Redis: a word of who writes them", _EMPTIED, _KEEPER),
)
"""Those of the directory: docs/cluster-directory.md."""
PEOPLE = (
    Kept("turn", "string", "a word of who writes people", _EMPTIED, _KEEPER),
    Kept("made", "hash", "generations that have keys here", _EMPTIED, _KEEPER),
    Kept("GENERATION:here", "string", "that this shard is whole, and of which version", _ANOTHER, _KEEPER),
    Kept("GENERATION:n:BUCKET", "sorted set", "numbers, packed: account, person, labels", _LEFT, _KEEPER),
    Kept("GENERATION:p:BUCKET", "hash", "records of people, packed, by account and id", _LEFT, _KEEPER),
    Kept("GENERATION:w:GROUP:ACCOUNT", "sorted set", "words of names, with whose they are", _LEFT, _KEEPER),
    Kept("GENERATION:i:GROUP:ACCOUNT", "sorted set", "ids and addresses, with whose they are", _LEFT, _KEEPER),
)
"""Only with `directory = "redis"`, each under `{PREFIX:dNN}:`, NN from 00 to 3f."""


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

    def told(self, node: str, incarnation: str) -> str:
        return f"{self._tag}told:{node}:{incarnation}"

    def inbox(self, node: str) -> str:
        return f"{self._tag}in:{node}"

    def desks(self, lot: int, token: int) -> str:
        return f"{self._tag}desks:{lot}:{token}"

    def wrote(self, node: str) -> str:
        return f"{self._tag}wrote:{node}"

    def calls(self, agent: str) -> str:
        return f"{self._tag}calls:{agent}"
