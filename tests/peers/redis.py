"""Redis as its users run it: one server, a primary with a replica under three Sentinels, a Cluster of three, TLS.

Comes in: a folder and loopback addresses, or a network of its own. Goes out: running servers that keep nothing on
disk, told and asked by redis-py's blocking client, which the product does not use.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import redis

from tests.peers.authority import Authority
from tests.peers.ports import Loopback, host_port
from tests.peers.process import Process, until
from tests.peers.space import Space

PRIMARY = "desks"
"""By this name the Sentinels know it."""
SLOTS = 16384
IN_SPACE = 6379
"""Its port, where all ports are its own."""
REPLICA = "replica"
"""The user by which one server follows another: shut out, it lacks what is written from then on."""
MAY_FOLLOW = (REPLICA, "on", ">follows", "+psync", "+replconf", "+ping")
LOOKS = 0.05
"""Seconds between two looks at several servers; callers and desks live in the same loop."""


class RedisServer:
    """more: of its configuration, as `redis-server --NAME VALUE` takes it. authority: then it speaks TLS alone, with a
    certificate for `address`; `unnamed` is another address of it, which stands in none. space: the network that it
    lives in, reached by each of its cables."""

    def __init__(
        self,
        directory: Path,
        loopback: Loopback,
        more: Mapping[str, str] | None = None,
        authority: Authority | None = None,
        space: Space | None = None,
    ) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.address = space.steady if space else loopback.address()
        self.port = IN_SPACE if space else loopback.port(self.address)
        certificate = authority.certificate(self.address) if authority else None
        self._secure = certificate is not None
        self.unnamed = loopback.address() if authority else self.address
        config = {
            "bind": "*" if space else " ".join({self.address, self.unnamed}),
            # Others take the source of a connection for the address of who sits there.
            "bind-source-addr": self.address,
            "replica-announce-ip": self.address,
            "cluster-announce-ip": self.address,
            "port": "0" if certificate else str(self.port),
            "dir": str(directory),
            "save": "",
            "protected-mode": "no",
            "maxmemory-policy": "noeviction",
            "hz": "100",
            "repl-diskless-sync-delay": "0",
            "masteruser": REPLICA,
            "masterauth": MAY_FOLLOW[2].removeprefix(">"),
        }
        if certificate is not None:
            config |= {
                "tls-port": str(self.port),
                "tls-cert-file": str(certificate.chain),
                "tls-key-file": str(certificate.key),
                "tls-auth-clients": "no",
                "tls-ca-cert-file": str(certificate.chain),
            }
        options = [word for name, value in (config | dict(more or {})).items() for word in (f"--{name}", value)]
        within = space.command if space else []
        self.process = Process([*within, "redis-server", *options], log=directory / "redis.log")

    @property
    def host(self) -> str:
        return host_port(self.address, self.port)

    @property
    def url(self) -> str:
        return f"{'rediss' if self._secure else 'redis'}://{self.host}"

    async def start(self) -> None:
        self.process.start()
        await self.process.ready(self._answers, "it answers PING")
        self.join()

    def kill(self) -> None:
        self.process.kill()

    def pause(self) -> None:
        """It stands still, its connections stay, and nobody answers."""
        self.process.send(signal.SIGSTOP)

    def wake(self) -> None:
        self.process.send(signal.SIGCONT)

    def say(self, *command: Any) -> Any:
        """As its administrator; strings as text."""
        with self._client() as client:
            return client.execute_command(*command)

    def info(self, section: str) -> dict[str, Any]:
        found: dict[str, Any] = self.say("INFO", section)
        return found

    def names(self) -> set[str]:
        """Of who is connected, as CLIENT SETNAME says."""
        return {one["name"] for one in self.say("CLIENT LIST")}

    def part(self) -> None:
        """Who follows it gets nothing any more, and cannot come back before `join`."""
        self.say("ACL SETUSER", REPLICA, "off")
        self.say("CLIENT KILL", "TYPE", "replica")

    def join(self) -> None:
        self.say("ACL SETUSER", *MAY_FOLLOW)

    def follows(self) -> bool:
        """It has all that another one has, and goes on."""
        return bool(self.info("replication").get("master_link_status") == "up")

    def _client(self) -> redis.Redis:
        secure: dict[str, Any] = {"ssl": True, "ssl_cert_reqs": "none"} if self._secure else {}
        return redis.Redis(
            self.address, self.port, socket_timeout=5, decode_responses=True, single_connection_client=True, **secure
        )

    def _answers(self) -> bool:
        try:
            return bool(self.say("PING"))
        except redis.RedisError:
            return False


class Sentinels:
    """A primary, its replica, and three who watch them: a failover takes about two seconds, and they change places.
    space: of the primary, which can vanish with it; then it cannot follow the other one."""

    def __init__(self, directory: Path, loopback: Loopback, space: Space | None = None) -> None:
        self._directory, self._loopback = directory, loopback
        self.primary = RedisServer(directory / "primary", loopback, space=space)
        self.replica = RedisServer(directory / "replica", loopback)
        self.watching: list[tuple[str, int, Process]] = []

    @property
    def hosts(self) -> tuple[str, ...]:
        return tuple(host_port(address, port) for address, port, _ in self.watching)

    async def start(self) -> None:
        await asyncio.gather(self.primary.start(), self.replica.start())
        self.replica.say("REPLICAOF", self.primary.address, self.primary.port)
        await until(self.replica.follows, "the replica follows")
        for number in range(3):
            self.watching.append(self._sentinel(self._directory / f"sentinel{number}"))
        await until(self._agreed, "the Sentinels know each other and the replica", 20)

    async def fail_over(self) -> RedisServer:
        """The primary dies; returns the one that took its place. Two seconds; a Sentinel whose machine stood still for
        two seconds trusts itself no more for thirty (TILT)."""
        self.primary.kill()
        return await self.failed_over()

    async def failed_over(self) -> RedisServer:
        """The replica is the primary; returns it."""
        await until(lambda: self.replica.info("replication")["role"] == "master", "the replica was promoted", 60, LOOKS)
        self.primary, self.replica = self.replica, self.primary
        return self.primary

    async def again(self) -> None:
        """Who was killed comes back and follows the one of now. The Sentinels would see to that, in their own time."""
        await self.replica.start()
        self.primary.join()
        self.replica.say("REPLICAOF", self.primary.address, self.primary.port)
        await until(self.replica.follows, "the old primary follows", 60, LOOKS)
        await until(self._agreed, "the Sentinels know it", 60, LOOKS)

    def kill(self) -> None:
        for process in (*(one for _, _, one in self.watching), self.primary.process, self.replica.process):
            process.kill()

    def _sentinel(self, directory: Path) -> tuple[str, int, Process]:
        directory.mkdir(parents=True)
        address = self._loopback.address()
        port = self._loopback.port(address)
        file = directory / "sentinel.conf"
        file.write_text(
            f"bind {address}\nport {port}\nsentinel announce-ip {address}\ndir {directory}\nprotected-mode no\n"
            f"sentinel monitor {PRIMARY} {self.primary.address} {self.primary.port} 2\n"
            f"sentinel down-after-milliseconds {PRIMARY} 800\nsentinel failover-timeout {PRIMARY} 1000\n"
        )
        process = Process(["redis-server", str(file), "--sentinel"], log=directory / "sentinel.log")
        process.start()
        return address, port, process

    def _agreed(self) -> bool:
        for address, port, _ in self.watching:
            with redis.Redis(address, port, socket_timeout=5, decode_responses=True) as client:
                try:
                    known = client.execute_command("SENTINEL MASTER", PRIMARY)
                except redis.RedisError:
                    return False
            if (known["flags"], known["num-slaves"], known["num-other-sentinels"]) != ("master", 1, 2):
                return False
        return True


class RedisCluster:
    """Three servers with a third of the slots each, and with as many replicas for each: then who dies is replaced
    within about two seconds."""

    def __init__(self, directory: Path, loopback: Loopback, replicas: int = 0) -> None:
        more = {"cluster-enabled": "yes", "cluster-node-timeout": "500", "cluster-config-file": "nodes.conf"}
        self._all = []
        for number in range(3 * (1 + replicas)):
            bus = str(loopback.port(loopback.address()))
            self._all.append(RedisServer(directory / f"cluster{number}", loopback, more | {"cluster-port": bus}))
        self.servers = self._all[:3]

    async def start(self) -> None:
        await asyncio.gather(*(server.start() for server in self._all))
        first = self.servers[0]
        for number, server in enumerate(self.servers):
            server.say("CLUSTER ADDSLOTSRANGE", number * SLOTS // 3, (number + 1) * SLOTS // 3 - 1)
        for server in self._all:
            # Two who claim one number of the configuration settle it slowly by themselves.
            server.say("CLUSTER SET-CONFIG-EPOCH", self._all.index(server) + 1)
            if server is not first:
                first.say("CLUSTER MEET", server.address, server.port, self._bus(server))
        await until(lambda: all(map(self._whole, self._all)), "the cluster stands", 20)
        for number, server in enumerate(self._all[3:]):
            server.say("CLUSTER REPLICATE", self.name(self.servers[number % 3]))
        await until(lambda: all(server.follows() for server in self._all[3:]), "each replica follows", 20)
        await until(lambda: all(map(self._whole, self._all)), "the cluster stands", 20)

    def holder(self, slot: int) -> RedisServer:
        """As it was at first."""
        return self.servers[next(n for n in range(3) if slot < (n + 1) * SLOTS // 3)]

    async def fail_over(self, slot: int) -> tuple[RedisServer, RedisServer]:
        """Who holds this slot dies; returns it, and the one that took its place."""
        *_, dies = (server for server in self._all if _holder(self._all[-1], slot) == server.host)
        others = [server for server in self._all if server is not dies]
        dies.kill()

        def is_replaced() -> bool:
            return all(_holder(one, slot) not in ("", dies.host) for one in others)

        await until(is_replaced, "a replica took over", 60, LOOKS)
        return dies, next(one for one in others if one.host == _holder(one, slot))

    async def again(self, server: RedisServer) -> None:
        """Who was killed comes back, and follows the one that took its place."""
        await server.start()
        for one in self._all:
            one.join()
        await until(server.follows, "the old master follows", 60, LOOKS)
        await until(lambda: all(map(self._whole, self._all)), "the cluster stands", 20, LOOKS)

    def name(self, server: RedisServer) -> str:
        return str(server.say("CLUSTER MYID"))

    def kill(self) -> None:
        for server in self._all:
            server.kill()

    def _bus(self, server: RedisServer) -> int:
        return int(server.say("CONFIG GET", "cluster-port")["cluster-port"])

    def _whole(self, server: RedisServer) -> bool:
        said: dict[str, str] = server.say("CLUSTER INFO")
        return said["cluster_state"] == "ok" and said["cluster_known_nodes"] == str(len(self._all))


def _holder(asked: RedisServer, slot: int) -> str:
    """HOST:PORT as this server believes; "" where nobody holds it."""
    shards = asked.say("CLUSTER SLOTS")
    return next((host_port(*shard[2][:2]) for shard in shards if shard[0] <= slot <= shard[1]), "")


@contextlib.contextmanager
def redis_running(directory: Path) -> Iterator[RedisServer]:
    """A stand-alone one, on an address of its own."""
    with Loopback() as addresses:
        running = RedisServer(directory, addresses)
        asyncio.run(running.start())
        try:
            yield running
        finally:
            running.kill()


@contextlib.asynccontextmanager
async def stopped(server: RedisServer) -> AsyncIterator[None]:
    """It stands still for so long."""
    server.pause()
    try:
        yield
    finally:
        server.wake()
