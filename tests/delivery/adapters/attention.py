"""The page's attention parts alone: its real files under its real headers, fed with states by hand, no service behind.

What they do to the desktop is recorded: `desktop.notes`, `desktop.sounds` and `desktop.badge`; what they ask the page
for, in `desktop.acts`.
"""

import json
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Page, Route

from ctibridge.delivery.adapters import page_files
from tests.peers.chromium import Chromium

SECURE = "https://desk.test"
INDEX = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>ctibridge</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="page/icon.svg">
<link rel="stylesheet" href="page/page.css"><link rel="stylesheet" href="page/settings.css">
<script type="module" src="page/assembled.js"></script></head>
<body><header class="bar"><span class="brand">ctibridge</span><span class="agent"></span><div id="tools" class="tools">
</div></header><main><button id="elsewhere">Elsewhere</button></main><dialog id="settings" class="settings"></dialog>
</body></html>"""

RECORDER = """
globalThis.desktop = { notes: [], sounds: [], badge: [], acts: [], asked: 0, answer: "granted", touched: false };
for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, () => (desktop.touched = true), true);
navigator.setAppBadge = async (count) => void desktop.badge.push(count);
navigator.clearAppBadge = async () => void desktop.badge.push(0);
"""
NOTIFICATION = """
globalThis.Notification = class extends EventTarget {
  static permission = PERMISSION;
  static async requestPermission() {
    desktop.asked += 1;
    return (this.permission = desktop.answer);
  }
  constructor(title, options) { super(); desktop.notes.push({ title, options, open: true, note: this }); }
  close() { desktop.notes.find((one) => one.note === this).open = false; }
};
"""
AUDIO = """
class Part extends EventTarget {
  connect(to) { return to; }
  get gain() { return (this.volume ??= { value: 1, setTargetAtTime() {} }); }
}
globalThis.AudioContext = class extends Part {
  state = BLOCKED ? "suspended" : "running";
  blocked = BLOCKED;
  sampleRate = 8000;
  currentTime = 0;
  destination = new Part();
  become(state) { this.state = state; this.dispatchEvent(new Event("statechange")); }
  async resume() {
    if (!this.blocked || desktop.touched) this.become("running");
    else await new Promise(() => {});
  }
  async suspend() { this.become("suspended"); }
  createGain() { return (this.last = new Part()); }
  createBuffer() { return { copyToChannel() {} }; }
  createBufferSource() {
    const source = new Part();
    source.start = () => desktop.sounds.push({ repeat: source.loop, stopped: false, source });
    source.stop = () => (desktop.sounds.find((one) => one.source === source).stopped = true);
    return source;
  }
};
"""
# What Playwright evaluates counts as a gesture of the user, so the page assembles itself and says when.
READY = "attention is ready"
ASSEMBLED = f"""
import {{ Alerts }} from "./alerts.js";
import {{ setLanguage }} from "./messages.js";
import {{ Settings }} from "./settings.js";
import {{ Tools }} from "./tools.js";
const settings = new Settings();
await setLanguage(settings.value.language || null);
const alerts = new Alerts(settings, (action) => desktop.acts.push(action));
globalThis.page = {{ settings, alerts, tools: new Tools(settings, alerts) }};
console.log("{READY}");
"""


class Attention:
    """stub: what is replaced by a recorder; without it the browser's own is used."""

    def __init__(self, chromium: Chromium) -> None:
        self.chromium = chromium
        self.page: Page

    async def open(
        self, *, permission: str | None = "granted", blocked: bool | None = False, origin: str = SECURE, **options: Any
    ) -> Page:
        """permission, blocked: of the recorders; None for the browser's own notifications and sound."""
        self.page = await self.chromium.page(**options)
        await self.routed(self.page, origin)
        await self.page.add_init_script(RECORDER)
        if permission is not None:
            await self.page.add_init_script(recorded_notifications(permission))
        if blocked is not None:
            await self.page.add_init_script(recorded_sound(blocked))
        await self.load(origin)
        return self.page

    async def routed(self, page: Page, origin: str = SECURE) -> None:
        await page.context.route(f"{origin}/**", _serve)

    async def load(self, origin: str = SECURE) -> None:
        async with self.page.expect_console_message(lambda said: said.text == READY):
            await self.page.goto(f"{origin}/")

    async def update(self, *calls: dict[str, Any], **changes: Any) -> None:
        """The first call owns the page, the others stand beside it."""
        ids = [one["call"]["id"] for one in calls]
        state = {
            "leader": True,
            "notification": "company",
            "link": {"status": "live"},
            "main": ids[0] if ids else None,
            "strips": ids[1:],
            "calls": {one["call"]["id"]: one for one in calls},
        }
        await self.page.evaluate("(state) => page.alerts.update(state)", {**state, **changes})

    async def set(self, **settings: Any) -> None:
        await self.page.evaluate("(changes) => page.settings.set(changes)", settings)

    async def notes(self) -> list[dict[str, Any]]:
        """Notifications that stand now."""
        found: list[dict[str, Any]] = await self.page.evaluate(
            "desktop.notes.filter(({open}) => open).map(({title, options}) => ({title, ...options}))"
        )
        return found

    async def sounds(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self.page.evaluate(
            "desktop.sounds.map(({repeat, stopped}) => ({repeat, stopped}))"
        )
        return found

    async def acts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self.page.evaluate("desktop.acts")
        return found


def recorded_notifications(permission: str = "granted") -> str:
    """A script for the browser, as `recorded_sound`; both want RECORDER first."""
    return NOTIFICATION.replace("PERMISSION", json.dumps(permission))


def recorded_sound(blocked: bool = False) -> str:
    return AUDIO.replace("BLOCKED", json.dumps(blocked))


def call(number: int = 1, company: str = "ACME IT Service Desk", state: str = "ringing", **more: Any) -> dict[str, Any]:
    """An entry of the page's state."""
    caller = {"number": "+4915112345678", "extension": None, "raw": "015112345678"}
    person = {"account": "acme", "id": "p17", "name": "Regula Frei"}
    data = {
        "called": {"name": company, "account": None},
        "language": {"tag": "de-CH", "endonym": "Deutsch (Schweiz)"},
        "caller": caller,
        "resolution": {"status": "identified", "candidates": [{"person": person}]},
    }
    return {"call": {"id": f"01JDX{number:03}", "state": state, "round": 1, **more}, "data": data}


async def _serve(route: Route) -> None:
    name = urlsplit(route.request.url).path.removeprefix("/page/").removeprefix("/")
    headers = {key.decode(): value.decode() for key, value in page_files.HEADERS}
    if not name:
        await route.fulfill(body=INDEX, content_type="text/html; charset=utf-8", headers=headers)
        return
    if name == "assembled.js":
        await route.fulfill(body=ASSEMBLED, content_type="text/javascript", headers=headers)
        return
    file = page_files.read()[name]
    await route.fulfill(body=file.body, content_type=file.media_type, headers=headers)
