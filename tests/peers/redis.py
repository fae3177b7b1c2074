"""Redis as its users run it: one server, a primary with a replica under three Sentinels, a Cluster of three, TLS.

Comes in: a folder and loopback addresses. Goes out: running servers that keep nothing on disk, told and asked by
redis-py's blocking client, which the product does not use.
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

PRIMARY = "desks"
"""By this name the Sentinels know it."""
SLOTS = 16384


class RedisServer:
    """more: of its configuration, as `redis-server --NAME VALUE` takes it. authority: then it speaks TLS alone, with a
    certificate for `address`; `unnamed` is another address of it, which stands in none."""

    def __init__(
        self,
        directory: Path,
        loopback: Loopback,
        more: Mapping[str, str] | None = None,
        authority: Authority | None = None,
    ) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.address = loopback.address()
        self.port = loopback.port(self.address)
        certificate = authority.certificate(self.address) if authority else None
        self._secure = certificate is not None
        self.unnamed = loopback.address() if authority else self.address
        config = {
            "bind": " ".join({self.address, self.unnamed}),
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
        self.process = Process(["redis-server", *options], log=directory / "redis.log")

    @property
    def host(self) -> str:
        return host_port(self.address, self.port)

    @property
    def url(self) -> str:
        return f"{'rediss' if self._secure else 'redis'}://{self.host}"

    async def start(self) -> None:
        self.process.start()
        await self.process.ready(self._answers, "it answers PING")

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
    """A primary, its replica, and three who watch them: a failover takes about a second."""

    def __init__(self, directory: Path, loopback: Loopback) -> None:
        self._directory, self._loopback = directory, loopback
        self.primary = RedisServer(directory / "primary", loopback)
        replica = {"replicaof": f"{self.primary.address} {self.primary.port}"}
        self.replica = RedisServer(directory / "replica", loopback, replica)
        self.watching: list[tuple[str, int, Process]] = []

    @property
    def hosts(self) -> tuple[str, ...]:
        return tuple(host_port(address, port) for address, port, _ in self.watching)

    async def start(self) -> None:
        await self.primary.start()
        await self.replica.start()
        await until(lambda: self.replica.info("replication")["master_link_status"] == "up", "the replica follows")
        for number in range(3):
            self.watching.append(self._sentinel(self._directory / f"sentinel{number}"))
        await until(self._agreed, "the Sentinels know each other and the replica")

    async def fail_over(self) -> RedisServer:
        """The primary dies; returns the one that took its place. Two seconds; a Sentinel whose machine stood still for
        two seconds trusts itself no more for thirty (TILT)."""
        self.primary.kill()
        await until(lambda: self.replica.info("replication")["role"] == "master", "the replica was promoted", 60)
        return self.replica

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
            f"sentinel down-after-milliseconds {PRIMARY} 300\nsentinel failover-timeout {PRIMARY} 1000\n"
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
            if int(known["num-slaves"]) != 1 or int(known["num-other-sentinels"]) != 2:
                return False
        return True


class RedisCluster:
    """Three servers with a third of the slots each."""

    def __init__(self, directory: Path, loopback: Loopback) -> None:
        more = {"cluster-enabled": "yes", "cluster-node-timeout": "500", "cluster-config-file": "nodes.conf"}
        self.servers = []
        for number in range(3):
            bus = str(loopback.port(loopback.address()))
            self.servers.append(RedisServer(directory / f"cluster{number}", loopback, more | {"cluster-port": bus}))

    async def start(self) -> None:
        await asyncio.gather(*(server.start() for server in self.servers))
        first = self.servers[0]
        for number, server in enumerate(self.servers):
            server.say("CLUSTER ADDSLOTSRANGE", number * SLOTS // 3, (number + 1) * SLOTS // 3 - 1)
        for server in self.servers[1:]:
            first.say("CLUSTER MEET", server.address, server.port, self._bus(server))
        await until(lambda: all(self._whole(server) for server in self.servers), "the cluster stands", 20)

    def holder(self, slot: int) -> RedisServer:
        return self.servers[next(n for n in range(3) if slot < (n + 1) * SLOTS // 3)]

    def name(self, server: RedisServer) -> str:
        return str(server.say("CLUSTER MYID"))

    def kill(self) -> None:
        for server in self.servers:
            server.kill()

    def _bus(self, server: RedisServer) -> int:
        return int(server.say("CONFIG GET", "cluster-port")["cluster-port"])

    def _whole(self, server: RedisServer) -> bool:
        said: dict[str, str] = server.say("CLUSTER INFO")
        return said["cluster_state"] == "ok" and said["cluster_known_nodes"] == "3"


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
