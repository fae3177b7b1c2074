"""Orders cross a pipe; passwords do not print."""

import msgspec

from ctibridge.demo.orders import Handset, Order


def test_there_and_back() -> None:
    order = Order("call-1", "6002", 2.0)
    assert msgspec.json.decode(msgspec.json.encode(order), type=Order) == order


def test_a_password_does_not_print() -> None:
    assert "secret" not in repr(Handset("6001", "secret"))
