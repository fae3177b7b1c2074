"""What every look of `check` is given."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ctibridge.cli.checks.agents import Seats
from ctibridge.config import Settings


@dataclass(frozen=True, slots=True)
class Scene:
    """config: the configuration's file. seats: of the trunks whose lines could be read. at: aware UTC.

    patience: seconds for looking through each file of the store; None: as long as it takes. tell: hears how far it is.
    """

    settings: Settings
    config: Path
    seats: Seats
    at: datetime
    patience: float | None
    tell: Callable[[str], None]

    @property
    def state_dir(self) -> Path:
        return self.settings.node.state_dir
