import json
from datetime import UTC, datetime, timedelta

import pytest

from ctibridge.domain import last_call
from ctibridge.domain.last_call import LastCall

AT = datetime(2026, 11, 22, 6, 31, tzinfo=UTC)
GOOD = LastCall("pbx", "acme", AT, None, 12)
BAD = LastCall("old", None, AT - timedelta(days=1), "pop", None)


def test_there_and_back() -> None:
    assert last_call.read(last_call.write([GOOD, BAD])) == (GOOD, BAD)


def test_one_of_each_trunk_and_company_is_kept_and_the_newest_asked() -> None:
    later = LastCall("pbx", "acme", AT + timedelta(days=1), "call", None)
    other = LastCall("pbx", "globex", AT + timedelta(hours=1), None, 9)
    calls = last_call.kept(last_call.kept(last_call.kept((BAD,), GOOD), other), later)
    assert set(calls) == {BAD, other, later}
    assert last_call.of_trunk(calls, "pbx") == later
    assert last_call.of_trunk(calls, "gone") is None
    assert last_call.of_account(calls, "globex") == other
    assert last_call.of_account(calls, "acme") == later
    assert last_call.of_account(calls, "nobody") is None


def test_a_clock_that_was_put_back_leaves_no_newest_for_ever() -> None:
    ahead = LastCall("pbx", None, AT + timedelta(days=4000), "call", None)
    calls = last_call.kept(last_call.kept((ahead,), GOOD), BAD)
    assert last_call.of_trunk(last_call.read(last_call.write(calls)), "pbx") == GOOD


def test_it_does_not_grow_for_ever() -> None:
    calls: tuple[LastCall, ...] = ()
    many = [LastCall("pbx", str(n), AT + timedelta(seconds=n), None, 1) for n in range(last_call.MOST + 5)]
    for one in many:
        calls = last_call.kept(calls, one)
    assert calls == tuple(many[5:])
    assert len(last_call.write(calls)) < last_call.LONGEST


@pytest.mark.parametrize(
    "text",
    [
        b"", b"{", b"{}", b"[1, null, {}]", b"[" * 100_000, b"\xff",
        *(
            json.dumps([json.loads(last_call.write([GOOD]))[0] | {key: value}]).encode()
            for key, value in [
                ("trunk", 5), ("account", 5), ("failed", []), ("pop_ms", "12"), ("pop_ms", True), ("at", "yesterday"),
                ("at", "2026-11-22T06:31:00"), ("at", None), ("at", "2026-11-22T06:31:00+05:00"), ("pop_ms", 10**400),
                ("pop_ms", -1), ("trunk", "\ud800"), ("account", "\x1b[31m"), ("failed", "\ud800"),
            ]
        ),
    ],
    ids=range(20),
)  # fmt: skip
def test_what_is_no_trial_is_none(text: bytes) -> None:
    assert last_call.read(text) == ()


def test_a_broken_one_costs_no_other() -> None:
    text = json.dumps([{"trunk": 5}, *json.loads(last_call.write([GOOD]))]).encode()
    assert last_call.read(text) == (GOOD,)


def test_in_words() -> None:
    assert last_call.told(GOOD) == "2026-11-22 06:31 UTC by trunk pbx: good, popped after 12 ms"
    assert last_call.told(BAD) == "2026-11-21 06:31 UTC by trunk old: failed (pop)"
