"""What is told of a copy, piece by piece."""

from pathlib import Path

import pytest

from ctibridge.lookup.adapters.following import changes
from tests.lookup.adapters.files import BASE, WHOLE, imported
from tests.lookup.adapters.following.copies import copy_in, told


async def test_each_version_of_an_import_is_a_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctibridge.lookup.adapters.importing.writing.TRANSACTION", 1)
    with await copy_in(tmp_path / "one") as copy, await copy_in(tmp_path / "two") as other:
        await imported(copy.path, tmp_path / "files", WHOLE)
        versions = []
        for entry in told(copy):
            other.put(entry)
            version = changes.unpack(entry.body).version
            if version is not None:
                assert other.version() == version.version
                versions.append(version.version)
        assert versions == list(range(1, copy.version() + 1))
        assert len(versions) > 1
        assert not copy.is_pending(act=True)


async def test_what_is_too_much_is_not_told_row_by_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "MOST_KEYS", 3)
    with await copy_in(tmp_path / "one") as copy:
        await imported(copy.path, tmp_path / "files", BASE)
        piece = copy.piece(act=True)
        assert piece is not None
        assert changes.unpack(piece.body).reload


async def test_an_erasure_says_that_it_is_one(tmp_path: Path) -> None:
    with await copy_in(tmp_path / "one") as copy:
        copy.db.execute("INSERT INTO directory_erasure (no, at, actor, what) VALUES (1, 'now', 'eva', x'00')")
        piece = copy.piece(act=True)
        assert piece is not None
        assert piece.erases


@pytest.mark.parametrize("body", [b"", b"x", changes.pack(changes.Told(act=True))[:-4] + b"abcd"])
def test_what_is_no_change_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        changes.unpack(body)
