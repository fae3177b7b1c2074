"""Ana's page in a real browser with a daemon that only pretends: what it says is written by hand."""

import asyncio
import itertools
import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.async_api import Page, Route, WebSocketRoute, expect

from ctibridge.delivery.adapters import page_files
from tests.peers.chromium import Chromium

ADDRESS = "http://localhost:9"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)  # when the page is opened, far from any midnight; its clock goes on
_FILES = page_files.read()
_HEADERS = {name.decode(): value.decode() for name, value in page_files.HEADERS}
_FOLD = """async (actions) => {
  const { callsOf, INITIAL_TODAY, reduceToday } = await import("/page/today.js");
  const { waiting } = await import("/page/waiting.js");
  const today = actions.reduce((before, action) => reduceToday(before, action), INITIAL_TODAY);
  return { ...today, calls: callsOf(today), waiting: waiting(today) };
}"""
_FOLD_ALL = """async (actions) => {
  const { reduce, INITIAL } = await import("/page/state.js");
  return actions.reduce(reduce, INITIAL);
}"""
_ISOLATES = "[\u2066-\u2069]*"


def said(text: str) -> re.Pattern[str]:
    """The page keeps what it puts into a sentence apart with marks that nobody sees."""
    return re.compile(_ISOLATES.join(re.escape(c) for c in text))


