"""`POST /v1/sign-in`: the page of an agent whom a trusted proxy has signed in gets its token.

Comes in: a request without a body. Goes out: `{"token", "expires_at", "agent"}`, or `{"reason"}`. No cookie: what the
page gets only the page can send. The connection's own address counts; X-Forwarded-For is anybody's.
"""

import asyncio
import hmac
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ctibridge.delivery.adapters.token_store import TokenStore
from ctibridge.delivery.settings import PROXY_HEADER, SignInSettings
from ctibridge.delivery.sign_in import SIGN_INS, Logins, Pace, Reason, Refused, is_trusted, named
from ctibridge.delivery.tokens import SHIFT, Token
from ctibridge.domain.agent import Agent
from ctibridge.domain.private import Private

_HEADERS = {"cache-control": "no-store"}
_STATUS = {Reason.TOO_OFTEN: 429, Reason.UNAVAILABLE: 503}

log = structlog.get_logger()


class SignIn:
    """`answer` is the endpoint. origins: whose pages may ask now. secret: what the proxy has to send beside the user,
    if the settings name one. life: of the tokens."""

    def __init__(
        self,
        by: SignInSettings,
        origins: Callable[[], frozenset[str]],
        token_store: TokenStore,
        agents: Callable[[], Awaitable[Mapping[str, Agent]]],
        secret: Private | None = None,
        life: timedelta = SHIFT,
    ) -> None:
        self._origins = origins
        self._header = by.user_header
        self._proxies = by.networks()
        self._tokens = token_store
        self._agents = agents
        self._secret = secret
        self._life = life
        self._logins = Logins()
        self._pace = Pace()

    async def answer(self, request: Request) -> Response:
        try:
            agent = await self._signed_in(request)
            self._pace.take(agent.id, asyncio.get_running_loop().time())
            now = datetime.now(UTC)
            text, token = await self._tokens.sign_in(agent.id, now + self._life, now, SIGN_INS)
        except Refused as refused:
            log.warning("sign_in_refused", reason=refused.reason.value)
            return _refused(refused.reason)
        except (sqlite3.Error, OSError) as error:
            log.error("sign_in_failed", error=type(error).__name__)
            return _refused(Reason.UNAVAILABLE)
        log.info("signed_in", token=token.id)
        return JSONResponse(_told(text, token), headers=_HEADERS)

    async def _signed_in(self, request: Request) -> Agent:
        """Raises Refused, and sqlite3.Error where the directory cannot be read."""
        self._check_proxy(request)
        self._check_page(request)
        login = named(_values(request, self._header))
        return self._logins.agent(login, await self._agents())

    def _check_proxy(self, request: Request) -> None:
        if request.client is None or not is_trusted(request.client.host, self._proxies):
            raise Refused(Reason.UNTRUSTED)
        if self._secret is not None:
            sent = _values(request, PROXY_HEADER)
            if len(sent) != 1 or not hmac.compare_digest(sent[0], self._secret.value.encode()):
                raise Refused(Reason.UNTRUSTED)

    def _check_page(self, request: Request) -> None:
        """A page of somebody else's can make its reader's browser ask, through the proxy and as him. Its origin cannot
        be hidden, and for this content type the browser would ask us first, whom nothing makes say yes (Fetch, CORS).
        """
        sent = _values(request, "origin")
        ours = len(sent) == 1 and sent[0].decode("latin-1") in self._origins()
        site = request.headers.get("sec-fetch-site", "same-origin")
        if not ours or site != "same-origin" or request.headers.get("content-type") != "application/json":
            raise Refused(Reason.FOREIGN)


def _values(request: Request, header: str) -> list[bytes]:
    name = header.lower().encode()
    return [value for key, value in request.headers.raw if key == name]


def _told(text: Private, token: Token) -> dict[str, str | None]:
    assert token.expires_at is not None
    return {
        "token": text.value,
        "expires_at": token.expires_at.isoformat().replace("+00:00", "Z"),
        "agent": token.agent,
    }


def _refused(reason: Reason) -> Response:
    return JSONResponse({"reason": reason.value}, status_code=_STATUS.get(reason, 403), headers=_HEADERS)
