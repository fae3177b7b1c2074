"""Orders cross a pipe; passwords do not print."""

import msgspec
import pytest

from ctibridge.softphone.orders import ANY, Handset, Order, PickedUp, Roster, SignedOn

VALUES = [
    Order("call-1", "6002", 2.0),
    Order(ANY, "6002", 0.0, talk=1.0, tell=True),
    Roster("192.0.2.1", 5060, (Handset("6002", "secret", "line-6002"),), "pbx.test", 120),
    SignedOn("6002"),
    PickedUp("6002"),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_there_and_back(value: msgspec.Struct) -> None:
    assert msgspec.json.decode(msgspec.json.encode(value), type=type(value)) == value


def test_a_password_does_not_print() -> None:
    handset = Handset("6001", "secret")
    assert "secret" not in repr(handset)
    assert "secret" not in repr(Roster("192.0.2.1", 5060, (handset,)))
