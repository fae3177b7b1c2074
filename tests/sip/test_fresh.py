"""Chance as an argument."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.sip.fresh import Fresh


@pytest.mark.parametrize(("fraction", "seconds"), [(0.0, 80.0), (0.5, 70.0), (1.0, 60.0)])
def test_around_takes_up_to_a_quarter(fraction: float, seconds: float) -> None:
    assert Fresh(str, lambda: fraction).around(80.0) == seconds


@given(st.floats(0, 1), st.floats(0, 1e6))
def test_around_is_never_later(fraction: float, seconds: float) -> None:
    assert 0.75 * seconds - 1e-6 <= Fresh(str, lambda: fraction).around(seconds) <= seconds
