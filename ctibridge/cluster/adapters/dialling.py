"""How a connection is opened: TLS, user, database, and that the server is what it was taken for."""

import ssl
from typing import Any

from redis.asyncio.connection import Connection, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from ctibridge.cluster.adapters.faults import RedisFault, fault
from ctibridge.cluster.adapters.wire import Wire
from ctibridge.cluster.settings import Place, RedisAccess

# RESP2: each reply belongs to a command, and nothing else ever comes on the connection; RESP3 may push.
PROTOCOL = 2


class Dialling:
    """Raises RedisFault for a `ca_file` that is none. name: of this node; CLIENT LIST shows our connections by it."""

    def __init__(self, access: RedisAccess, name: str) -> None:
        settings = access.settings
        self._all: dict[str, Any] = {
            # How long is waited, who calls says, and for the whole of it; redis-py repeats nothing by itself.
            "socket_timeout": None,
            "socket_connect_timeout": None,
            "retry": Retry(NoBackoff(), 0),
            "health_check_interval": 0,
            "protocol": PROTOCOL,
            "driver_info": None,  # CLIENT SETINFO would be one more command for the ACL rule
        }
        self._prefix = settings.prefix
        self._tls = _context(settings.ca_file) if settings.tls else None
        self._redis = _who(settings.username, access.password) | {"db": settings.db, "client_name": _plain(name)}
        self._sentinel = _who(settings.sentinel_username, access.sentinel_password)

    async def redis(self, place: Place) -> Wire:
        """Raises RedisFault."""
        return await self._open(place, self._redis)

    async def sentinel(self, place: Place) -> Wire:
        return await self._open(place, self._sentinel)

    def explain(self, error: BaseException) -> RedisFault:
        return fault(error, "redis", self._redis["username"] or "default", self._prefix)

    async def _open(self, place: Place, more: dict[str, Any]) -> Wire:
        user = more["username"] or "default"
        connection = self._connection(host=place.host, port=place.port, **self._all, **more)
        wire = Wire(connection, place, lambda error: fault(error, str(place), user, self._prefix))
        await wire.open()
        return wire

    def _connection(self, **settings: Any) -> Connection:
        if self._tls is None:
            return Connection(**settings)
        connection = SSLConnection(**settings)
        # Its own one would trust the system's authorities beside ours.
        connection.ssl_context.context = self._tls
        return connection


def _context(ca_file: str | None) -> ssl.SSLContext:
    """The host's name is checked, too. Raises RedisFault."""
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # ssl.SSLError is one
        what = "is no PEM certificate" if isinstance(error, ssl.SSLError) else str(error.strerror)
        mend = "name a PEM file with the authority's certificate"
        raise RedisFault(f"redis: ca_file {ca_file}: {what}; {mend}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _who(username: str | None, password: str | None) -> dict[str, Any]:
    return {"username": username, "password": password}


def _plain(name: str) -> str:
    """CLIENT SETNAME takes no blanks."""
    return "".join(letter if "!" <= letter <= "~" else "-" for letter in name)
