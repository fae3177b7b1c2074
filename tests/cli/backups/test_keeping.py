from datetime import UTC, datetime, timedelta

import pytest

from ctibridge.cli.backups import keeping

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)


def made(*days: float) -> list[str]:
    return [keeping.name_at(NOW - timedelta(days=ago)) for ago in days]


def test_names_sort_as_they_were_made_whatever_the_clock_of_the_house() -> None:
    assert keeping.name_at(datetime.fromisoformat("2026-11-23T03:00:00+01:00")) == "ctibridge-20261123T020000Z.tar.gz"
    assert sorted(made(3, 0, 400)) == made(400, 3, 0)


def test_older_ones_go_oldest_first() -> None:
    assert keeping.outdated(made(0, 14.5, 13.9, 30), NOW, 14) == made(30, 14.5)


def test_the_newest_stays_however_old_it_is() -> None:
    assert keeping.outdated(made(400), NOW, 14) == []
    assert keeping.outdated(made(400, 401), NOW, 14) == made(401)


@pytest.mark.parametrize(
    "name",
    [
        "ctibridge-20200101T000000Z.tar", "ctibridge-20200101T000000Z.tar.gz.part", "backup.tar.gz",
        "my-ctibridge-20200101T000000Z.tar.gz", "ctibridge-20200231T000000Z.tar.gz",
        "ctibridge-２0200101T000000Z.tar.gz",
        "ctibridge-20200101T000000Z.tar.gz\n",
    ],
)  # fmt: skip
def test_what_is_not_ours_stays(name: str) -> None:
    assert keeping.outdated([name, *made(0)], NOW, 1) == []
