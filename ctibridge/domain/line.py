"""A line: a SIP address-of-record that we register as an additional contact; it belongs to agents."""

from dataclasses import dataclass
from enum import StrEnum


class LineState(StrEnum):
    """What we can hear of a line (contract: *Trust of packets*)."""

    REGISTERING = "registering"
    REGISTERED = "registered"
    ALONE = "alone"
    DEAF = "deaf"


@dataclass(frozen=True, slots=True)
class Line:
    """`user` is the user part of the address-of-record, unique within its trunk; `agents` may sit there."""

    trunk: str
    user: str
    agents: tuple[str, ...]
