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


MEANING = {
    CloseCode.RESTART: "The daemon restarts, or the desk moves to another node. Come back after the seconds that the "
    "reason names, and resume.",
    CloseCode.TRY_LATER: "The token could not be looked up. Come back after the seconds that the reason names.",
    CloseCode.TOO_SLOW: "Took nothing for too long. Come back and resume.",
    CloseCode.BAD_MESSAGE: "Sent what is no frame, or a third wrong one: a fault of the program. Do not come back.",
    CloseCode.TOKEN_REFUSED: "The token is unknown, has expired or was revoked. Do not come back with it.",
    CloseCode.WRONG_TOKEN: "A valid token of the wrong kind, or its agent is disabled. Do not come back with it.",
    CloseCode.NO_AUTH: "No `auth` within five seconds. Come back, and say it first.",
}
"""For who writes a client: what happened, and what to do."""
