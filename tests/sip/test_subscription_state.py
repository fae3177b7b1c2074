"""Subscription-State: what is read, and what an odd one means."""

import pytest

from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.subscription_state import SubscriptionState, Substate, parse


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("active;expires=297", SubscriptionState(Substate.ACTIVE, expires=297)),
        ("Active ; Expires = 60", SubscriptionState(Substate.ACTIVE, expires=60)),
        ("pending", SubscriptionState(Substate.PENDING)),
        (
            "terminated;reason=Probation;retry-after=5",
            SubscriptionState(Substate.TERMINATED, "probation", retry_after=5),
        ),
        ("terminated", SubscriptionState(Substate.TERMINATED)),
        ("waiting;expires=9", SubscriptionState(Substate.PENDING, expires=9)),
        ("active;expires=1_0", SubscriptionState(Substate.ACTIVE)),
        ("active;expires=-1;reason", SubscriptionState(Substate.ACTIVE)),
    ],
)
def test_what_is_read(text: str, state: SubscriptionState) -> None:
    assert parse(text) == state


@pytest.mark.parametrize("text", ["", " ", ";expires=3"])
def test_without_a_word_it_is_no_state(text: str) -> None:
    with pytest.raises(RemoteFault) as fault:
        parse(text)
    assert fault.value.status == 400
