"""Why a CANCEL was sent."""

import pytest

from ctibridge.sip import limits
from ctibridge.sip.reason import completed_elsewhere


@pytest.mark.parametrize(
    ("lines", "elsewhere"),
    [
        (['SIP;cause=200;text="Call completed elsewhere"'], True),
        (["sip ; cause=200"], True),
        (['SIP;text="Call completed elsewhere";cause=200'], True),
        (["Q.850;cause=26"], True),
        (["Q.850;cause=127", "SIP;cause=200"], True),
        (['Q.850;cause=16, SIP;cause=200;text="a,b"'], True),
        (['SIP;text="; cause=200"'], False),
        (["Q.850;cause=127"], False),
        (["Q.850;cause=200"], False),
        (["SIP;cause=26"], False),
        (["SIP;cause=487"], False),
        (["preemption ;cause=200"], False),
        (["", ";", "200", "SIP"], False),
        ([], False),
    ],
)
def test_completed_elsewhere(lines: list[str], elsewhere: bool) -> None:
    assert completed_elsewhere(lines) is elsewhere


def test_what_cannot_be_read_says_nothing_and_raises_nothing() -> None:
    assert not completed_elsewhere([",".join(["x"] * (limits.VALUES + 1))])
