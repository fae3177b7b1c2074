"""Part of preinst: refuses, in one line, a store that a newer ctibridge has brought up. It knows the standard library
alone. What SQLite makes beside a store that it reads it gives to the store's owner, where root asks."""

import sqlite3
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

KNOWN: dict[str, dict[str, int]] = {}  # file -> room -> the newest version that this package knows; the build fills it
CONFIGURATION = Path("/etc/ctibridge/ctibridge.toml")


def folders() -> Iterator[Path]:
    """Where a store may be. A configuration that does not hold is not this script's business."""
    yield Path("/var/lib/ctibridge")
    try:
        node = tomllib.loads(CONFIGURATION.read_text(encoding="utf-8"))["node"]
        yield CONFIGURATION.parent / node["state_dir"]
    except (OSError, ValueError, KeyError, TypeError):
        return


def versions(path: Path) -> dict[str, int]:
    """What its rooms say; nothing of a file that is no store, or damaged: the program says that better."""
    try:
        with sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=10) as connection:
            return dict(connection.execute("SELECT room, version FROM schema_version"))
    except sqlite3.Error:
        return {}


def main() -> None:
    stores = [(folder / file, rooms) for folder in dict.fromkeys(folders()) for file, rooms in KNOWN.items()]
    for path, rooms in stores:
        if not path.is_file():
            continue
        found = versions(path)
        newer = [
            f"{room} {found[room]}, this package knows {known}"
            for room, known in rooms.items()
            if found.get(room, 0) > known
        ]
        if newer:
            sys.exit(
                f"ctibridge: {path} is of a newer version ({'; '.join(newer)}). Nothing was changed: keep the newer "
                "package, or put back the backup that was made before the upgrade (ctibridge restore) first."
            )


main()
