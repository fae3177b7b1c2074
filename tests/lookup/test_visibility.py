"""Who may see whom: the one rule, moment by moment."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.domain.agent import Agent, Grant, RoleShare
from ctibridge.lookup import visibility
from ctibridge.lookup.snapshot import build
from ctibridge.lookup.visibility import Visible, every_shared, of_several, visible_to, why_hidden
from tests.lookup.examples import ACME, AT, FLEURON, SNAPSHOT

SECOND = timedelta(seconds=1)


def test_nobody_else_makes_a_visible() -> None:
    with pytest.raises(TypeError, match="visibility alone"):
        Visible(frozenset({"acme"}))
    with pytest.raises(TypeError, match="visibility alone"):
        Visible(frozenset({"acme"}), object())


@pytest.mark.parametrize(
    ("agent", "at", "expected"),
    [
        ("ana", AT - SECOND, {"acme", "fleuron", "khalij"}),
        ("ana", AT, {"acme", "fleuron"}),  # the share of khalij has ended, and its grant is dead
        ("ben", AT, {"fleuron"}),
        ("gone", AT, set()),  # disabled
        ("nobody", AT, set()),
        ("", AT, set()),
    ],
)
def test_shares_and_grants_together(agent: str, at: datetime, expected: set[str]) -> None:
    assert visible_to(agent, SNAPSHOT, at).accounts == expected


@pytest.mark.parametrize(
    ("grant", "expected"),
    [
        (Grant("ana", "acme"), True),
        (Grant("ana", "acme", starts_at=AT), True),
        (Grant("ana", "acme", starts_at=AT + SECOND), False),
        (Grant("ana", "acme", ends_at=AT), False),
        (Grant("ana", "acme", hours="Mo-Fr 18:00-20:00 Europe/Zurich"), True),
        (Grant("ana", "acme", hours="Mo-Fr 07:00-18:00 Europe/Zurich"), False),
        (Grant("ana", "acme", hours="whenever"), False),  # what cannot be read grants nothing
        (Grant("ana", "unknown"), False),
    ],
)
def test_grants(grant: Grant, expected: bool) -> None:
    snapshot = build(
        accounts=(ACME,),
        agents=(Agent("ana", "Ana"),),
        shares=(RoleShare("acme"), RoleShare("unknown")),
        grants=(grant,),
    )
    assert bool(visible_to("ana", snapshot, AT).accounts) is expected


def test_the_administrator_sees_what_is_shared_now() -> None:
    assert every_shared(SNAPSHOT, AT).accounts == {"acme", "fleuron"}


def test_several_see_what_any_of_them_sees() -> None:
    ana, ben = visible_to("ana", SNAPSHOT, AT - SECOND), visible_to("ben", SNAPSHOT, AT)
    assert of_several([ana, ben]).accounts == {"acme", "fleuron", "khalij"}
    assert of_several([ben]) == ben
    assert of_several([]).accounts == frozenset()


@pytest.mark.parametrize(
    ("agent", "account", "reason"),
    [
        ("ana", "khalij", "not shared"),
        ("ben", "acme", "not granted to ben"),
        ("gone", "acme", "disabled"),
        ("nobody", "acme", "no such agent"),
        (None, "khalij", "not shared"),
    ],
)
def test_why_hidden(agent: str | None, account: str, reason: str) -> None:
    assert reason in why_hidden(agent, account, SNAPSHOT, AT)


def test_why_hidden_tells_a_grant_that_does_not_hold() -> None:
    snapshot = build(
        accounts=(ACME,),
        agents=(Agent("ana", "Ana"),),
        shares=(RoleShare("acme"),),
        grants=(Grant("ana", "acme", ends_at=AT),),
    )
    assert "does not hold at this time" in why_hidden("ana", "acme", snapshot, AT)


times = st.none() | st.integers(-3, 3).map(lambda hours: AT + timedelta(hours=hours))
accounts = st.sampled_from(["acme", "fleuron"])
shares = st.lists(st.builds(RoleShare, account=accounts, starts_at=times, ends_at=times), max_size=4)
grants = st.lists(
    st.builds(Grant, agent=st.sampled_from(["ana", "ben"]), account=accounts, starts_at=times, ends_at=times),
    max_size=6,
)


@given(shares, grants, st.data())
def test_taking_away_a_share_or_a_grant_only_removes(
    shares: list[RoleShare], grants: list[Grant], data: st.DataObject
) -> None:
    agents = (Agent("ana", "Ana"), Agent("ben", "Ben"))
    kept = data.draw(st.lists(st.sampled_from(grants), unique=True) if grants else st.just([]))
    fewer = data.draw(st.lists(st.sampled_from(shares), unique=True) if shares else st.just([]))
    whole = build(accounts=(ACME, FLEURON), agents=agents, shares=shares, grants=grants)
    part = build(accounts=(ACME, FLEURON), agents=agents, shares=fewer, grants=kept)
    for agent in ("ana", "ben"):
        assert visible_to(agent, part, AT).accounts <= visible_to(agent, whole, AT).accounts
        assert visible_to(agent, whole, AT).accounts <= every_shared(whole, AT).accounts


def test_hours_that_cannot_be_read_claim_nothing() -> None:
    assert visibility.open_at("Mo-Fr 07:00-20:00 Europe/Zurich", AT) is True
    assert visibility.open_at("nonsense", AT) is None
