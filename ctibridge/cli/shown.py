"""How people's data reach a terminal, which obeys some characters instead of showing them."""

import re

from ctibridge.domain.note import TURNING

_SPACE = re.compile(r"(?:\r\n|[\t\n\v\f\r\x85\u2028\u2029])+")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def shown(text: str) -> str:
    """On one line, and without control characters, marks that turn the direction, and what cannot be encoded."""
    return TURNING.sub("", _UNSEEN.sub("", _SPACE.sub(" ", text)))
