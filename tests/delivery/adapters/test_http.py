import asyncio
import json
from typing import Any

import pytest

from tests.delivery.adapters.desk_server import DeskServer

pytestmark = pytest.mark.e2e  # real sockets and real time


async def get(
    server: DeskServer, path: str, method: str = "GET", headers: str = ""
) -> tuple[int, dict[str, str], bytes]:
    """One bare request, path as it is written: clients tidy up `..` before they send it."""
    reader, writer = await asyncio.open_connection(*server.listening.getsockname()[:2])
    request = f"{method} {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n{headers}\r\n"
    writer.write(request.encode())
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    await writer.wait_closed()
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in lines)
    return int(status.split()[1]), fields, body


async def test_metrics_are_there_where_somebody_counts_and_for_get_alone(server: DeskServer) -> None:
    assert (await get(server, "/metrics"))[0] == 404

    async def scrape(accept: str) -> tuple[bytes, str]:
        return f"accepts {accept}".encode(), "text/plain; version=0.0.4"

    server.web.http.scrape = scrape
    status, headers, body = await get(server, "/metrics", headers="Accept: text/odd\r\n")
    assert (status, headers["content-type"], body) == (200, "text/plain; version=0.0.4", b"accepts text/odd")
    assert headers["cache-control"] == "no-store"
    assert (await get(server, "/metrics", "POST"))[0] == 405


async def test_the_page_and_its_files(server: DeskServer) -> None:
    for path, kind in (("/", "text/html"), ("/page/page.js", "text/javascript"), ("/page/pop.css", "text/css")):
        status, headers, body = await get(server, path)
        assert (status, headers["content-type"].split(";")[0]) == (200, kind)
        assert body
    _, headers, _ = await get(server, "/")
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/nothing", "/page/page.js", "/v1/schema/asyncapi.json", "/readyz", "/metrics"]
)
async def test_every_answer_is_guarded(server: DeskServer, path: str) -> None:
    _, headers, _ = await get(server, path)
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'")
    assert "frame-ancestors 'none'" in policy
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")
    assert "server" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "/page/../http.py",
        "/page/..%2fhttp.py",
        "/page/%2e%2e/http.py",
        "/page/index.html",
        "/page/",
        "/page",
        "/../../etc/passwd",
        "/healthz/",
        "//evil.example/",
        "/page/page.js%00",
    ],
)
async def test_nothing_else_exists(server: DeskServer, path: str) -> None:
    status, headers, _ = await get(server, path)
    assert status == 404
    assert "location" not in headers


async def test_health(server: DeskServer) -> None:
    assert (await get(server, "/healthz"))[0] == 200
    status, _, body = await get(server, "/readyz")
    assert (status, json.loads(body)) == (200, {"ready": True, "reasons": [], "remarks": []})
    server.remarks.append("trunk pbx: 0 of 2 lines heard")
    assert (await get(server, "/readyz"))[0] == 200
    server.reasons.append("the store is read-only")
    status, _, body = await get(server, "/readyz")
    assert (status, json.loads(body)) == (
        503,
        {"ready": False, "reasons": ["the store is read-only"], "remarks": ["trunk pbx: 0 of 2 lines heard"]},
    )


async def test_the_schema(server: DeskServer) -> None:
    _, headers, body = await get(server, "/v1/schema/events.json")
    schema: dict[str, Any] = json.loads(body)
    assert headers["content-type"].startswith("application/schema+json")
    assert "CallRinging" in schema["$defs"]


async def test_the_asyncapi_document(server: DeskServer) -> None:
    _, headers, body = await get(server, "/v1/schema/asyncapi.json")
    document: dict[str, Any] = json.loads(body)
    assert headers["content-type"] == "application/vnd.aai.asyncapi+json;version=3.0.0"
    assert document["channels"]["desk"]["address"] == "/v1/desk"


async def test_only_reading(server: DeskServer) -> None:
    assert (await get(server, "/", method="HEAD"))[0::2] == (200, b"")
    assert (await get(server, "/", method="POST", headers="Content-Length: 0\r\n"))[0] == 405
