import getpass
from datetime import UTC, datetime

import pytest

from ctibridge.cli.actor import actor


@pytest.mark.parametrize(("sudo", "user", "who"), [("eva", "root", "eva"), ("", "ana", "ana")])
def test_it_is_the_person_and_not_the_user_that_he_became(
    monkeypatch: pytest.MonkeyPatch, sudo: str, user: str, who: str
) -> None:
    monkeypatch.setenv("SUDO_USER", sudo)
    monkeypatch.setattr(getpass, "getuser", lambda: user)
    found = actor()
    assert found.name == who
    assert abs((datetime.now(UTC) - found.at).total_seconds()) < 60


def test_a_user_without_a_name_acts_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError(4711)

    monkeypatch.delenv("SUDO_USER", raising=False)
    monkeypatch.setattr(getpass, "getuser", nobody)
    assert actor().name == "unknown"
