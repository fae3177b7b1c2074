"""What a telephone system asks before it routes a caller, and what it never hears."""

import json
from datetime import UTC, datetime

import pytest

from ctibridge.delivery.tokens import Kind
from tests.delivery import examples as ex
from tests.delivery.adapters.desk_server import DeskServer
from tests.delivery.adapters.test_http import get

pytestmark = pytest.mark.e2e  # real sockets and real time


async def bearer(server: DeskServer, kind: Kind = Kind.IVR) -> str:
    token = await server.token("ana" if kind is Kind.DESK else None, kind)
    return f"Authorization: Bearer {token}\r\n"


async def test_status_language_and_company_and_nothing_of_the_person(server: DeskServer) -> None:
    server.answer = ex.IDENTIFIED
    path = "/v1/lookup?caller=%2B4915112345678&called=%2B49301234560"
    status, headers, body = await get(server, path, headers=await bearer(server))
    assert (status, headers["cache-control"]) == (200, "no-store")
    assert json.loads(body) == {
        "status": "identified",
        "language": "de-CH",
        "account": {"id": "acme", "name": "ACME AG"},
    }
    assert server.asked == [("+4915112345678", "+49301234560")]


async def test_of_an_unknown_caller_the_company_that_he_calls(server: DeskServer) -> None:
    server.answer = ex.UNKNOWN
    _, _, body = await get(server, "/v1/lookup?caller=123", headers=await bearer(server))
    assert json.loads(body)["status"] == "unknown"
    assert server.asked == [("123", None)]


@pytest.mark.parametrize("kind", [None, Kind.DESK])
async def test_nobody_asks_without_a_token_of_its_kind(server: DeskServer, kind: Kind | None) -> None:
    headers = "" if kind is None else await bearer(server, kind)
    status, answered, _ = await get(server, "/v1/lookup?caller=123", headers=headers)
    assert (status, answered["www-authenticate"]) == (401, "bearer")
    assert server.asked == []


async def test_a_revoked_token_is_none(server: DeskServer) -> None:
    headers = await bearer(server)
    (token,) = await server.tokens.all()
    await server.tokens.revoke(token.id, datetime.now(UTC))
    status, _, _ = await get(server, "/v1/lookup?caller=123", headers=headers)
    assert status == 401


@pytest.mark.parametrize("query", ["", "?called=123", f"?caller={'1' * 129}", f"?caller=1&called={'1' * 129}"])
async def test_what_is_no_question_is_refused(server: DeskServer, query: str) -> None:
    status, _, _ = await get(server, f"/v1/lookup{query}", headers=await bearer(server))
    assert status == 400
    assert server.asked == []


async def test_a_directory_that_does_not_answer_is_said(server: DeskServer) -> None:
    status, _, _ = await get(server, "/v1/lookup?caller=123", headers=await bearer(server))
    assert status == 503
