"""The start of a node among others: its secret, from its own disk or from Redis, and who it is."""

from functools import partial

import structlog

from ctibridge.cluster.adapters import looking
from ctibridge.cluster.adapters.connection import Redis
from ctibridge.cluster.adapters.faults import RedisFault, Refused
from ctibridge.cluster.keys import Keys
from ctibridge.cluster.settings import RedisAccess
from ctibridge.config import NodeSettings
from ctibridge.health import Health
from ctibridge.installation import StartError
from ctibridge.joining import passport
from ctibridge.joining.directory import Directory
from ctibridge.joining.node import Accesses, Joined
from ctibridge.lookup.adapters.schema import FILE

log = structlog.get_logger()


async def begin(node: NodeSettings, access: RedisAccess, health: Health, accesses: Accesses) -> Joined:
    """accesses: of all lines of the configuration. Raises StartError: a node that never met the others needs Redis to
    start; one that did starts without it, but with none that is too old."""
    name, state_dir = node.name, node.state_dir
    known = passport.known_key(state_dir)
    try:
        key = await _shared_key(access, name, known)
    except RedisFault as fault:
        if isinstance(fault, Refused) and fault.code == looking.TOO_OLD:
            raise StartError(f"[redis]: {fault}") from None
        if known is None:
            raise StartError(f"[redis]: {fault}; a node needs it for its first start") from None
        log.warning("redis_failed", why=str(fault))
        key = known
    joined = Joined(name, access, passport.show(state_dir, key), health, accesses)
    joined.directory = Directory(state_dir / FILE, access, name, partial(health.remark_or_well, "directory"))
    return joined


async def _shared_key(access: RedisAccess, name: str, known: bytes | None) -> bytes:
    """The cluster's, which is ours where Redis has none. Raises RedisFault."""
    redis = Redis(access, name)
    key = Keys(redis.prefix).secret
    link = redis.link(key)
    ours = known or passport.fresh_key()
    try:
        await looking.fit(link)
        theirs = await link.call("SET", key, ours, "NX", "GET")
    finally:
        await link.close()
    if isinstance(theirs, bytes) and theirs != ours:
        if known is not None:
            log.warning("cluster_secret_changed", mend="nothing, if this node comes from another cluster")
        return theirs
    return ours
