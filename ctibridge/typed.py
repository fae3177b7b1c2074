"""A caller as a person or an IVR types him: read as if an INVITE had him in From."""

from urllib.parse import quote

from ctibridge.domain.caller import Presentation, Signalled
from ctibridge.domain.private import Number
from ctibridge.sip.events import Withheld
from ctibridge.sip.identity import caller
from ctibridge.sip.message import Headers

LONGEST = 128
"""Characters of a number; what is longer is none."""
_ADDRESSES = ("sip:", "sips:", "tel:")


def signalled(number: str, called: str | None, source: str) -> Signalled:
    """The SIP room says which words mean that he stays unknown. source: who asks, where an INVITE names its header."""
    numbers = () if called is None else (Number(called),)
    whole = number.lower().startswith(_ADDRESSES)
    address = number.replace(">", "") if whole else f"sip:{quote(number, safe='')}@lookup.invalid"
    identity = caller(Headers((("from", f"<{address}>"),)), ["From"])
    if identity.withheld is not Withheld.NO:
        return Signalled(None, None, Presentation(identity.withheld.value), source, None, numbers)
    raw = identity.user if whole and identity.user else number
    return Signalled(Number(raw), None, Presentation.ALLOWED, source, None, numbers)
