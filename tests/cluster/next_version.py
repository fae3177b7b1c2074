"""The ctibridge of tomorrow: this one, with something more in all that nodes say to each other and keep for each other.

Made of a copy by replacements, each of which has to find its place. What is put there is what a later version may put
there by the promise of docs/cluster.md (*Upgrade*): a field more wherever one node reads another's bytes, a word and a
part that this version does not know, a column more in the directory.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.e2e.daemon import ROOT

VERSION = "99.0.0"
_FIELD = '    later: str = "of a later version"\n'
_WRITTEN = '    later: str = msgspec.field(default_factory=lambda: "of a later version")\n'
"""Where fields that have their default are not written."""
_COLUMNS = """    if version == 3:
        for table in ("directory_agent", "directory_person"):
            await connection.execute(f"ALTER TABLE {table} ADD COLUMN later TEXT NOT NULL DEFAULT 'of a later version'")
        return
"""


def _then(anchor: str, more: str = _FIELD) -> tuple[str, str]:
    """Behind it stands this, too."""
    return anchor, anchor + more


CHANGES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "__init__.py": (('__version__ = "', f'__version__ = "{VERSION}"  # "'),),
    # What a node says to all: a field in the stream, in what is said, and in what is said with it; and a word.
    "cluster/entry.py": (('"b", self.body)', '"b", self.body, "z", "later")'),),
    "flow/crossing_text.py": (
        ("class AllSaid:\n", f"class Waved:\n{_FIELD}\n\n@dataclass(frozen=True, slots=True)\nclass AllSaid:\n"),
        _then(" | AllSaid", " | Waved"),
        _then('    "all_said": AllSaid,\n', '    "waved": Waved,\n'),
        _then("    behind: tuple[tuple[str, msgspec.Raw], ...] = ()\n", _WRITTEN),
        ("said = tuple(map(_written, behind))", "said = tuple(map(_written, (Waved(), *behind)))"),
    ),
    "flow/crossing.py": (
        ("import AllSaid, ", "import AllSaid, Waved, "),
        _then("            self._tell(event, behind=behind)\n", "            self._tell(Waved())\n"),
        (
            "            case AllSaid():\n",
            "            case Waved():\n                pass\n            case AllSaid():\n",
        ),
    ),
    "sip/events.py": (_then("    at: float | None = field(default=None, repr=False, compare=False)\n"),),
    # What it says of itself, and of the lots that it has.
    "cluster/view.py": (
        _then("    figures: dict[str, float] = msgspec.field(default_factory=dict)\n"),
        _then("    ready: bool = False\n"),
    ),
    "cluster/adapters/ask.lua": (_then("lot[DESKS] = node, incarnation, token, desks\n", "  lot[8] = 'later'\n"),),
    # A desk that is handed over, and what lies of it in Redis.
    "delivery/moving.py": (_then("    ahead: Ahead | None = None\n"),),
    "joining/kept_rows.py": (_then("    ahead: Ahead | None = None\n"),),
    "delivery/kept_text.py": (_then("    newest: msgspec.Raw = _NOTHING\n", _WRITTEN),),
    # A screen at another node than its desk's.
    "delivery/relayed.py": (
        _then("    parts: Annotated[list[msgspec.Raw], Meta(max_length=_MOST_PARTS)]\n"),
        _then("    auth: Annotated[bytes, Meta(max_length=1024)]\n"),
        _then("    frame: bytes\n"),
        ("    raw: list[msgspec.Raw] = []\n", '    raw = [msgspec.Raw(_encoder.encode(["waved", "later"]))]\n'),
    ),
    # The directory, on disk and on its way to the others.
    "lookup/adapters/tables.py": (("\nVERSION = 3\n", "\nVERSION = 4\n"),),
    "lookup/adapters/migrations.py": (
        ("KNOWN = (1, 2)", "KNOWN = (1, 2, 3)"),
        _then("    assert version in KNOWN\n", _COLUMNS),
    ),
    "lookup/adapters/following/changes.py": (_then("    reload: bool = False\n"),),
}


def made(folder: Path) -> Path:
    """Where `python -m ctibridge` is this version."""
    package = folder / "ctibridge"
    shutil.copytree(ROOT / "ctibridge", package, ignore=shutil.ignore_patterns("__pycache__"))
    for name, changes in CHANGES.items():
        file = package / name
        text = file.read_text(encoding="utf-8")
        for before, after in changes:
            assert text.count(before) == 1, f"{name} has this not once: {before}"
            text = text.replace(before, after)
        file.write_text(text, encoding="utf-8")
    return folder
