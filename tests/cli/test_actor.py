import os
from datetime import UTC, datetime

import pytest

from ctibridge.cli import actor as actors
from ctibridge.cli.actor import actor


@pytest.mark.parametrize(("sudo", "user", "who"), [("eva", "root", "eva"), ("", "ana", "ana")])
def test_it_is_the_person_and_not_the_user_that_he_became(
    monkeypatch: pytest.MonkeyPatch, sudo: str, user: str, who: str
) -> None:
    monkeypatch.setenv("SUDO_USER", sudo)
    monkeypatch.setenv("LOGNAME", user)
    found = actor()
    assert found.name == who
    assert abs((datetime.now(UTC) - found.at).total_seconds()) < 60


@pytest.mark.parametrize(("started_as", "who"), [(0, "root"), (4_000_000, "unknown")])
def test_where_nobody_is_named_it_is_who_started_it(monkeypatch: pytest.MonkeyPatch, started_as: int, who: str) -> None:
    for name in ("SUDO_USER", "LOGNAME", "USER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(actors, "_STARTED_AS", started_as)
    monkeypatch.setattr(os, "getuid", lambda: 62_360)  # the store's owner, since
    assert actor().name == who
