"""What several commands share."""

import argparse
import os
from pathlib import Path

import pytest

from ctibridge.cli import options
from ctibridge.cli.problem import Problem
from ctibridge.config import DEFAULT_PATH


def parsed(*argv: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    options.add_config(parser)
    return parser.parse_args(argv)


def test_the_configuration_has_a_usual_place() -> None:
    assert parsed().config == DEFAULT_PATH
    assert parsed("--config", "here.toml").config == Path("here.toml")


def test_a_configuration_that_does_not_hold_is_wrong_usage(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text("[node]\nnam = 1\n", encoding="utf-8")
    with pytest.raises(Problem, match="unknown key `nam`") as problem:
        options.settings_of(parsed("--config", str(file)))
    assert problem.value.code == 2


def test_the_state_directory_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text('[node]\nstate_dir = "a/state"\n', encoding="utf-8")
    settings = options.open_state(parsed("--config", str(file)))
    assert settings.node.state_dir == tmp_path / "a" / "state"
    assert settings.node.state_dir.stat().st_mode & 0o777 == 0o700


def test_root_takes_the_owner_of_the_store_before_it_opens_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[tuple[str, object]] = []
    owner = os.stat_result((0o40700, 0, 0, 0, 812, 813, 0, 0, 0, 0))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    for name in ("setgroups", "setgid", "setuid"):
        monkeypatch.setattr(os, name, lambda value, name=name: taken.append((name, value)))
    monkeypatch.setattr(Path, "stat", lambda _: owner)
    monkeypatch.setattr(Path, "mkdir", lambda *_, **__: None)
    monkeypatch.setattr(options, "barred", lambda *_: None)
    options.become_owner(tmp_path)
    assert taken == [("setgroups", [813]), ("setgid", 813), ("setuid", 812)]


def test_a_state_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Problem, match=r"state_dir .*file/state"):
        options.become_owner(tmp_path / "file" / "state")


def test_a_state_directory_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    with pytest.raises(Problem, match="is not writable"):
        options.become_owner(tmp_path)


def test_an_owner_who_cannot_read_the_installation_is_refused_before_root_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = os.stat_result((0o40700, 0, 0, 0, 4_000_812, 813, 0, 0, 0, 0))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    for name in ("setgroups", "setgid", "setuid"):
        monkeypatch.setattr(os, name, lambda _: pytest.fail("root was given up"))
    monkeypatch.setattr(Path, "stat", lambda _: owner)
    monkeypatch.setattr(Path, "mkdir", lambda *_, **__: None)
    monkeypatch.setattr(options, "barred", lambda *_: Path("/home/admin"))
    with pytest.raises(Problem, match="belongs to user 4000812, who cannot read /home/admin; install") as problem:
        options.become_owner(tmp_path)
    assert problem.value.code == 1


@pytest.mark.parametrize(
    ("mode", "uid", "gid", "enters"),
    [
        (0o700, 0, 0, True),
        (0o700, 1, 1, False),
        (0o711, 1, 1, True),
        (0o710, 1, 0, True),
        (0o710, 1, 1, False),
        (0o701, 1, 0, False),  # the group's bits hold for its members, also where others may do more
        (0o611, 0, 0, False),
    ],
)
def test_who_may_enter_a_folder_on_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, uid: int, gid: int, *, enters: bool
) -> None:
    """uid and gid: 0 for the folder's own, 1 for another."""
    home = tmp_path / "home"
    inner = home / "venv" / "lib"
    inner.mkdir(parents=True)
    link = tmp_path / "link"
    link.symlink_to(inner)
    real_stat = os.stat

    def stat_of(path: object, **more: bool) -> os.stat_result:
        if Path(str(path)) == home:
            return os.stat_result((0o40000 | mode, 0, 0, 0, 812, 813, 0, 0, 0, 0))
        return os.stat_result((0o40755, *real_stat(str(path), **more)[1:10]))

    with monkeypatch.context() as patched:
        patched.setattr(options, "_status", stat_of)
        found = [options.barred(812 + uid, 813 + gid, path) for path in (inner, link)]
    assert found == [None if enters else home] * 2
