"""`POST /v1/sign-in` on the real port: whom it believes, and what it says to all others."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ctibridge.delivery.adapters.sign_in import SignIn
from ctibridge.delivery.settings import SignInSettings
from ctibridge.delivery.sign_in import SIGN_INS
from ctibridge.domain.private import Private
from tests import leaks
from tests.delivery.adapters.desk_server import DeskServer, signed_in
from tests.delivery.adapters.test_http import get

pytestmark = pytest.mark.e2e  # real sockets and real time

PROXY = "127.0.0.2"
OURS = "https://desk.example"
LOGIN = "Ana.Lindqvist@desk.example"
SENT = {"Origin": OURS, "Content-Type": "application/json", "X-Forwarded-User": LOGIN}


class Signing:
    """A port whose agents Ana and Ben a proxy at 127.0.0.2 signs in."""

    def __init__(self, server: DeskServer) -> None:
        self.server = server

    async def ask(
        self,
        *more: tuple[str, str],
        source: str = PROXY,
        method: str = "POST",
        trailer: str = "",
        **changed: str | None,
    ) -> Any:
        """Status and body. changed: headers by their names with `_`, None leaves one out; more: stand behind them;
        trailer: stands behind the body."""
        named = SENT | {name.replace("_", "-"): value for name, value in changed.items()}
        headers = [(name, value) for name, value in named.items() if value is not None] + list(more)
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
        host, port = self.server.listening.getsockname()[:2]
        reader, writer = await asyncio.open_connection(host, port, local_addr=(source, 0))
        head = f"{method} /v1/sign-in HTTP/1.1\r\nHost: desk.example\r\nConnection: close\r\n"
        length = f"Transfer-Encoding: chunked\r\n\r\n0\r\n{trailer}\r\n\r\n" if trailer else "Content-Length: 0\r\n\r\n"
        writer.write(f"{head}{lines}{length}".encode())
        answer = await asyncio.wait_for(reader.read(), 5)
        writer.close()
        await writer.wait_closed()
        top, _, body = answer.partition(b"\r\n\r\n")
        assert b"set-cookie" not in top.lower()
        assert b"access-control" not in top.lower()
        status = int(top.split()[1])
        return status, json.loads(body) if body.startswith(b"{") else body

    async def refused(self, *more: tuple[str, str], **asked: Any) -> tuple[int, str]:
        status, body = await self.ask(*more, **asked)
        assert list(body) == ["reason"]
        return status, body["reason"]


def offer(server: DeskServer, life: float = 43200, secret: str | None = None) -> Signing:
    by = SignInSettings(trusted_proxies=(PROXY,))
    hidden = None if secret is None else Private(secret)
    sign_in = SignIn(by, lambda: server.web.origins, server.tokens, server._agents, hidden, timedelta(seconds=life))
    server.agents = {
        name: replace(one, login=f"{one.name.replace(' ', '.')}@desk.example") for name, one in server.agents.items()
    }
    server.web.http.sign_in(sign_in.answer)
    return Signing(server)


@pytest.fixture
async def signing(tmp_path: Path) -> AsyncIterator[Signing]:
    async with DeskServer.running(tmp_path, public_url=OURS) as server:
        yield offer(server)


async def test_whom_the_proxy_names_gets_a_token_for_his_shift(signing: Signing) -> None:
    leaks.canary("Ana.Lindqvist@desk")
    status, body = await signing.ask()
    assert (status, list(body), body["agent"]) == (200, ["token", "expires_at", "agent"], "ana")
    left = datetime.fromisoformat(body["expires_at"]) - datetime.now(UTC)
    assert timedelta(hours=11, minutes=59) < left <= timedelta(hours=12)
    assert await signed_in(signing.server, body["token"]) is None
    (kept,) = await signing.server.tokens.all()
    assert (kept.agent, kept.signed_in) == ("ana", True)
    assert (await signing.ask(X_Forwarded_User="ANA.LINDQVIST@desk.example", Sec_Fetch_Site="same-origin"))[0] == 200


async def test_from_any_other_address_nothing_counts(signing: Signing) -> None:
    for source in ("127.0.0.1", "127.0.0.3"):
        assert await signing.refused(source=source) == (403, "untrusted")
        assert await signing.refused(("X-Forwarded-For", PROXY), ("X-Real-IP", PROXY), source=source) == (
            403,
            "untrusted",
        )
        assert await signing.refused(("Forwarded", f"for={PROXY}"), source=source) == (403, "untrusted")
        assert await signing.refused(source=source, X_Forwarded_User="nobody") == (403, "untrusted"), (
            "and tells nothing"
        )
    assert await signing.server.tokens.all() == []


async def test_no_foreign_page_can_cause_it(signing: Signing) -> None:
    assert await signing.refused(Origin="https://evil.example") == (403, "foreign")
    assert await signing.refused(Origin=None) == (403, "foreign")
    assert await signing.refused(Origin="null") == (403, "foreign")
    assert await signing.refused(("Origin", OURS)) == (403, "foreign")
    assert await signing.refused(Content_Type="text/plain") == (403, "foreign"), "a form can send that"
    assert await signing.refused(Content_Type=None) == (403, "foreign")
    assert await signing.refused(Sec_Fetch_Site="same-site") == (403, "foreign")
    assert await signing.refused(Sec_Fetch_Site="cross-site") == (403, "foreign")
    for method in ("GET", "OPTIONS", "PUT"):
        assert (await signing.ask(method=method))[0] == 405
    assert await signing.server.tokens.all() == []


async def test_who_is_nobody_gets_none(signing: Signing) -> None:
    assert await signing.refused(X_Forwarded_User=None) == (403, "no_user")
    assert await signing.refused(X_Forwarded_User="") == (403, "no_user")
    assert await signing.refused(("X-Forwarded-User", LOGIN)) == (403, "no_user"), "one of them is the client's"
    assert await signing.refused(("x-forwarded-user", "Ben.Okafor@desk.example")) == (403, "no_user")
    assert await signing.refused(X_Forwarded_User="a" * 300) == (403, "no_user")
    assert await signing.refused(X_Forwarded_User="ana") == (403, "unknown")
    signing.server.disable("ana")
    assert await signing.refused() == (403, "disabled")
    signing.server.agents["ben"] = replace(signing.server.agents["ben"], login=LOGIN.upper())
    assert await signing.refused() == (403, "ambiguous")
    assert await signing.server.tokens.all() == []


async def test_what_stands_behind_the_body_is_no_header(signing: Signing) -> None:
    named = f"X-Forwarded-User: {LOGIN}"
    assert await signing.refused(X_Forwarded_User=None, trailer=named) == (403, "no_user"), "a proxy may pass it on"
    assert (await signing.ask(trailer="X-Forwarded-User: ben.okafor@desk.example"))[1]["agent"] == "ana"


async def test_a_page_that_reloads_for_ever_fills_nothing(signing: Signing) -> None:
    answers = [(await signing.ask())[0] for _ in range(SIGN_INS)]
    assert answers == [200] * SIGN_INS
    assert await signing.refused() == (429, "too_often")
    assert (await signing.ask(X_Forwarded_User="ben.okafor@desk.example"))[0] == 200
    assert len(await signing.server.tokens.all()) == SIGN_INS + 1


async def test_a_store_that_fails_is_not_the_agents_fault(signing: Signing, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(signing.server.tokens, "sign_in", fails)
    assert await signing.refused() == (503, "unavailable")


async def test_with_a_secret_the_address_alone_is_not_enough(tmp_path: Path) -> None:
    async with DeskServer.running(tmp_path, public_url=OURS) as server:
        signing = offer(server, secret="shared by two")
        assert await signing.refused() == (403, "untrusted")
        assert await signing.refused(X_Ctibridge_Proxy="guessed") == (403, "untrusted")
        assert await signing.refused(("X-Ctibridge-Proxy", "shared by two"), X_Ctibridge_Proxy="x") == (
            403,
            "untrusted",
        )
        assert (await signing.ask(X_Ctibridge_Proxy="shared by two"))[0] == 200
        assert await signing.refused(X_Ctibridge_Proxy="shared by two", source="127.0.0.1") == (403, "untrusted")


async def test_only_where_it_is_configured_anything_is_there_and_the_page_is_told(
    signing: Signing, tmp_path: Path
) -> None:
    assert b'name="sign-in" content="proxy"' in (await get(signing.server, "/"))[2]
    (tmp_path / "other").mkdir()
    async with DeskServer.running(tmp_path / "other") as server:
        assert (await Signing(server).ask())[0] == 404
        assert b'name="sign-in" content="token"' in (await get(server, "/"))[2]
