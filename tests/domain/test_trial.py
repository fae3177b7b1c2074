import json
from datetime import UTC, datetime, timedelta

import pytest

from ctibridge.domain import trial
from ctibridge.domain.trial import Trial

AT = datetime(2026, 11, 22, 6, 31, tzinfo=UTC)
GOOD = Trial("pbx", "acme", AT, None, 12)
BAD = Trial("old", None, AT - timedelta(days=1), "pop", None)


def test_there_and_back() -> None:
    assert trial.read(trial.write([GOOD, BAD])) == (GOOD, BAD)


def test_one_of_each_trunk_and_company_is_kept_and_the_newest_asked() -> None:
    later = Trial("pbx", "acme", AT + timedelta(days=1), "call", None)
    other = Trial("pbx", "globex", AT + timedelta(hours=1), None, 9)
    trials = trial.kept(trial.kept(trial.kept((BAD,), GOOD), other), later)
    assert set(trials) == {BAD, other, later}
    assert trial.of_trunk(trials, "pbx") == later
    assert trial.of_trunk(trials, "gone") is None
    assert trial.of_account(trials, "globex") == other
    assert trial.of_account(trials, "acme") == later
    assert trial.of_account(trials, "nobody") is None


def test_it_does_not_grow_for_ever() -> None:
    trials: tuple[Trial, ...] = ()
    many = [Trial("pbx", str(n), AT + timedelta(seconds=n), None, 1) for n in range(trial.MOST + 5)]
    for one in many:
        trials = trial.kept(trials, one)
    assert trials == tuple(many[5:])
    assert len(trial.write(trials)) < trial.LONGEST


@pytest.mark.parametrize(
    "text",
    [
        b"", b"{", b"{}", b"[1, null, {}]", b"[" * 100_000, b"\xff",
        *(
            json.dumps([json.loads(trial.write([GOOD]))[0] | {key: value}]).encode()
            for key, value in [
                ("trunk", 5), ("account", 5), ("failed", []), ("pop_ms", "12"), ("pop_ms", True), ("at", "yesterday"),
                ("at", "2026-11-22T06:31:00"), ("at", None),
            ]
        ),
    ],
    ids=range(14),
)  # fmt: skip
def test_what_is_no_trial_is_none(text: bytes) -> None:
    assert trial.read(text) == ()


def test_a_broken_one_costs_no_other() -> None:
    text = json.dumps([{"trunk": 5}, *json.loads(trial.write([GOOD]))]).encode()
    assert trial.read(text) == (GOOD,)


def test_in_words() -> None:
    assert trial.told(GOOD) == "2026-11-22 06:31 UTC by trunk pbx: good, popped after 12 ms"
    assert trial.told(BAD) == "2026-11-21 06:31 UTC by trunk old: failed (pop)"
