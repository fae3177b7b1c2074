"""How long a registration waits after it failed."""

from ctibridge.sip.faults import FIRST_PAUSE, LONGEST_PAUSE, LONGEST_REFUSED_PAUSE, REFUSED_PAUSE, Faults
from tests.sip.scripts import counted


def test_pauses_double_up_to_the_longest_each_kind_for_itself() -> None:
    faults, fresh = Faults(), counted()
    passing = [faults.pause(fresh, refused=False) for _ in range(8)]
    refused = [faults.pause(fresh, refused=True) for _ in range(4)]
    assert passing[:2] == [FIRST_PAUSE, 2 * FIRST_PAUSE]
    assert refused[:2] == [REFUSED_PAUSE, 2 * REFUSED_PAUSE]
    assert (passing[-1], refused[-1]) == (LONGEST_PAUSE, LONGEST_REFUSED_PAUSE)
    assert Faults().pause(fresh, refused=True) == REFUSED_PAUSE
