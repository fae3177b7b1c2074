"""What an act narrowed is not widened by a file."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ctibridge.lookup.adapters.acts import Actor, Acts
from ctibridge.lookup.adapters.importing import narrowing
from ctibridge.lookup.adapters.importing.narrowing import NO_LIMIT, Limit
from ctibridge.lookup.adapters.schema import FILE, open_file
from tests.lookup.adapters.files import BASE, imported

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PAST, SOON, LATE = NOW - timedelta(days=1), NOW + timedelta(days=10), NOW + timedelta(days=100)
NIGHTS = "Mo-Fr 22:00-06:00 Europe/Berlin"


@pytest.mark.parametrize(
    ("told", "most", "expected"),
    [
        (None, None, None),
        (LATE, None, LATE),
        (None, SOON, SOON),  # an act said so
        (LATE, SOON, SOON),
        (SOON, LATE, SOON),  # a file may say less
        (LATE, LATE, LATE),
        (None, PAST, PAST),  # over is over
        (LATE, PAST, PAST),
        (PAST - timedelta(days=1), PAST, PAST - timedelta(days=1)),
    ],
)
def test_the_end(told: datetime | None, most: datetime | None, expected: datetime | None) -> None:
    assert narrowing.end(told, Limit(most)) == expected


@pytest.mark.parametrize(
    ("told", "most", "expected"),
    [
        (None, None, None),
        (NIGHTS, None, NIGHTS),
        (None, NIGHTS, NIGHTS),
        (NIGHTS, NIGHTS, NIGHTS),
        ("Mo-Su 00:00-24:00 Europe/Berlin", NIGHTS, NIGHTS),
        ("Tu 23:00-05:00 Europe/Berlin", NIGHTS, "Tu 23:00-05:00 Europe/Berlin"),
        ("Sa 00:00-06:00 Europe/Berlin", NIGHTS, "Sa 00:00-06:00 Europe/Berlin"),  # the end of Friday night
        ("Sa 00:00-06:01 Europe/Berlin", NIGHTS, NIGHTS),
        ("Tu 23:00-05:00 UTC", NIGHTS, NIGHTS),
        ("never", NIGHTS, NIGHTS),
    ],
)
def test_the_hours(told: str | None, most: str | None, expected: str | None) -> None:
    assert narrowing.hours(told, Limit(None, most)) == expected


def test_columns_that_the_file_does_not_have_stay_out_of_it() -> None:
    row = ["ana", "acme", None, None, None]
    most = Limit(PAST, NIGHTS)
    assert narrowing.row("grants", row, ("agent", "account"), most) == row
    assert narrowing.row("grants", row, ("ends_at",), most)[3:] == [PAST.isoformat(), None]
    # A new row has no column of its own to stay.
    assert narrowing.row("grants", row, None, most)[3:] == [PAST.isoformat(), NIGHTS]
    assert narrowing.row("grants", row, None, NO_LIMIT) == row


async def test_the_last_act_is_the_limit_just_as_it_was_said(tmp_path: Path) -> None:
    path = tmp_path / FILE
    await imported(path, tmp_path / "files", BASE)
    two = "Mo-Fr 08:00-12:00,13:00-17:00; Sa 09:00-12:00 Europe/Berlin"
    async with await Acts.open(path, Actor("eva", NOW)) as acts:
        await acts.share("acme", LATE)
        await acts.share("fleuron", None)
        await acts.grant("ana", "acme", SOON, two)
        await acts.grant("ana", "fleuron", None, two)
        await acts.grant("ben", "fleuron", SOON, None)
        await acts.revoke("ben", "fleuron")
        await acts.grant("ben", "acme", SOON, None)
        await acts.announce("acme", "a1", "Mail is down.", "en", PAST, None)
    connection = await open_file(path)
    shares, grants = [await narrowing.limits(connection, kind) for kind in ("role_shares", "grants")]
    await connection.close()
    assert {key[0]: limit for key, limit in shares.items()} == {"acme": Limit(LATE), "fleuron": NO_LIMIT}
    assert grants == {
        ("ana", "acme"): Limit(SOON, two),
        ("ana", "fleuron"): Limit(None, two),
        ("ben", "fleuron"): Limit(NOW),
        ("ben", "acme"): Limit(SOON),
    }
