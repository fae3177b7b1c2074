"""Root makes a backup: the store is opened as its owner, and root stays what he is."""

import os
import signal
from pathlib import Path

import pytest

from ctibridge.cli import options, owned
from ctibridge.cli.problem import Problem


@pytest.fixture
def became(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The processes that became the owner, as far as this one sees it."""
    became: list[int] = []
    monkeypatch.setattr(options, "become_owner", lambda _: became.append(os.getpid()))
    return became


def test_the_owner_does_it_himself(tmp_path: Path, became: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owned, "_is_roots_to_give_up", lambda _: False)
    done: list[int] = []
    assert owned.as_owner(tmp_path, lambda: done.append(os.getpid()))
    assert done == became == [os.getpid()]


def test_root_has_it_done_by_another_process(
    tmp_path: Path, became: list[int], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(owned, "_is_roots_to_give_up", lambda _: True)

    def work() -> None:
        (tmp_path / "who").write_text(f"{os.getpid()} {became}", encoding="ascii")

    assert owned.as_owner(tmp_path, work)
    who, _, owners = (tmp_path / "who").read_text(encoding="ascii").partition(" ")
    assert int(who) != os.getpid()
    assert owners == f"[{who}]"
    assert became == []

    def refuse() -> None:
        raise Problem("no room;\nmake some")

    assert not owned.as_owner(tmp_path, refuse)
    assert capfd.readouterr().err == "ctibridge: no room; make some\n"

    def end() -> None:
        raise KeyboardInterrupt

    assert not owned.as_owner(tmp_path, end)
    assert capfd.readouterr().err == ""
    assert not owned.as_owner(tmp_path, lambda: 1 // 0)  # type: ignore[arg-type]
    assert "ZeroDivisionError" in capfd.readouterr().err, "a fault of ours is not silent"
    with pytest.raises(Problem, match="signal 9"):
        owned.as_owner(tmp_path, lambda: os.kill(os.getpid(), signal.SIGKILL))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give root up")
def test_for_real_it_is_the_owner_of_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of modules that it could not read this test says nothing: tests/cli/test_options.py does."""
    monkeypatch.setattr(options, "_check_installation", lambda *_: None)
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    for folder in (*reversed(tmp_path.relative_to("/").parents), tmp_path.relative_to("/")):
        opened = Path("/") / folder
        opened.chmod(opened.stat().st_mode | 0o001)
    os.chown(state, 65534, 65534)
    assert owned.as_owner(state, (state / "made").touch)
    assert (state / "made").stat().st_uid == 65534
    assert os.geteuid() == 0
