"""What a Redis says of itself, read."""

import pytest

from ctibridge.cluster.server import Server, parse

INFO = b"""# Server\r
redis_version:7.0.15\r
redis_mode:standalone\r
# Memory\r
used_memory:1024\r
maxmemory:0\r
maxmemory_policy:noeviction\r
# Persistence\r
aof_enabled:0\r
"""


def test_what_matters_of_it() -> None:
    server = parse(INFO)
    assert server == Server("7.0.15", "standalone", "noeviction", 1024, 0, keeps=False)
    assert not server.too_old
    assert not server.may_evict
    assert parse(INFO.replace(b"aof_enabled:0", b"aof_enabled:1")).keeps


@pytest.mark.parametrize(
    ("version", "too_old"),
    [("6.2.14", True), ("6.9", True), ("7.0", False), ("7.2.4", False), ("8.0-rc1", False), ("255.255.255", False),
     ("²", True), ("", True)],
)  # fmt: skip
def test_seven_is_the_oldest(version: str, too_old: bool) -> None:
    assert parse(INFO.replace(b"7.0.15", version.encode())).too_old is too_old


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-ttl"])
def test_what_throws_keys_away_when_it_is_full(policy: str) -> None:
    """Streams have an end, so that `volatile` takes them."""
    assert parse(INFO.replace(b"noeviction", policy.encode())).may_evict


@pytest.mark.parametrize("info", [b"", b"HTTP/1.1 400\r\n", INFO.replace(b"used_memory:1024", b"used_memory:x")])
def test_what_is_no_redis(info: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011, several things are wrong there
        parse(info)
