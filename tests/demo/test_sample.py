"""The sample directory is found in a source tree and in an installed wheel."""

from pathlib import Path

from ctibridge.demo.sample import sample_directory


def test_a_source_tree_uses_its_own() -> None:
    assert (sample_directory() / "people.csv").exists()


def test_an_installed_wheel_uses_the_packed_one(tmp_path: Path) -> None:
    (tmp_path / "site" / "_sample").mkdir(parents=True)
    (tmp_path / "config" / "sample").mkdir(parents=True)
    assert sample_directory(tmp_path / "site") == tmp_path / "site" / "_sample"
