"""How a line is seen: by a contact of ours that is forked to, by its dialog state (RFC 4235), or by both."""

from dataclasses import dataclass
from enum import StrEnum


class View(StrEnum):
    """The contact sees the call itself, whole and at once; dialog-info sees what the line's own phone does with it."""

    CONTACT = "contact"
    DIALOG_INFO = "dialog-info"


@dataclass(frozen=True, slots=True)
class Views:
    """What a trunk's configuration promises. watched: its lines' dialog state is subscribed to. contact_hears_end: a
    ringing contact hears the CANCEL; False where it answers 480 at once (`ring = "decline"`) and its end is a guess."""

    watched: bool = False
    contact_hears_end: bool = True
