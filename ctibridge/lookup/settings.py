"""What an administrator may tune in this room, and what a trunk tells about numbers."""

from dataclasses import dataclass
from typing import Annotated

import msgspec
import phonenumbers

from ctibridge.fields import Duration
from ctibridge.lookup import tags

MOST_PATIENCE = Duration(0.5)
"""So long the first pop waits for who holds the number at all; his record is not worth more than that."""


class ResolutionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a caller becomes a person.

    shared_number_people: a number of this many people of one account names the company only. Fewer are a family or a
    team of which one is worth guessing; more are a switchboard, where a guess would mostly be wrong. choice_days: for
    so many days it is remembered whom an agent chose for a number; 0: never. patience: how long the first pop waits for
    the people's records, at most 500ms; what is later follows as an update.
    """

    shared_number_people: Annotated[int, msgspec.Meta(ge=2, le=50)] = 5
    choice_days: Annotated[int, msgspec.Meta(ge=0, le=3650)] = 90
    patience: Duration = msgspec.field(default_factory=lambda: Duration(0.05))

    def __post_init__(self) -> None:
        if self.patience > MOST_PATIENCE:
            raise ValueError(f"patience is at most {MOST_PATIENCE}: the phone rings meanwhile")


class LanguageSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which language the caller is greeted in. default: a BCP 47 tag, for calls of which nothing better is known."""

    default: str = "en"

    def __post_init__(self) -> None:
        tags.canonical(self.default)


def is_known_country(country: str) -> bool:
    """Has it a numbering plan? country: ISO 3166 alpha-2."""
    return country in phonenumbers.SUPPORTED_REGIONS


@dataclass(frozen=True, slots=True)
class DialPlan:
    """What the trunk says about the numbers it sends.

    country: ISO 3166 alpha-2, whose national form numbers may have; None: only international numbers are understood.
    outside_line_prefix: the digits that the PBX puts before external numbers, if it does.
    """

    country: str | None = None
    outside_line_prefix: str | None = None
