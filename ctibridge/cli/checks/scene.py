"""What every look of `check` is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ctibridge.cli.checks.agents import Seats
from ctibridge.cluster.settings import RedisAccess
from ctibridge.config import Settings
from ctibridge.sip.settings import TrunkAccess


@dataclass(frozen=True, slots=True)
class Scene:
    """config: the configuration's file. seats: of the trunks whose lines could be read; accesses: of those whose
    secrets could be, too; cluster: of `[redis]`, likewise. at: aware UTC.

    patience: seconds for looking through each file of the store; None: as long as it takes. tell: hears how far it is.
    """

    settings: Settings
    config: Path
    seats: Seats
    at: datetime
    patience: float | None
    tell: Callable[[str], None]
    accesses: Mapping[str, TrunkAccess] = field(default_factory=dict)
    cluster: RedisAccess | None = None

    @property
    def state_dir(self) -> Path:
        return self.settings.node.state_dir
