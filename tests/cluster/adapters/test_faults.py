"""What goes wrong with Redis, as an administrator reads it."""

import socket
import ssl

import pytest
from redis import exceptions as redis

from ctibridge.cluster.adapters.faults import RedisFault, Refused, Unreachable, fault


def told(error: BaseException) -> str:
    return str(fault(error, "r:1", "desk", "cti"))


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (redis.AuthenticationError("no"), "r:1 refuses user desk; mend username and password"),
        (redis.NoPermissionError("User desk has no permissions to run the 'client|setname' command"),
         "r:1: user desk may not use CLIENT SETNAME; ACL SETUSER desk +client|setname"),
        (redis.NoPermissionError("No permissions to access a key"),
         "r:1: user desk may not touch our keys; ACL SETUSER desk ~{cti}:* ~{cti:d??}:*"),
        (redis.ResponseError("The user executing the script can't run this command or subcommand script: abc"),
         "r:1: user desk may not use a command; give it the ACL rule of docs/cluster.md"),
        (redis.ReadOnlyError(""), "r:1 is a replica; write the primary's address"),
        (redis.ClusterDownError("The cluster is down"), "r:1: the Redis Cluster is down; see CLUSTER INFO"),
        (redis.OutOfMemoryError("x"), "r:1: Redis is full; raise maxmemory there"),
        (redis.ResponseError("MISCONF disk"), "r:1: Redis cannot write its disk"),
        (redis.ResponseError("NOREPLICAS Not enough"), "r:1: Redis has too few replicas and takes no changes; bring"),
        (redis.ResponseError("unknown command 'X', with args beginning with: 'secret'"),
         "r:1: Redis refuses a command (ERR); see that it is Redis 7 or newer"),
        (redis.BusyLoadingError("loading"), "r:1: Redis still loads its data; wait"),
        (TimeoutError(), "r:1: no answer in time; see that Redis runs"),
        (socket.gaierror(socket.EAI_NONAME, "unknown"), "r:1: no such host; mend url"),
        (ssl.SSLError("wrong version number"), "r:1 speaks no TLS there; write redis://"),
        (redis.ConnectionError("Connection closed by server."), "r:1: the connection broke; see that Redis runs"),
    ],
)  # fmt: skip
def test_each_in_one_line_with_its_mend(error: BaseException, text: str) -> None:
    assert told(error).startswith(text)
    assert "; " in told(error)
    assert "\n" not in told(error)
    assert "secret" not in told(error)


def test_what_redis_py_wrapped_is_looked_into() -> None:
    wrapped = redis.ConnectionError("Error 111 connecting to 10.0.0.9:6379.")
    wrapped.__context__ = ConnectionRefusedError(111, "Connection refused")
    assert told(wrapped).startswith("r:1: nobody listens there")


def test_no_answer_and_a_refusal_are_told_apart() -> None:
    assert isinstance(fault(TimeoutError(), "r", "u", "p"), Unreachable)
    refused = fault(redis.NoPermissionError("'get' command"), "r", "u", "p")
    assert isinstance(refused, Refused)
    assert refused.code == "NOPERM"


def test_a_fault_stays_as_it_is() -> None:
    known = RedisFault("told; mend")
    assert fault(known, "r", "u", "p") is known
