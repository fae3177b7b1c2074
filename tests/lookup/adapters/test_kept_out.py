"""Marks in the store: none before the first, one for each, gone when they are lifted."""

from pathlib import Path

from ctibridge.domain.person import PersonKey
from ctibridge.lookup.adapters import kept_out
from ctibridge.lookup.adapters.schema import FILE, open_file
from ctibridge.lookup.kept_out import KeptOut

REGULA, URS = PersonKey("acme", "p17"), PersonKey("acme", "p18")


async def test_marks_come_and_go(tmp_path: Path) -> None:
    store = await open_file(tmp_path / FILE)
    try:
        assert await kept_out.load(store) == KeptOut()
        assert not await kept_out.remove(store, REGULA)
        for statement in kept_out.TABLES:
            await store.execute(statement)
        assert await kept_out.load(store) == KeptOut(), "no key yet"
        await kept_out.add(store, [REGULA], 1, "2026-11-22")
        await kept_out.add(store, [REGULA, URS], 2, "2026-11-23")
        marked = await kept_out.load(store)
        assert len(marked.key) == kept_out.KEY_BYTES
        assert [marked.has("acme", person) for person in ("p17", "p18", "p19")] == [True, True, False]
        assert await kept_out.remove(store, REGULA)
        assert not await kept_out.remove(store, REGULA)
        assert [(await kept_out.load(store)).has("acme", person) for person in ("p17", "p18")] == [False, True]
    finally:
        await store.close()
