"""Looked for where something may have changed, and again where it failed."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ctibridge.flow import withholding
from ctibridge.flow.withholding import Withholding
from ctibridge.lookup.adapters.schema import FILE, StoreFault
from tests.lookup.adapters.files import WHOLE, imported
from tests.lookup.adapters.stored import numbers

NARROW = {"acme": ("work",)}


async def test_a_narrower_agreement_takes_effect_without_an_import(tmp_path: Path) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", WHOLE)
    await Withholding(tmp_path / FILE, 1_000).look(1, NARROW)
    assert [one[:2] for one in numbers(tmp_path / FILE)] == [("e1", "work"), ("p17", "work")]


async def test_what_somebody_read_meanwhile_leaves_the_log_later(tmp_path: Path) -> None:
    await imported(tmp_path / FILE, tmp_path / "files", WHOLE)
    keeper, log = Withholding(tmp_path / FILE, 1_000), tmp_path / f"{FILE}-wal"
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM directory_phone").fetchall()
        await keeper.look(1, NARROW)
        assert log.stat().st_size
        reader.execute("COMMIT")
        await keeper.look(1, NARROW)
        assert log.stat().st_size == 0


async def test_it_looks_again_only_where_directory_or_agreement_are_others(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[Any] = []

    async def counted(*args: Any, **_: Any) -> dict[str, dict[str, int]]:
        looks.append(args[1].by_account)
        if len(looks) == 1:
            raise StoreFault("boom")
        return {}

    async def empty(*_: Any, **__: Any) -> bool:
        return True

    monkeypatch.setattr(withholding, "withhold", counted)
    monkeypatch.setattr(withholding, "log_is_empty", empty)
    keeper = Withholding(Path("x.db"), 1)
    with pytest.raises(StoreFault):
        await keeper.look(1, NARROW)
    for at, agreed in ((1, NARROW), (1, NARROW), (2, NARROW), (2, {}), (2, NARROW)):
        await keeper.look(at, agreed)
    narrow = {"acme": frozenset({"work"})}
    assert looks == [narrow, narrow, narrow, {}, narrow]
