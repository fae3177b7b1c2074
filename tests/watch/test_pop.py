import pytest

from ctibridge.watch import pop


@pytest.mark.parametrize(
    "value", [pop.Caller(number="+4915112345678", display_name="R. Frei"), pop.Person(name="Regula Frei")]
)
def test_who_calls_does_not_print(value: object) -> None:
    assert "Frei" not in repr(value)
    assert "4915112345678" not in repr(value)
