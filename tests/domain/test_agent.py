from datetime import UTC, datetime, timedelta

import pytest

from ctibridge.domain.agent import Agent, Grant, RoleShare, holds, shared_accounts

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "expected"),
    [
        (None, None, True),
        (NOW, None, True),  # the first moment counts
        (NOW + SECOND, None, False),
        (None, NOW, False),  # the last does not
        (None, NOW + SECOND, True),
        (NOW - SECOND, NOW + SECOND, True),
        (NOW + SECOND, NOW - SECOND, False),
    ],
)
def test_holds(starts_at: datetime | None, ends_at: datetime | None, expected: bool) -> None:
    assert holds(starts_at, ends_at, NOW) is expected


def test_only_shares_of_the_role_that_hold_now_count() -> None:
    shares = [
        RoleShare("acme"),
        RoleShare("ended", ends_at=NOW),
        RoleShare("to-come", starts_at=NOW + SECOND),
        RoleShare("other-role", role="auditor"),
    ]
    assert shared_accounts(shares, NOW) == {"acme"}


def test_an_agent_is_able_unless_told_otherwise() -> None:
    assert not Agent("ana", "Ana").disabled
    assert Grant("ana", "acme").hours is None
