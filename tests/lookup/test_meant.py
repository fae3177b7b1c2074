from ctibridge.domain.person import PersonKey
from ctibridge.lookup.meant import MOST_CALLS, Meant

REGULA, ELODIE = PersonKey("acme", "p17"), PersonKey("fleuron", "e1")


def test_whom_each_agent_was_told_of_is_kept_and_what_is_clear_no_longer_is_not() -> None:
    meant = Meant()
    meant.tell("a", {"ana": REGULA, "ben": ELODIE, "cleo": None}, of_first=False)
    assert sorted(meant.people("a"), key=str) == [REGULA, ELODIE]
    meant.tell("a", {"ana": None}, of_first=False)
    assert list(meant.people("a")) == [ELODIE]
    assert list(meant.people("b")) == []


def test_of_a_call_and_of_the_one_that_it_continues_both_stand() -> None:
    meant = Meant()
    meant.tell("a", {"ana": REGULA}, of_first=True)
    meant.tell("a", {"ana": None}, of_first=False)
    assert list(meant.people("a")) == [REGULA]


def test_people_who_left_for_good_are_forgotten() -> None:
    meant = Meant()
    meant.tell("a", {"ana": REGULA, "ben": ELODIE}, of_first=False)
    meant.forget({"acme"})
    assert list(meant.people("a")) == [ELODIE]


def test_the_oldest_call_goes_first_and_one_that_is_told_again_is_new() -> None:
    meant = Meant()
    for number in range(MOST_CALLS):
        meant.tell(str(number), {"ana": REGULA}, of_first=False)
    meant.tell("0", {"ana": REGULA}, of_first=False)
    meant.tell("one more", {"ana": REGULA}, of_first=False)
    assert [list(meant.people(call)) for call in ("0", "1")] == [[REGULA], []]
