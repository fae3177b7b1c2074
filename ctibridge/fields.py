"""The field types of the configuration file: durations, secrets. Pure values; reading a secret is `config`'s work."""

import re
from typing import Self

import msgspec

_DURATION = re.compile(r"([0-9]{1,9})(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class Duration(float):
    """Seconds, written `"90s"`, `"10m"`, `"500ms"`."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError for anything but a whole number with a unit; `re` with [0-9] refuses `1_0` and ²."""
        match = _DURATION.fullmatch(text)
        if match is None:
            raise ValueError(f'{text!r} is no duration; write it like "20s", "10m" or "500ms"')
        return cls(int(match[1]) * _SECONDS[match[2]])

    def __str__(self) -> str:
        for unit in ("d", "h", "m", "s"):
            if self >= _SECONDS[unit] and (self / _SECONDS[unit]).is_integer():
                return f"{int(self / _SECONDS[unit])}{unit}"
        return f"{round(self * 1000)}ms" if self else "0s"


class Secret(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a secret stands, exactly one of two. file: its path; others than owner and group must not read it.
    credential: its name in systemd's credentials directory (`LoadCredential=`)."""

    file: str | None = None
    credential: str | None = None

    def __post_init__(self) -> None:
        if (self.file is None) == (self.credential is None):
            raise ValueError('a secret is either { file = "…" } or { credential = "…" }')
