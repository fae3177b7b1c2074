"""A store that is removed, replaced, or lost between two runs."""

from pathlib import Path

import pytest

from ctibridge.lookup.adapters.presence import Presence, refuse_lost
from ctibridge.lookup.adapters.schema import StoreFault


def test_a_file_is_there_until_it_is_removed_or_replaced(tmp_path: Path) -> None:
    path = tmp_path / "ctibridge.db"
    path.write_bytes(b"one")
    presence = Presence(path)
    assert presence.why_not is None
    path.write_bytes(b"another content of the same file")
    assert presence.why_not is None
    other = tmp_path / "other"
    other.write_bytes(b"two")
    path.rename(tmp_path / "aside")
    assert "was removed; restore it" in str(presence.why_not)
    other.rename(path)
    assert "was replaced; restart" in str(presence.why_not)
    (tmp_path / "aside").rename(path)
    assert presence.why_not is None


def test_a_folder_that_became_none_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    path = folder / "ctibridge.db"
    path.write_bytes(b"one")
    presence = Presence(path)
    path.unlink()
    folder.rmdir()
    folder.write_bytes(b"")
    assert "make it readable" in str(presence.why_not)


@pytest.mark.parametrize(("store", "desks"), [(None, None), (b"", b""), (b"store", b"desks")])
def test_a_first_start_is_no_loss(tmp_path: Path, store: bytes | None, desks: bytes | None) -> None:
    lay(tmp_path, store, desks)
    refuse_lost(tmp_path / "ctibridge.db", tmp_path / "desks.db")


@pytest.mark.parametrize("store", [None, b""])
def test_where_desks_had_calls_there_was_a_store(tmp_path: Path, store: bytes | None) -> None:
    """The daemon began with an empty one: it knew no token, and told each desk to throw its own away (4401)."""
    lay(tmp_path, store, b"desks")
    with pytest.raises(StoreFault, match=r"restore it from a backup, or move desks\.db away"):
        refuse_lost(tmp_path / "ctibridge.db", tmp_path / "desks.db")


def lay(folder: Path, store: bytes | None, desks: bytes | None) -> None:
    for name, content in (("ctibridge.db", store), ("desks.db", desks)):
        if content is not None:
            (folder / name).write_bytes(content)
