"""What is served over plain HTTP: page files, health, metrics, the schemas, the IVR's question, and what else is added.
No body is read, no cookie set."""

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Message, Receive, Scope, Send

from ctibridge.delivery.adapters import page_files, stream_files
from ctibridge.delivery.adapters.page_files import HEADERS, INDEX, PageFile, offering_sign_in

Endpoint = Callable[[Request], Awaitable[Response]]
Ready = Callable[[], tuple[list[str], list[str]]]
Scrape = Callable[[str], Awaitable[tuple[bytes, str]]]
"""From what a scraper accepts to body and content type."""
DeskApp = Callable[[Any, Any, Any], Awaitable[None]]


class DeskEndpoint:
    """Starlette takes an object for a bare ASGI application: no wrapper for each of thousands of desks."""

    def __init__(self, app: DeskApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


class HttpApp:
    """The ASGI application. ready: the reasons why we are not ready, none when we are, and what else is worth saying.
    desk: the websocket's part; ivr: what answers a telephone system's question."""

    def __init__(self, ready: Ready, desk: DeskApp, ivr: Endpoint) -> None:
        self.scrape: Scrape | None = None
        """Set by whoever has metrics."""
        self._ready = ready
        self._ivr = ivr
        self._app = Starlette(
            routes=[*self._pages(), *self._machines(), WebSocketRoute("/v1/desk", DeskEndpoint(desk))]
        )
        # A redirect would be built from the Host header, which is anybody's.
        self._app.router.redirect_slashes = False

    def sign_in(self, endpoint: Endpoint) -> None:
        """A proxy signs agents in: their pages ask here for a token, as they are told so."""
        index = offering_sign_in(page_files.read()[INDEX])
        self._app.router.routes.insert(0, Route("/", _serve(index, "no-store")))
        self.add("/v1/sign-in", endpoint, ["POST"])

    def add(self, path: str, endpoint: Endpoint, methods: Sequence[str] = ("GET",)) -> None:
        """What is there only where it is configured; before the first request."""
        self._app.router.routes.append(Route(path, endpoint, methods=list(methods)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._app(scope, receive, _with_headers(send))
        else:
            await self._app(scope, receive, send)

    def _pages(self) -> list[BaseRoute]:
        found = page_files.read()
        pages: list[BaseRoute] = [Route("/", _serve(found.pop(INDEX), "no-store"))]
        return pages + [Route(f"/page/{name}", _serve(file, "no-cache")) for name, file in found.items()]

    def _machines(self) -> list[BaseRoute]:
        return [
            Route("/v1/schema/events.json", _serve(stream_files.events(), "no-cache")),
            Route("/v1/schema/asyncapi.json", _serve(stream_files.described(), "no-cache")),
            Route("/v1/lookup", self._ivr),
            Route("/healthz", _alive),
            Route("/readyz", self._readiness),
            Route("/metrics", self._metrics),
        ]

    async def _readiness(self, _: Request) -> Response:
        reasons, remarks = self._ready()
        body = {"ready": not reasons, "reasons": reasons, "remarks": remarks}
        return JSONResponse(body, status_code=503 if reasons else 200)

    async def _metrics(self, request: Request) -> Response:
        if self.scrape is None:
            return Response(status_code=404)
        body, kind = await self.scrape(request.headers.get("accept", ""))
        return Response(body, headers={"content-type": kind, "cache-control": "no-store"})


async def _alive(_: Request) -> Response:
    return JSONResponse({"alive": True})


def _serve(file: PageFile, cache: str) -> Endpoint:
    async def endpoint(_: Request) -> Response:
        return Response(file.body, media_type=file.media_type, headers={"cache-control": cache})

    return endpoint


def _with_headers(send: Send) -> Send:
    """On every answer, errors too."""

    async def send_safely(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers: MutableMapping[str, Any] = message
            headers["headers"] = [*message.get("headers", ()), *HEADERS]
        await send(message)

    return send_safely
