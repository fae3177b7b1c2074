"""What a Redis says of itself, and whether it will do. Pure."""

from dataclasses import dataclass

OLDEST = (7, 0)
"""Of Redis: functions of streams that we read gaps by (`entries-added`) are of 7.0. Valkey calls itself 7.2."""
POLICY = "noeviction"


@dataclass(frozen=True, slots=True)
class Server:
    """version: as it writes it. mode: standalone or cluster. policy: what it does when its memory is full. used, most:
    bytes; most 0 for no limit. keeps: it writes an append-only file."""

    version: str
    mode: str
    policy: str
    used: int
    most: int
    keeps: bool

    @property
    def too_old(self) -> bool:
        return _numbers(self.version) < OLDEST

    @property
    def may_evict(self) -> bool:
        """A key of ours may go at any time, where it is full: a lease, a lot."""
        return self.policy != POLICY


def parse(info: bytes) -> Server:
    """info: the sections server, memory and persistence. Raises ValueError for what is none."""
    lines = (line.partition(":") for line in info.decode(errors="replace").splitlines())
    said = {name: value for name, _, value in lines}
    try:
        return Server(
            said["redis_version"][:32],
            said.get("redis_mode", "standalone")[:32],
            said["maxmemory_policy"][:32],
            int(said["used_memory"]),
            int(said["maxmemory"]),
            said.get("aof_enabled") == "1",
        )
    except KeyError as missing:
        raise ValueError(f"INFO without {missing}") from None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isascii() and part.isdigit() else 0 for part in version.split(".")[:2])
