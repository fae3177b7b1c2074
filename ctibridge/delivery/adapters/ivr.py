"""`GET /v1/lookup?caller=…&called=…` (bearer token of kind `ivr`): language and company of a caller, for a telephone
system that routes him. No person, no number: that is for desks.
"""

import sqlite3
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ctibridge.delivery.adapters.token_store import TokenStore
from ctibridge.delivery.tokens import Kind, refuse_token
from ctibridge.domain.private import Private
from ctibridge.domain.screen_pop import Answer

LONGEST = 128
"""Characters of one parameter."""
_HEADERS = {"cache-control": "no-store"}
_BEARER = "bearer "

Ask = Callable[[str, str | None], Awaitable[Answer | None]]
"""caller, called → what somebody who sees every shared account would read; None where nothing answers."""

log = structlog.get_logger()


class Ivr:
    """`answer` is the endpoint."""

    def __init__(self, token_store: TokenStore, ask: Ask) -> None:
        self._tokens = token_store
        self._ask = ask

    async def answer(self, request: Request) -> Response:
        try:
            allowed = await self._is_allowed(request)
        except (sqlite3.Error, OSError) as error:
            log.error("token_check_failed", error=type(error).__name__)
            return _refused(503, "tokens cannot be checked now; try again")
        if not allowed:
            return _refused(401, "a bearer token of kind ivr is needed: ctibridge token issue --kind ivr")
        caller, called = request.query_params.get("caller"), request.query_params.get("called")
        if caller is None or max(len(caller), len(called or "")) > LONGEST:
            return _refused(400, f"caller is needed, called may be; each at most {LONGEST} characters")
        answer = await self._ask(caller, called)
        return _refused(503, "the directory does not answer now") if answer is None else JSONResponse(
            _told(answer), headers=_HEADERS
        )  # fmt: skip

    async def _is_allowed(self, request: Request) -> bool:
        given = request.headers.get("authorization", "")
        if not given.lower().startswith(_BEARER):
            return False
        token = await self._tokens.find(Private(given[len(_BEARER) :].strip()))
        return token is not None and token.kind is Kind.IVR and refuse_token(token, datetime.now(UTC)) is None


def _told(answer: Answer) -> dict[str, object]:
    account = answer.resolution.account or answer.called.account
    return {
        "status": answer.resolution.status.value,
        "language": answer.language.tag,
        "account": None if account is None else {"id": account.id, "name": account.name},
    }


def _refused(status: int, error: str) -> Response:
    headers = {**_HEADERS, "www-authenticate": "Bearer"} if status == 401 else _HEADERS
    return JSONResponse({"error": error}, status_code=status, headers=headers)
