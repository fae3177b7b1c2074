"""The wheel carries what an installation needs: every module, the page, the sample directory, and nothing else."""

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ctibridge import __version__

ROOT = Path(__file__).parents[2]


def files(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    """Built from a copy, so that a build leaves nothing in the tree."""
    tree = tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    for name in ("ctibridge", "config"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run(build, cwd=tree, check=True, capture_output=True)
    with zipfile.ZipFile(tree / "dist" / f"ctibridge-{__version__}-py3-none-any.whl") as wheel:
        yield wheel


def test_it_holds_the_package_and_the_sample_and_no_more(wheel: zipfile.ZipFile) -> None:
    names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    wanted = {f"ctibridge/{name}" for name in files(ROOT / "ctibridge")}
    sample = {f"ctibridge/_sample/{name}" for name in files(ROOT / "config" / "sample")}
    assert names == wanted | sample


def test_it_carries_the_licence(wheel: zipfile.ZipFile) -> None:
    licence = wheel.read(f"ctibridge-{__version__}.dist-info/licenses/LICENSE")
    assert b"Apache License" in licence
