from datetime import UTC, datetime
from pathlib import Path

from ctibridge.cli.checks.scene import Scene
from ctibridge.config import NodeSettings, Settings


def test_the_state_directory_is_the_nodes() -> None:
    settings = Settings(node=NodeSettings(state_dir=Path("/srv/desk")))
    assert Scene(settings, Path("c.toml"), {}, datetime.now(UTC), None, print).state_dir == Path("/srv/desk")
