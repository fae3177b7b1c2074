import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ctibridge.domain.last_call import FILE, LastCall
from ctibridge.selftest.adapters import kept

AT = datetime(2026, 11, 22, 6, 31, tzinfo=UTC)
GOOD = LastCall("pbx", "acme", AT, None, 12)


def test_there_and_back_for_the_owner_alone(tmp_path: Path) -> None:
    assert kept.load(tmp_path) == ()
    kept.keep(tmp_path, GOOD)
    assert kept.load(tmp_path) == (GOOD,)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_calls_that_end_together_are_all_kept(tmp_path: Path) -> None:
    calls = [LastCall(f"pbx{number}", None, AT, "pop", None) for number in range(20)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: kept.keep(tmp_path, one), calls))
    assert set(kept.load(tmp_path)) == set(calls)


def test_what_a_killed_one_left_and_what_is_broken_is_replaced(tmp_path: Path) -> None:
    (tmp_path / f"{FILE}.new").write_text("half of")
    (tmp_path / FILE).write_text("{")
    assert kept.load(tmp_path) == ()
    kept.keep(tmp_path, GOOD)
    assert kept.load(tmp_path) == (GOOD,)


def test_a_folder_that_is_gone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        kept.keep(tmp_path / "gone", GOOD)
