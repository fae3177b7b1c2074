"""Values of a person print masked, so that no log line, message or traceback can show one by accident.

`.value` is the only way out; it is taken where a desk, the store or the wire needs the text itself.
"""

from dataclasses import dataclass

MASK = "•••"


@dataclass(frozen=True, slots=True, repr=False)
class Private:
    """Text about a person: an e-mail address, an employee number."""

    value: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}({MASK})"

    def __str__(self) -> str:
        return MASK


class Number(Private):
    """A telephone number, E.164 or as somebody typed it."""

    __slots__ = ()


class Name(Private):
    """The name of a person, or what a caller calls himself."""

    __slots__ = ()
