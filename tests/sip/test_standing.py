"""How soon a connection that broke is opened again."""

from ctibridge.sip.standing import LONGEST_PAUSE, RECONNECT, STEADY, Standing


def test_who_never_stood_is_not_opened_again() -> None:
    standing = Standing()
    assert (standing.is_so, standing.broken(1.0)) == (False, None)
    standing.begin(2.0)
    standing.elsewhere()
    assert (standing.is_so, standing.broken(3.0)) == (False, None)


def test_one_that_lasted_is_opened_at_once_and_one_that_does_not_ever_later() -> None:
    standing, now = Standing(), 0.0
    pauses = []
    for lasts in (STEADY + 1, 1, 1, *[1] * 20, STEADY + 1):
        standing.begin(now)
        assert standing.is_so
        now += lasts
        pauses.append(standing.broken(now))
        assert not standing.is_so
    assert pauses[:3] == [RECONNECT, 2 * RECONNECT, 4 * RECONNECT]
    assert pauses[-2:] == [LONGEST_PAUSE, RECONNECT]
