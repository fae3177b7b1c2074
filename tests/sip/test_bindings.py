"""Whose contacts a 200 lists."""

import pytest

from ctibridge.sip import bindings, limits
from ctibridge.sip.bindings import Bindings
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.message import Headers

OURS = "sip:token@192.0.2.1:5066"
PHONE = "<sip:6001@192.0.2.50:5060>;expires=3600"


def read(*contacts: str, expires: str | None = None) -> Bindings:
    lines = [("contact", contact) for contact in contacts]
    lines += [("expires", expires)] if expires is not None else []
    return bindings.read(Headers(tuple(lines)), OURS, 120)


@pytest.mark.parametrize(
    ("found", "seconds", "others"),
    [
        (read(f"<{OURS}>;expires=60"), 60, 0),
        (read(f"<{OURS}>;expires=60", PHONE), 60, 1),
        (read(f"{PHONE}, <{OURS}>;expires=60, <sip:b@192.0.2.51>;expires=9"), 60, 2),
        (read(f"<{OURS}>", PHONE, expires="90"), 90, 1),
        (read(f"<{OURS}>"), 120, 0),
        (read(f"<{OURS}>;expires=soon"), 120, 0),
        (read("<sip:token@203.0.113.7:40000>;expires=60"), 60, 0),
        (read(f"<{OURS}>;expires=60", "<sip:earlier@192.0.2.1:5066>;expires=50"), 60, 0),
        (read(f"<{OURS}>;expires=60", "<sip:another@192.0.2.1:5067>;expires=50"), 60, 1),
        (read(f"<{OURS}>;expires=60", "<sip:gone@192.0.2.50>;expires=0"), 60, 0),
        (read(f"<{OURS}>;expires=60", "<mailto:x@y>", "nonsense", "*"), 60, 0),
    ],
    ids=[
        "alone", "beside a phone", "three in one line", "Expires of the message", "as asked", "odd expires",
        "behind NAT", "our earlier life", "another program on our host", "a phone that just left", "no devices",
    ],
)  # fmt: skip
def test_ours_and_the_others(found: Bindings, seconds: int, others: int) -> None:
    assert found == Bindings(seconds, others)


@pytest.mark.parametrize("found", [read(PHONE), read(f"<{OURS}>;expires=0"), read(f"<{OURS}>", expires="0")])
def test_granted_nothing_is_not_registered(found: Bindings) -> None:
    assert found.seconds is None


def test_a_200_that_lists_nothing_grants_what_was_asked_and_shows_no_neighbour() -> None:
    assert read() == Bindings(120, 0)
    assert read(expires="60") == Bindings(60, 0)


def test_contacts_have_a_limit() -> None:
    with pytest.raises(RemoteFault):
        read(",".join([PHONE] * (limits.VALUES + 1)))
