from ctibridge.flow.distribution import Distribution


def test_a_bound_is_in_its_own_part_and_what_is_above_all_counts() -> None:
    seen = Distribution((0.001, 0.01))
    for value in (0.0005, 0.001, 0.002, 5.0):
        seen.observe(value)
    assert seen.cumulative == [2, 3, 4]
    assert seen.sum == 0.0005 + 0.001 + 0.002 + 5.0


def test_a_clock_that_went_back_took_no_time() -> None:
    seen = Distribution((1.0,))
    seen.observe(-3.0)
    assert (seen.cumulative, seen.sum) == ([1, 1], 0.0)
