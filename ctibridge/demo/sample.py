"""Where the sample directory lies: in `config/sample` of a source tree, inside the package of an installed wheel."""

from pathlib import Path

PACKAGE = Path(__file__).parents[1]


def sample_directory(package: Path = PACKAGE) -> Path:
    """The wheel's copy comes first: an installed package may lie beside somebody else's `config` folder."""
    packed = package / "_sample"
    return packed if packed.is_dir() else package.parent / "config" / "sample"
