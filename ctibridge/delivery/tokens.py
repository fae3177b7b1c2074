"""What a token is and whether it opens a desk. Only its hash is ever stored: 256 random bits need no salt."""

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ctibridge.delivery.close_code import CloseCode
from ctibridge.domain.agent import Agent
from ctibridge.domain.private import Private

PREFIX = "ctb_"
SECRET_BYTES = 32
SHIFT = timedelta(hours=12)
"""For how long a desk's token holds unless somebody says more: the longest shift. What is left behind in a browser
opens nothing the next day."""
_TEXT = re.compile(r"ctb_[A-Za-z0-9_-]{43}")


class Kind(StrEnum):
    """desk: opens an agent's desk; ivr: asks for language and account of a caller, of no agent."""

    DESK = "desk"
    IVR = "ivr"


@dataclass(frozen=True, slots=True)
class Token:
    """id: public, for lists and `revoke`. Times are aware UTC; expires_at None: never. signed_in: it was not given out
    by hand; the page got it, as a trusted proxy knew the agent."""

    id: str
    kind: Kind
    agent: str | None
    issued_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    signed_in: bool = False

    def state(self, at: datetime) -> str:
        """`valid`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= at else "valid"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a connection is not let in, or no longer."""

    code: CloseCode
    reason: str


def text_of(secret: bytes) -> Private:
    """The token itself, from `SECRET_BYTES` random bytes; safe in a URL fragment."""
    return Private(PREFIX + base64.urlsafe_b64encode(secret).rstrip(b"=").decode())


def hash_of(text: Private) -> bytes | None:
    """What is stored; None for what cannot be a token."""
    return hashlib.sha256(text.value.encode()).digest() if _TEXT.fullmatch(text.value) else None


def refuse_token(token: Token | None, at: datetime) -> Refusal | None:
    """4401 for a token that is unknown, revoked or expired."""
    if token is None:
        return Refusal(CloseCode.TOKEN_REFUSED, "the token is not valid")
    state = token.state(at)
    return None if state == "valid" else Refusal(CloseCode.TOKEN_REFUSED, f"the token is {state}")


def refuse_desk(token: Token, agent: Agent | None) -> Refusal | None:
    """4403 for a good token that opens no desk."""
    if token.kind is not Kind.DESK:
        return Refusal(CloseCode.WRONG_TOKEN, f"a token of kind {token.kind} opens no desk")
    return refuse_agent(agent)


def refuse_agent(agent: Agent | None) -> Refusal | None:
    """4403 for one to whom no desk opens."""
    if agent is None:
        return Refusal(CloseCode.WRONG_TOKEN, "the token's agent is not in the directory")
    return Refusal(CloseCode.WRONG_TOKEN, "the agent is disabled") if agent.disabled else None
