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
    options.become_owner(tmp_path)
    assert taken == [("setgroups", [813]), ("setgid", 813), ("setuid", 812)]


def test_a_state_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Problem, match=r"state_dir .*file/state"):
        options.become_owner(tmp_path / "file" / "state")


def test_a_state_directory_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(Problem, match="is not writable"):
        options.become_owner(tmp_path)
