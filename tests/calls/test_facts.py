"""What goes in and comes out of this room prints nothing personal and is frozen."""

from typing import Any, get_args

from ctibridge.calls import facts
from ctibridge.calls.facts import LegAnswered, LegEnded, LegPicked, LegRang
from tests.calls.legs import rang
from tests.sip.scripts import NAME, NUMBER


def test_print_shows_nobody() -> None:
    printed = repr(rang("1", dialog=(NUMBER, NAME), key=NUMBER))
    assert NUMBER not in printed
    assert NAME not in printed
    assert NUMBER not in repr(LegPicked("leg", "pbx", "6001", NUMBER, NUMBER, NUMBER))


def test_every_fact_is_frozen() -> None:
    kinds: tuple[Any, ...] = (LegRang, LegAnswered, LegPicked, LegEnded, *get_args(facts.Fact))
    assert all(kind.__dataclass_params__.frozen for kind in kinds)
