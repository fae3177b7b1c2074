"""`joining/fence.py`: facts wait while nobody knows whether we may act."""

from ctibridge.joining.fence import Fence


class Heard:
    def __init__(self) -> None:
        self.said: list[str] = []
        self.may = True
        self.fence = Fence(self, lambda: self.may)

    def hold(self) -> None:
        self.said.append("hold")

    def release(self, *, lost: bool = False) -> None:
        self.said.append("release, lost" if lost else "release")

    def gap(self) -> None:
        self.said.append("gap")


def test_facts_wait_until_an_answer_says_that_we_may() -> None:
    one = Heard()
    one.fence.look()
    one.fence.looked()
    assert one.said == []
    one.may = False
    one.fence.look()
    one.fence.look()
    one.fence.looked()
    assert one.said == ["hold"]
    one.may = True
    one.fence.looked()
    one.fence.looked()
    assert one.said == ["hold", "release", "gap"]


def test_what_was_lost_meanwhile_is_not_acted_on_and_what_was_lost_before_is_forgotten() -> None:
    one = Heard()
    one.fence.lost()
    for loses in (False, True):
        one.may = False
        one.fence.look()
        if loses:
            one.fence.lost()
        one.may = True
        one.fence.looked()
    assert one.said == ["hold", "release", "gap", "hold", "release, lost", "gap"]
