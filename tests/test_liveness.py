"""All moves, or it is said what does not: to the health as long as it stands, to the log once."""

import structlog

from ctibridge.health import Health
from ctibridge.liveness import Liveness


def test_what_stands_still_is_said_until_it_moves_again() -> None:
    health, still = Health(), dict[str, str]()
    health.started()
    liveness = Liveness(health, {"writer": lambda: still.get("writer"), "sockets": lambda: still.get("sockets")})
    with structlog.testing.capture_logs() as logged:
        assert liveness.moves()
        still["writer"] = "it waits for the disk"
        assert not liveness.moves()
        still["sockets"] = "the UDP socket is closed"
        assert not liveness.moves()
        assert health.reasons() == ["it waits for the disk", "the UDP socket is closed"]
        del still["writer"]
        assert not liveness.moves()
        assert health.reasons() == ["the UDP socket is closed"]
        del still["sockets"]
        assert liveness.moves()
        assert health.reasons() == []
    assert [(line["event"], line["part"]) for line in logged] == [
        ("stands_still", "writer"), ("stands_still", "sockets"), ("moves_again", "writer"), ("moves_again", "sockets"),
    ]  # fmt: skip
