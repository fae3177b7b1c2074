"""What the room says: values that tell nothing personal when they are printed."""

import dataclasses
from typing import get_args

import pytest

from ctibridge.sip import events
from ctibridge.sip.events import Identity, RingStarted, Withheld
from ctibridge.sip.hop import datagram
from tests.sip.scripts import NAME, NUMBER

IDENTITY = Identity(NUMBER, NAME, Withheld.NO, "From", diverted_by=NUMBER, marked=NAME)
RANG = RingStarted("pbx", "6001", "leg", (NUMBER, NAME), NUMBER, IDENTITY, (NUMBER,))


@pytest.mark.parametrize("value", [IDENTITY, RANG, events.Datagram(NUMBER.encode(), datagram("192.0.2.9", 5060))])
def test_print_shows_nobody(value: object) -> None:
    assert NUMBER not in repr(value)
    assert NAME not in repr(value)


def test_every_output_is_frozen() -> None:
    for kind in (Identity, *get_args(events.Output)):
        assert kind.__dataclass_params__.frozen
        assert dataclasses.is_dataclass(kind)