def ago(minutes: float) -> str:
    return (NOW - timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


def call(nr: int = 1, minutes: float = 5, outcome: str | None = "abandoned", **more: Any) -> dict[str, Any]:
    """outcome None: it rings."""
    body: dict[str, Any] = {"id": f"c{nr}", "state": "ringing", "line": "6001", "trunk": "pbx", "rang_at": ago(minutes)}
    over = {"state": "ended", "ended_at": ago(minutes - 0.2), "outcome": outcome} if outcome else {}
    return body | over | more


def entry(nr: int = 1, minutes: float = 5, outcome: str | None = "abandoned", **more: Any) -> dict[str, Any]:
    """A call as `today` tells it: Regula Frei of ACME, from a number on record."""
    body = {
        "call": call(nr, minutes, outcome),
        "company": "ACME IT Service Desk",
        "account": {"id": "acme", "name": "ACME AG"},
        "status": "identified",
        "who": "Regula Frei",
        "number": "+4915112345678",
        "call_back": "+4915112345678",
        "language": "de-CH",
        "endonym": "Deutsch (Schweiz)",
        "notes": 0,
        "work": None,
    }
    return body | more


GLOBEX = {"id": "globex", "name": "Globex Corporation"}


def stranger(nr: int = 2, minutes: float = 5, **more: Any) -> dict[str, Any]:
    one = {"status": "unknown", "who": None, "number": f"+49301000{nr:04}", "call_back": None}
    return entry(nr, minutes, **(one | {"company": "Globex Assistance", "account": GLOBEX} | more))


def pop(nr: int = 1, minutes: float = 0, outcome: str | None = None, **more: Any) -> dict[str, Any]:
    """The data of a `call.ringing`."""
    evidence = {"kind": "number", "label": "mobile", "matched": "+4915112345678", "grade": "exact"}
    acme = {"id": "acme", "name": "ACME AG"}
    person = {"account": "acme", "id": "p17", "name": "Regula Frei", "job_title": "Controller",
              "organization": "Finance", "site": "Zürich", "language": "de-CH", "time_zone": "Europe/Zurich",
              "local_time": "19:00", "vip": False, "disabled": False, "email": None,
              "pronunciation": None, "after_hours": None}  # fmt: skip
    body: dict[str, Any] = {
        "call": call(nr, minutes, outcome),
        "caller": {"number": "+4915112345678", "raw": "015112345678", "display_name": None, "presentation": "allowed",
                   "extension": None, "source": "From", "attestation": "not-checked", "diverted_by": None,
                   "remarks": [], "internal": None},
        "called": {"number": "+49301234560", "account": acme, "name": "ACME IT Service Desk", "support_hours": "open",
                   "granted": True, "holiday": None, "out_of_hours": None},
        "language": {"tag": "de-CH", "name": "German (Switzerland)", "endonym": "Deutsch (Schweiz)", "source": "person",
                     "spoken_by_agent": True, "greeting": "Grüezi, ACME Service Desk, mein Name ist Ana.",
                     "spoken_by": []},
        "resolution": {"status": "identified", "revision": 1, "account": acme, "candidates": [
            {"person": person, "account": acme, "evidence": [evidence, {"kind": "called_account"}]}]},
        "context": {"services": [], "configuration_items": [], "requests": [], "complete": True,
                    "standard_requests": [], "knowledge_articles": [], "major_incidents": [], "repeat": None,
                    "failed": []},
        "trust": {"verified": False, "signals": []},
        "links": [],
        "hand_over": None,
        "customer": None,
    }  # fmt: skip
    return body | more


def event(what: str, /, sequence: int = 1, **data: Any) -> dict[str, Any]:
    return {"specversion": "1.0", "id": f"k3f9.{sequence}", "source": "/ctibridge/desk-1", "type": what,
            "time": ago(0), "sequence": str(sequence), "data": data}  # fmt: skip


COLLEAGUES = [
    {"id": "ben", "name": "Ben Okafor", "languages": ["en", "fr"], "here": True},
    {"id": "eva", "name": "Eva Marín", "languages": ["es", "de", "ar"], "here": False},
]
LINES = [
    {"line": "6001", "state": "registered", "trunk": "pbx", "shared": False, "sitting": True},
    {"line": "6004", "state": "registered", "trunk": "pbx", "shared": True, "sitting": False},
]


class Beside:
    """The page, and the daemon's part: `hear` is what it sends, `asked` what the page sent."""

    def __init__(self, chromium: Chromium) -> None:
        self.chromium = chromium
        self.asked: list[dict[str, Any]] = []
        self.today: list[dict[str, Any]] = []
        self.grants = "a1b2"
        self.resumed = False
        self.node_alone = False
        self.agent: dict[str, Any] = {"agent": "ana", "name": "Ana Novak", "epoch": "k3f9"}
        self.page: Page
        self._stands = False
        self._heard = asyncio.Event()
        self._socket: WebSocketRoute
        self._sequence = itertools.count(1)

    async def open(self, *today: dict[str, Any], **options: Any) -> Page:
        self.today = list(today)
        await self.stand(**options)
        await self.sign_in()
        return self.page

    async def stand(self, zone: str = "UTC", now: datetime = NOW, **options: Any) -> Page:
        """The page's files, and nobody signed in."""
        self.page = await self.chromium.page(**options)
        await self.page.clock.install(time=now)
        emulated = await self.page.context.new_cdp_session(self.page)
        await emulated.send("Emulation.setTimezoneOverride", {"timezoneId": zone})
        await self.page.route(f"{ADDRESS}/**", self._serve)
        await self.page.route_web_socket("**/v1/desk", self._meet)
        self._stands = True
        return self.page

    async def sign_in(self) -> None:
        await self.page.goto(f"{ADDRESS}/#token=ctb_invented")
        await expect(self.page.locator("#lines")).to_contain_text("6001")

    async def fold(self, *actions: dict[str, Any]) -> dict[str, Any]:
        """What the reducer of today makes of these, without anything drawn: `calls` newest first, `waiting` longest
        first."""
        return await self._folded(_FOLD, actions)

    async def fold_all(self, *actions: dict[str, Any]) -> dict[str, Any]:
        """The page's whole state, without anything drawn."""
        return await self._folded(_FOLD_ALL, actions)

    async def _folded(self, fold: str, actions: Sequence[dict[str, Any]]) -> dict[str, Any]:
        if not self._stands:
            await self.stand()
            await self.page.goto(f"{ADDRESS}/page/icon.svg")  # a page without a page of its own
        made: dict[str, Any] = await self.page.evaluate(fold, list(actions))
        return made

    async def _serve(self, route: Route) -> None:
        name = route.request.url.removeprefix(f"{ADDRESS}/").split("#")[0].removeprefix("page/") or page_files.INDEX
        file = _FILES.get(name)
        if file is None:
            await route.fulfill(status=404)
        else:
            await route.fulfill(body=file.body, content_type=file.media_type, headers=_HEADERS)

    def _meet(self, socket: WebSocketRoute) -> None:
        self._socket = socket
        socket.on_message(lambda text: self._answer(json.loads(text)))

    def _answer(self, frame: dict[str, Any]) -> None:
        self.asked.append(frame)
        self._heard.set()
        match frame["type"]:
            case "auth":
                self.hear("welcome", **self.agent, sequence=0, lines=LINES, resumed=self.resumed, calls=[],
                          rings=True, notification="company", live_only=False, details=[],
                          node_alone=self.node_alone, expires_in=None)  # fmt: skip
            case "today":
                self.hear("today", since=frame["since"], calls=self.today)
            case "colleagues":
                self.hear("colleagues", agents=COLLEAGUES, grants=self.grants)

    def hear(self, frame: str, /, **data: Any) -> None:
        self._socket.send(json.dumps({"type": frame, "data": data}))

    def event(self, what: str, /, **data: Any) -> None:
        self._socket.send(json.dumps(event(what, next(self._sequence), **data)))

    def worked(self, body: dict[str, Any], state: str | None, by: str | None = "ben", **more: Any) -> None:
        self.event("call.worked", call=body, by=by, state=state, **({"note": None} | more))

    async def drop(self, code: int = 1012) -> None:
        await self._socket.close(code=code, reason="restart; retry in 0 s")

    async def sees(self, where: str, text: str) -> None:
        await expect(self.page.locator(where)).to_contain_text(said(text))

    def times(self, kind: str) -> int:
        return sum(frame["type"] == kind for frame in self.asked)

    async def asks(self, kind: str, **fields: Any) -> None:
        """The page sends, or has sent, such a frame."""
        await self._until(lambda: {"type": kind, **fields} in self.asked, f"no {kind} {fields}")

    async def asks_times(self, kind: str, times: int) -> None:
        await self._until(lambda: self.times(kind) == times, f"{kind} was not sent {times} times")

    async def _until(self, done: Callable[[], bool], why: str) -> None:
        while not done():
            self._heard.clear()
            try:
                await asyncio.wait_for(self._heard.wait(), 10)
            except TimeoutError:
                raise AssertionError(f"{why}: {self.asked}") from None
