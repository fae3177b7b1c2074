"""Once in so many seconds."""

from ctibridge.sip.seldom import Seldom


def test_once_until_the_pause_is_over() -> None:
    seldom = Seldom(10.0)
    assert [now for now in range(25) if seldom.may(float(now))] == [0, 10, 20]


def test_what_is_forgotten_may_happen_again() -> None:
    seldom = Seldom(10.0)
    assert seldom.may(0.0)
    seldom.forget()
    assert (seldom.may(1.0), seldom.may(2.0)) == (True, False)
