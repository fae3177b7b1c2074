"""`joining/passport.py`: what a node is known by."""

from pathlib import Path

import pytest

from ctibridge.installation import StartError
from ctibridge.joining import passport


def test_each_process_is_another_one_and_names_the_one_before(tmp_path: Path) -> None:
    key = passport.fresh_key()
    first, second = passport.show(tmp_path, key), passport.show(tmp_path, key)
    assert first.replaces == ""
    assert passport.last(tmp_path) == second.incarnation
    assert passport.last(tmp_path / "nowhere") is None
    assert second.replaces == first.incarnation != second.incarnation


def test_the_secret_stays_and_is_nobody_elses_to_read(tmp_path: Path) -> None:
    assert passport.known_key(tmp_path) is None
    shown = passport.show(tmp_path, passport.fresh_key())
    assert passport.known_key(tmp_path) == shown.key
    assert (tmp_path / passport.KEY).stat().st_mode & 0o777 == 0o600
    assert shown.key.hex() not in repr(shown)


def test_a_secret_that_is_none_is_refused_with_the_mend(tmp_path: Path) -> None:
    (tmp_path / passport.KEY).write_text("no hex", encoding="ascii")
    with pytest.raises(StartError, match=r"cluster\.key.*or remove it"):
        passport.known_key(tmp_path)


def test_where_nothing_can_be_written_the_start_is_refused(tmp_path: Path) -> None:
    (tmp_path / passport.INCARNATION).mkdir()
    with pytest.raises(StartError, match="make it writable for the service"):
        passport.show(tmp_path, passport.fresh_key())
