"""How connections are opened: signed in, named, in the database, with an authority that counts alone."""

from pathlib import Path

import pytest

from ctibridge.cluster.adapters.faults import RedisFault
from tests.cluster.conftest import reach
from tests.peers.redis import RedisServer


@pytest.mark.parametrize(("text", "why"), [(None, "No such file"), ("no", "is no PEM certificate")])
def test_a_ca_file_that_is_none_is_refused_at_once(tmp_path: Path, text: str | None, why: str) -> None:
    path = tmp_path / "ca.pem"
    if text is not None:
        path.write_text(text)
    with pytest.raises(RedisFault, match=f"^redis: ca_file .*ca.pem: {why}.*; name a PEM file"):
        reach("rediss://127.0.0.1", ca_file=str(path))


@pytest.mark.peer("redis-server")
async def test_who_is_connected_and_in_which_database(empty: RedisServer) -> None:
    link = reach(f"{empty.url}/5").link("a")
    assert await link.call("SET", "a", "b") == b"OK"
    assert [(one["name"], one["db"], one["resp"]) for one in empty.say("CLIENT LIST") if one["cmd"] == "set"] == [
        ("here", "5", "2")
    ]
    await link.close()
