"""What `--output` names: new, its owner's alone, and never a way to another file."""

from pathlib import Path

import pytest

from ctibridge.cli.new_file import new_file
from ctibridge.cli.problem import Problem


def test_it_is_its_owners_alone(tmp_path: Path) -> None:
    with new_file(tmp_path / "a.csv") as file:
        file.write("Zoë\n")
    assert (tmp_path / "a.csv").read_bytes() == "Zoë\n".encode()
    assert (tmp_path / "a.csv").stat().st_mode & 0o777 == 0o600


def test_what_is_there_stays_also_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("before", encoding="ascii")
    (tmp_path / "link").symlink_to(tmp_path / "nothing yet")
    for name in ("a.csv", "link"):
        with pytest.raises(Problem, match="is there already") as fault:
            new_file(tmp_path / name)
        assert fault.value.code == 2
    assert (tmp_path / "a.csv").read_text(encoding="ascii") == "before"
    assert not (tmp_path / "nothing yet").exists()


def test_where_none_can_be_made_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="No such file or directory; name a file in a folder"):
        new_file(tmp_path / "none" / "a.csv")
