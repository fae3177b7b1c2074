"""What Zammad is told of a call, over all desks, as its generic CTI takes it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.delivery import encode, zammad
from ctibridge.delivery.kept import KeptEvent
from ctibridge.delivery.zammad import Step, Zammad
from ctibridge.domain.call import Call, Outcome
from ctibridge.domain.caller import Presentation
from ctibridge.domain.private import Number
from ctibridge.domain.screen_pop import Answer
from tests.delivery import examples, kept_examples
from tests.delivery.examples import answered, call, ended, taken
from tests.leaks import canary
from tests.peers.zammad import Zammad as ZammadItself

NEW = "event=newCall&from=4915112345678&to=49301234560&direction=in&callId=01JDX001"
BETWEEN = "from=4915112345678&to=49301234560&direction=in&callId=01JDX001"
HANGUP = f"event=hangup&{BETWEEN}&cause="


def rings(answer: Answer = examples.IDENTIFIED, of: Call | None = None, kind: str = "call.ringing") -> KeptEvent:
    of = of or call()
    return kept_examples.event(1, kind=kind, call=of.id, data=encode.pop_data(answer, of))


def told(of: Call) -> KeptEvent:
    kind = "call.answered" if of.ended_at is None else "call.ended"
    return kept_examples.event(2, kind=kind, call=of.id, data=encode.call_data(of))


class Said:
    """A machine whose receiver takes everything, and what of it would outlive the process."""

    def __init__(self, kept: Mapping[str, bytes] | None = None) -> None:
        self.kept = dict(kept or {})
        self.machine = Zammad(self.kept)

    def steps(self, agent: str, event: KeptEvent) -> list[Step]:
        return self.machine.steps(agent, event)

    def took(self, steps: Sequence[Step]) -> list[bytes]:
        """The bodies."""
        for step in steps:
            for key, text in self.machine.took(step).items():
                self.kept.pop(key, None)
                self.kept.update({} if text is None else {key: text})
        return [step.body for step in steps if step.body]

    def lost(self, agent: str) -> list[str]:
        return [body.decode() for body in self.took(self.machine.lost(agent))]


def said(one: Said, *script: tuple[str, KeptEvent]) -> list[str]:
    return [body.decode() for agent, event in script for body in one.took(one.steps(agent, event))]


def over(**changes: Any) -> KeptEvent:
    return told(ended(call(), **changes))


def test_a_call_that_is_answered_here() -> None:
    one = answered(call())
    assert said(
        Said(),
        ("ana", rings()),
        ("ana", rings(kind="call.updated")),
        ("ana", told(one)),
        ("ana", rings(of=one, kind="call.updated")),
        ("ana", told(ended(one, Outcome.ANSWERED_HERE))),
    ) == [NEW, f"event=answer&{BETWEEN}&answeringNumber=6001&user=ana", HANGUP + "normalClearing"]


@pytest.mark.parametrize(
    ("outcome", "cause"),
    [
        (Outcome.ABANDONED, "cancel"),
        (Outcome.DECLINED, "noAnswer"),
        (Outcome.TIMED_OUT, "noAnswer"),
        (Outcome.FAILED, "congestion"),
        (Outcome.UNKNOWN, "normalClearing"),
    ],
)
def test_a_call_that_nobody_takes(outcome: Outcome, cause: str) -> None:
    assert said(Said(), ("ana", rings()), ("ana", over(outcome=outcome))) == [NEW, HANGUP + cause]


def test_answered_elsewhere_is_an_answer_and_nothing_missed() -> None:
    """Seen by a contact alone: when the talk ends nobody knows."""
    assert said(Said(), ("ana", rings()), ("ana", over(outcome=Outcome.ANSWERED_ELSEWHERE))) == [
        NEW,
        f"event=answer&{BETWEEN}",
        HANGUP + "normalClearing",
    ]


def test_once_for_each_call_over_all_desks() -> None:
    one = answered(replace(call(), line="6002"))
    assert said(
        Said(),
        ("ana", rings()),
        ("ben", rings()),
        ("ana", told(taken(call()))),
        ("ben", told(one)),
        ("cleo", rings()),
        ("cleo", told(taken(call()))),
        ("ben", told(ended(one, Outcome.ANSWERED_HERE))),
    ) == [NEW, f"event=answer&{BETWEEN}&answeringNumber=6002&user=ben", HANGUP + "normalClearing"]


def test_the_line_of_several_agents_answers_without_a_name() -> None:
    bodies = said(Said(), ("ana", rings()), ("ana", told(taken(call(), agent=None))))
    assert bodies[1] == f"event=answer&{BETWEEN}&answeringNumber=6002"


def test_one_desk_that_declines_does_not_end_the_call() -> None:
    assert said(
        Said(), ("ana", rings()), ("ben", rings()), ("ana", over(outcome=Outcome.DECLINED)), ("ben", over())
    ) == [NEW, HANGUP + "cancel"]


def test_a_call_that_comes_round_again_is_announced_again_and_the_round_before_checked_off() -> None:
    """Zammad knows one call of an id, and takes no answer after a hangup; a second hangup it takes as done."""
    again = replace(call(), round=2)
    second = BETWEEN + "-2"
    assert said(
        Said(),
        ("ana", rings()),
        ("ana", over()),
        ("ben", rings(of=again)),
        ("ana", rings(of=again)),
        ("ben", told(ended(again, Outcome.DECLINED))),
        ("ana", told(answered(again))),
        ("ana", told(ended(answered(again), Outcome.ANSWERED_HERE))),
    ) == [
        NEW,
        HANGUP + "cancel",
        HANGUP + "normalClearing",
        f"event=newCall&{second}",
        f"event=answer&{second}&answeringNumber=6001&user=ana",
        f"event=hangup&{second}&cause=normalClearing",
    ]


def test_a_desk_that_comes_late_to_a_round_begins_none_and_sets_right_what_was_called_missed() -> None:
    machine = Said()
    said(machine, ("ana", rings()), ("ana", over()))
    machine = Said(machine.kept)
    assert said(machine, ("ben", rings()), ("ben", told(answered(call())))) == [
        "event=hangup&direction=in&callId=01JDX001&cause=normalClearing"
    ]


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"number": None, "presentation": Presentation.RESTRICTED}, "anonymous"),
        ({"presentation": Presentation.RESTRICTED}, "anonymous"),
        ({"number": None, "raw": None, "presentation": Presentation.UNAVAILABLE}, "anonymous"),
        ({"number": None, "raw": None}, "anonymous"),
        ({"number": None, "raw": Number("6002")}, "6002"),
        ({"number": None, "raw": Number("x&event=hangup" * 20)}, ("x&event=hangup" * 20)[:100]),
    ],
)
def test_who_calls(changes: dict[str, Any], shown: str) -> None:
    answer = replace(examples.IDENTIFIED, caller=replace(examples.CALLER, **changes))
    (body,) = said(Said(), ("ana", rings(answer)))
    fields = parse_qsl(body, strict_parsing=True)
    assert fields[:2] == [("event", "newCall"), ("from", shown)]
    assert len(fields) == 5


def test_a_called_number_that_is_unknown_is_the_line() -> None:
    answer = replace(examples.IDENTIFIED, called=replace(examples.CALLED, number=None))
    assert "to=6001" in said(Said(), ("ana", rings(answer)))[0]


def test_what_has_no_place_in_this_form_says_nothing() -> None:
    machine = Said()
    for kind in ("notice", "suggestions", "call.worked"):
        assert machine.steps("ana", kept_examples.event(1, kind=kind, data=b'{"odd": 1}')) == []


def test_of_a_call_that_was_never_announced_nothing_is_said() -> None:
    """Zammad would answer 500."""
    one = answered(call())
    script = (told(one), rings(of=one, kind="call.updated"), told(ended(one)), told(taken(call())))
    assert said(Said(), *(("ana", event) for event in script)) == []


def test_a_restart_goes_on_where_it_stood_without_keeping_a_number() -> None:
    before = Said()
    said(before, ("ana", rings()), ("ben", rings()))
    assert before.kept == {"01JDX001": b'["ringing",1,1,["ana","ben"]]'}
    after = Said(before.kept)
    assert said(after, ("cleo", rings()), ("ana", over()), ("cleo", over()), ("ben", over())) == [
        "event=hangup&direction=in&callId=01JDX001&cause=cancel"
    ]
    assert said(Said(after.kept), ("ana", rings()), ("ana", over())) == []


@pytest.mark.parametrize("text", [b"", b"{", b'{"a": 1}', b'["rang", 1, 1, []]', b"\xff"])
def test_what_was_kept_and_cannot_be_read_is_nothing(text: bytes) -> None:
    assert said(Said({"01JDX001": text}), ("ana", rings())) == [NEW]


def test_what_was_not_taken_is_said_again_and_no_other_desk_takes_it_as_said() -> None:
    machine = Said()
    new = machine.steps("ana", rings())
    assert machine.steps("ben", rings())[0].body == new[0].body
    machine.took(new)
    assert machine.took(machine.steps("ben", rings())) == []
    machine.took(machine.steps("ben", told(ended(call(), Outcome.DECLINED))))
    both = machine.steps("ana", over(outcome=Outcome.ANSWERED_ELSEWHERE))
    machine.took(both[:1])
    assert machine.steps("ana", over(outcome=Outcome.ANSWERED_ELSEWHERE)) == both[1:]


def test_a_desk_that_is_not_heard_any_more_leaves_no_call_ringing() -> None:
    machine = Said()
    said(machine, ("ana", rings()), ("ben", rings()))
    assert machine.lost("ana") == []
    assert machine.lost("ben") == [HANGUP + "normalClearing"]
    assert machine.lost("ben") == []


def test_what_is_remembered_is_bounded_and_forgets_first_what_is_over() -> None:
    machine = Said()
    said(machine, ("ana", rings(of=call(0))))
    for number in range(1, zammad.MOST_CALLS + 5):
        said(machine, ("ana", rings(of=call(number))), ("ana", told(ended(call(number)))))
    assert said(machine, ("ana", told(ended(call(0))))) == [HANGUP.replace("JDX001", "JDX000") + "cancel"]
    for number in range(2 * zammad.MOST_CALLS):
        said(machine, ("ana", rings(of=call(5000 + number))))
    assert len(machine.kept) == zammad.MOST_CALLS
    assert list(Said(machine.kept).kept) == [
        f"01JDX{5000 + n}" for n in range(zammad.MOST_CALLS, 2 * zammad.MOST_CALLS)
    ]
    assert max(map(len, machine.kept.values())) < 60


def test_nothing_personal_is_printed() -> None:
    machine = Said()
    number = canary("+491729990011")
    said(machine, ("ana", rings(replace(examples.IDENTIFIED, caller=replace(examples.CALLER, number=Number(number))))))
    assert number[1:] not in repr(machine.machine._calls)


# Each desk's stream as it may be: a round, its end, perhaps another round. They come in any mixture.
ENDS = st.sampled_from([*Outcome])


def streams() -> st.SearchStrategy[list[list[Outcome]]]:
    return st.lists(st.lists(ENDS, min_size=1, max_size=2), min_size=1, max_size=3)


def script_of(desk: list[Outcome]) -> Iterable[KeptEvent]:
    for number, outcome in enumerate(desk, 1):
        one = replace(call(), round=number)
        yield rings(of=one)
        if outcome is Outcome.ANSWERED_HERE:
            yield told(answered(one))
        yield told(ended(one, outcome))


def is_taken(outcome: Outcome) -> bool:
    return outcome.value.startswith("answered")


@given(streams(), st.data())
def test_in_any_mixture_zammad_never_raises_and_has_at_most_one_call_to_look_at(
    desks: list[list[Outcome]], data: st.DataObject
) -> None:
    machine, there = Said(), ZammadItself()
    waiting = [list(script_of(desk)) for desk in desks]
    while any(waiting):
        desk = data.draw(st.sampled_from([index for index, left in enumerate(waiting) if left]))
        agent, event = f"a{desk}", waiting[desk][0]
        if steps := machine.steps(agent, event):
            assert machine.steps(agent, event) == steps
            away = data.draw(st.integers(0, len(steps)))  # for the last ones; they are tried again later
            for body in machine.took(steps[: len(steps) - away]):
                assert there.hear(body) == 200
        if not machine.steps(agent, event):
            del waiting[desk][0]
        machine = Said(machine.kept) if data.draw(st.booleans()) else machine
    assert {entry.state for entry in there.log.values()} == {"hangup"}
    to_look_at = sum(not entry.done for entry in there.log.values())
    if not any(is_taken(outcome) for desk in desks for outcome in desk):
        assert to_look_at == 1
    assert to_look_at <= (not all(is_taken(desk[-1]) for desk in desks))


def test_who_was_erased_is_named_in_nothing_that_follows() -> None:
    one = Said()
    assert said(one, ("ana", rings())) == [NEW]
    one.machine.erase({"01JDX001", "unknown"})
    assert "4915112345678" not in repr([known.between for known in one.machine._calls.values()])
    assert said(one, ("ana", over(outcome=Outcome.ABANDONED))) == [
        "event=hangup&direction=in&callId=01JDX001&cause=cancel"
    ]


# -- desks that go to another node -------------------------------------------------------------------------------------


def test_of_a_desk_that_leaves_what_was_said_goes_with_it_where_no_other_has_the_call() -> None:
    one, two = Said(), Said()
    said(one, ("ana", rings()), ("ana", rings(of=call(2))), ("ben", rings(of=call(2))))
    left = one.machine.leave(frozenset({"ana"}))
    assert {agent: list(calls) for agent, calls in left.away.items()} == {"ana": ["01JDX001"]}
    assert left.kept["01JDX001"] is None
    assert said(one, ("ana", over())) == [], "it is another node's"
    assert said(one, ("ben", told(ended(call(2)))))[0].endswith("callId=01JDX002&cause=cancel"), (
        "it does not wait for her"
    )
    two.machine.adopt("ana", {**left.away["ana"], "01JDX009": b"of another version"})
    assert said(two, ("ana", over())) == ["event=hangup&direction=in&callId=01JDX001&cause=cancel"]


def test_both_desks_of_a_call_that_come_are_waited_for() -> None:
    one, two = Said(), Said()
    said(one, ("ana", rings()), ("ben", rings()))
    left = one.machine.leave(frozenset({"ana", "ben"}))
    assert left.kept == {"01JDX001": None}
    for agent, came in left.away.items():
        two.kept |= {key: text for key, text in two.machine.adopt(agent, came).items() if text is not None}
    assert said(Said(two.kept), ("ana", over())) == [], "also behind a restart"
    assert said(two, ("ana", over()), ("ben", over())) == ["event=hangup&direction=in&callId=01JDX001&cause=cancel"]
