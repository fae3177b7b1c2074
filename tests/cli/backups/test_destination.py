"""Where a backup comes to stand: whole, or not at all."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ctibridge.cli.backups.destination import Destination
from ctibridge.cli.problem import Problem


@pytest.fixture(params=["nameless", "named"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """`named`: as on NFS, which has no files without a name."""
    kind: str = request.param
    if kind == "named":
        monkeypatch.setattr(os, "open", without_nameless(os.open))
    return kind


def without_nameless(really: Callable[..., int]) -> Callable[..., int]:
    def opened(path: str | Path, flags: int, *rest: int) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, "Operation not supported")
        return really(path, flags, *rest)

    return opened


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_it_is_there_when_it_is_whole(tmp_path: Path, kind: str) -> None:
    mask = os.umask(0)
    try:
        destination = Destination(tmp_path / "a", replaces=False)
        destination.file.write(b"whole")
        assert (tmp_path / "a").exists() is False
        assert names(tmp_path) == set() if kind == "nameless" else len(names(tmp_path)) == 1
        destination.publish()
    finally:
        os.umask(mask)
    assert names(tmp_path) == {"a"}
    assert (tmp_path / "a").read_bytes() == b"whole"
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
    destination.discard()
    assert names(tmp_path) == {"a"}, "what is published stays"


@pytest.mark.usefixtures("kind")
def test_what_is_discarded_leaves_nothing_and_what_was_there_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"before")
    destination = Destination(tmp_path / "a", replaces=True)
    destination.file.write(b"half")
    destination.discard()
    assert names(tmp_path) == {"a"}
    assert (tmp_path / "a").read_bytes() == b"before"


@pytest.mark.usefixtures("kind")
def test_it_replaces_only_where_it_is_told_to(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"before")
    with pytest.raises(Problem, match="is there already; name another file, or replace it: --force"):
        Destination(tmp_path / "a", replaces=False)
    destination = Destination(tmp_path / "a", replaces=True)
    destination.file.write(b"after")
    destination.publish()
    assert names(tmp_path) == {"a"}
    assert (tmp_path / "a").read_bytes() == b"after"


@pytest.mark.usefixtures("kind")
def test_of_two_that_began_together_the_second_takes_nobodys_place(tmp_path: Path) -> None:
    first, second = (Destination(tmp_path / "a", replaces=False) for _ in range(2))
    first.file.write(b"first")
    first.publish()
    with pytest.raises(Problem, match="was made meanwhile"):
        second.publish()
    second.discard()
    assert names(tmp_path) == {"a"}
    assert (tmp_path / "a").read_bytes() == b"first"


def test_a_folder_a_link_or_nowhere_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for path in (tmp_path, tmp_path / "link", tmp_path / "none" / "a"):
        with pytest.raises(Problem) as problem:
            Destination(path, replaces=True)
        assert problem.value.code == 2
    assert names(tmp_path) == {"link"}
