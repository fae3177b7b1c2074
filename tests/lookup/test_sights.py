"""What is kept of an agent's sight says at each moment what the rule says."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.domain.agent import Agent, Grant, RoleShare
from ctibridge.lookup import sights
from ctibridge.lookup.sights import Sights
from ctibridge.lookup.snapshot import Snapshot, build
from ctibridge.lookup.visibility import Visible, visible_to
from tests.lookup.examples import ACME, AT, FLEURON, SNAPSHOT

MOMENTS = st.one_of(st.none(), st.integers(-5, 5).map(lambda hours: AT + timedelta(hours=hours)))
ACCOUNTS = st.sampled_from(["acme", "fleuron", "nobody"])
HOURS = st.sampled_from([None, None, None, "Mo-Su 17:00-20:00 Europe/Zurich"])
GRANTS = st.lists(st.builds(Grant, st.sampled_from(["ana", "ben"]), ACCOUNTS, MOMENTS, MOMENTS, HOURS), max_size=5)
SHARES = st.lists(st.builds(RoleShare, ACCOUNTS, starts_at=MOMENTS, ends_at=MOMENTS), max_size=5)
ASKED = st.lists(st.tuples(st.sampled_from(["ana", "ben", "who"]), st.integers(-660, 660)), max_size=30)


@given(GRANTS, SHARES, ASKED)
def test_at_any_time_in_any_order_it_is_what_the_rule_says(
    grants: list[Grant], shares: list[RoleShare], asked: list[tuple[str, int]]
) -> None:
    agents = (Agent("ana", "Ana"), Agent("ben", "Ben"))
    snapshot = build(accounts=(ACME, FLEURON), agents=agents, grants=grants, shares=shares)
    known = Sights()
    for agent, half_minutes in asked:
        at = AT + timedelta(seconds=30 * half_minutes)
        assert known.visible_to(agent, snapshot, at) == visible_to(agent, snapshot, at)


def test_the_rule_is_asked_once_while_nothing_can_change(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def heard(agent: str, snapshot: Snapshot, at: datetime) -> Visible:
        asked.append(agent)
        return visible_to(agent, snapshot, at)

    monkeypatch.setattr(sights, "visible_to", heard)
    known = Sights()
    for second in range(10):
        known.visible_to("ana", SNAPSHOT, AT + timedelta(seconds=second))
    assert asked == ["ana"]
    known.visible_to("ana", SNAPSHOT.at(SNAPSHOT.version + 1), AT)
    assert asked == ["ana"] * 2


def test_nothing_is_kept_of_who_is_no_agent() -> None:
    known = Sights()
    for number in range(1000):
        known.visible_to(f"stranger {number}", SNAPSHOT, AT)
    assert known._known == {}
