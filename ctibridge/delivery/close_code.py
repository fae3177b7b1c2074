"""Why a desk's connection ends, in the numbers of the contract."""

from enum import IntEnum


class CloseCode(IntEnum):
    """4401 and 4403: do not come back with this token. 4008: what was missed comes with `resume`."""

    RESTART = 1012
    TRY_LATER = 1013
    TOO_SLOW = 4008
    BAD_MESSAGE = 4400
    TOKEN_REFUSED = 4401
    WRONG_TOKEN = 4403
    NO_AUTH = 4408
