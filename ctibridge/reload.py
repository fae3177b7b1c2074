"""What of a new configuration the running daemon can take, and what waits for its next start. Pure.

Fixed are the names under which others know us (`node.name` stands in each event, `web.listen` in every page), the place
of the store, the Redis of the other nodes, and who signs agents in, as each page is told of it. Of a trunk, its lines
and how its numbers are written change under the calls that ring; anything else makes it another trunk: it signs off,
and a new one begins.
"""

from typing import Any

import msgspec

from ctibridge.config import Settings
from ctibridge.sip.settings import TrunkSettings

FIXED = (("node", "name"), ("node", "state_dir"), ("web", "listen"), ("web", "sign_in"))


def needs_restart(old: Settings, new: Settings) -> list[str]:
    """The keys that differ and are fixed, as `web.listen`."""
    late = [f"{section}.{key}" for section, key in FIXED if _of(old, section, key) != _of(new, section, key)]
    return late if old.redis == new.redis else [*late, "redis"]


def with_fixed(old: Settings, new: Settings) -> Settings:
    """The new configuration, with what is fixed as it was."""
    for section, key in FIXED:
        kept: Any = msgspec.structs.replace(getattr(new, section), **{key: _of(old, section, key)})
        new = msgspec.structs.replace(new, **{section: kept})
    return msgspec.structs.replace(new, redis=old.redis)


def is_same_trunk(old: TrunkSettings, new: TrunkSettings) -> bool:
    """Can the trunk that runs go on, with other lines perhaps?"""
    same_observing = (old.observer is None) == (new.observer is None)
    return same_observing and _without_lines(old) == _without_lines(new)


def _of(settings: Settings, section: str, key: str) -> object:
    return getattr(getattr(settings, section), key)


def _without_lines(trunk: TrunkSettings) -> TrunkSettings:
    """Lines and observer come with their secrets by `TrunkAccess`; how numbers are written is the look-up's, and whom
    we call to test it is a command's."""
    return msgspec.structs.replace(
        trunk, line=(), lines_file=None, observer=None, selftest=None, country=None, outside_line_prefix=""
    )
