"""What an agent writes for a call, for whoever has it beside him or next."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from ctibridge.domain.private import Private

MOST_NOTES = 20
"""Notes of one call: who has more to say writes it into his own tool."""

_LINE_END = re.compile("\r\n|[\r\x85\u2028\u2029]")
TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the direction of what stands beside them: bidi controls (UAX #9)."""


@dataclass(frozen=True, slots=True)
class Note:
    """by: the agent. text: plain, of one or more lines; he may name a person in it. of_granted_account: he saw the
    company when he wrote it, so it is for those who see it, too."""

    by: str
    text: Private
    at: datetime
    of_granted_account: bool = True


def plain(text: str) -> str:
    """Without control and bidi characters, and without space around it; lines and tabs stay."""
    lines = TURNING.sub("", _LINE_END.sub("\n", text))
    return "".join(c for c in lines if c in "\t\n" or unicodedata.category(c) not in {"Cc", "Cs"}).strip()
