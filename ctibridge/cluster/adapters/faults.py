"""What goes wrong between us and Redis, in one line with the mend behind a semicolon; no secret, no key's content.

`Unreachable`: nobody can say whether the command was carried out, or nothing could be sent. `Refused`: Redis has said
no, and nothing was done.
"""

import re
import ssl
from collections.abc import Iterator

from redis import exceptions as redis

from ctibridge.cluster.keys import patterns

REACH = "see that Redis runs, and that url and firewall let us reach it"
_FOREIGN = re.compile(r"'([a-z|]+)' command", re.IGNORECASE)


class RedisFault(Exception):
    """One line: what, where; the mend."""


class Unreachable(RedisFault):
    """Nothing was sent, or no answer came."""


class Refused(RedisFault):
    """Redis answered that it will not. code: its first word, like NOPERM."""

    def __init__(self, told: str, code: str) -> None:
        super().__init__(told)
        self.code = code


def fault(error: BaseException, where: str, user: str, prefix: str) -> RedisFault:
    """error: what redis-py or the network raised. where: HOST:PORT. user: the ACL user's name, prefix: of the keys, as
    the mend names both."""
    if isinstance(error, RedisFault):
        return error
    if isinstance(error, redis.AuthenticationError | redis.AuthorizationError):
        told = f"{where} refuses user {user}; mend username and password, or ACL SETUSER {user} on >PASSWORD in Redis"
        return Refused(told, "WRONGPASS")
    if isinstance(error, redis.ResponseError):
        return _refused(error, where, user, prefix)
    return Unreachable(_not_reached(error, where))


def _refused(error: redis.ResponseError, where: str, user: str, prefix: str) -> RedisFault:
    said = str(error)
    if isinstance(error, redis.NoPermissionError) or "can't run this command" in said or "ACL failure" in said:
        return Refused(f"{where}: {_forbidden(said, user, prefix)}", "NOPERM")
    if isinstance(error, redis.ReadOnlyError):
        return Unreachable(f"{where} is a replica; write the primary's address as url, or name the sentinels")
    if isinstance(error, redis.ClusterDownError | redis.TryAgainError):
        return Unreachable(f"{where}: the Redis Cluster is down; see CLUSTER INFO and CLUSTER NODES there")
    if isinstance(error, redis.OutOfMemoryError):
        return Refused(f"{where}: Redis is full; raise maxmemory there", "OOM")
    if said.startswith("MISCONF"):
        return Refused(f"{where}: Redis cannot write its disk and takes no changes; make room there", "MISCONF")
    if said.startswith("NOREPLICAS"):
        mend = "bring its replicas back, or lower min-replicas-to-write there"
        return Refused(f"{where}: Redis has too few replicas and takes no changes; {mend}", "NOREPLICAS")
    code = said.partition(" ")[0]
    # Of what Redis says no more than its first word: the rest may quote what we sent.
    told = (
        f"{where}: Redis refuses a command ({code[:32] if code.isupper() else 'ERR'}); see that it is Redis 7 or newer"
    )
    return Refused(told, code)


def _forbidden(said: str, user: str, prefix: str) -> str:
    if "key" in said and "command" not in said:
        return f"user {user} may not touch our keys; ACL SETUSER {user} {patterns(prefix)}"
    named = _FOREIGN.search(said)
    if named is None:
        return f"user {user} may not use a command; give it the ACL rule of docs/cluster.md"
    return f"user {user} may not use {named[1].upper().replace('|', ' ')}; ACL SETUSER {user} +{named[1].lower()}"


def _not_reached(error: BaseException, where: str) -> str:
    for one in _chain(error):
        if isinstance(one, ssl.SSLCertVerificationError):
            mend = "mend url, ca_file or Redis's certificate"
            return f"{where}: its certificate is refused: {one.verify_message or 'it shows another name'}; {mend}"
        if isinstance(one, ssl.SSLError):
            return f"{where} speaks no TLS there; write redis:// in url, or the port of TLS"
        if isinstance(one, ConnectionRefusedError):
            return f"{where}: nobody listens there; {REACH}"
        if isinstance(one, TimeoutError | redis.TimeoutError):
            return f"{where}: no answer in time; {REACH}"
        if isinstance(one, redis.BusyLoadingError):
            return f"{where}: Redis still loads its data; wait"
        if isinstance(one, OSError) and one.errno is not None and one.errno < 0:  # socket.gaierror
            return f"{where}: no such host; mend url, or the name server that this machine asks"
    return f"{where}: the connection broke; {REACH}"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """redis-py wraps what happened: the inner ones say more."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
