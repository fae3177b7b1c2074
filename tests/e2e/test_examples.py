"""The examples do what examples/README.md says, against the daemon: copied by people, they have to be right."""

from base64 import b64encode

import pytest
from playwright.async_api import Page, expect

from tests.delivery.stream.document import faults
from tests.e2e.conftest import MakeDesk, MakeProgram
from tests.e2e.daemon import ROOT, Daemon
from tests.e2e.desk import Desk
from tests.e2e.house import ACME, REGULA, House, MakeHouse
from tests.peers import axe
from tests.peers.chromium import Chromium
from tests.peers.ports import Loopback
from tests.peers.process import Process, until
from tests.peers.sipp import Invite

pytestmark = [pytest.mark.e2e, pytest.mark.peer("kamailio", "baresip", "sipp", "chromium", "axe-core")]
KEY = "whsec_" + b64encode(bytes(range(32))).decode()
EXAMPLES = ROOT / "examples"


async def served(program: MakeProgram, loopback: Loopback) -> str:
    """The page by Python's own web server, as the README starts it; its origin."""
    host = loopback.address()
    port = loopback.port(host)
    server = program("-m", "http.server", "--bind", host, "--directory", str(EXAMPLES / "browser"), str(port))
    await server.ready(lambda: "Serving HTTP" in server.output(), "it serves")
    return f"http://{host}:{port}"


def allow(daemon: Daemon, origin: str, hooks: str) -> None:
    """The page, and a receiver of webhooks."""
    text = daemon.config.read_text(encoding="utf-8").replace("[web]", f'[web]\nallowed_origins = ["{origin}"]')
    text += f'[[webhook]]\nname = "example"\nurl = "{hooks}"\nsecret = {{ file = "hooks.secret" }}\n'
    daemon.config.write_text(text, encoding="utf-8")
    secret = daemon.folder / "hooks.secret"
    secret.touch(mode=0o600)
    secret.write_text(KEY, encoding="utf-8")


def listener(program: MakeProgram, daemon: Daemon, token: str) -> Process:
    return program(str(EXAMPLES / "desk.py"), f"ws://{daemon.web}/v1/desk", CTIBRIDGE_TOKEN=token)


async def sign_in(page: Page, daemon: Daemon, token: str) -> None:
    await page.get_by_label("Desk").fill(f"ws://{daemon.web}")
    await page.get_by_label("Token").fill(token)
    await page.get_by_role("button", name="Listen").click()


async def test_a_program_and_a_page_of_another_origin_hear_who_calls_and_come_back_after_a_restart(
    house: MakeHouse, desk: MakeDesk, chromium: Chromium, page: Page, loopback: Loopback, program: MakeProgram
) -> None:
    service = await house("6001")
    origin = await served(program, loopback)
    receiver = await receiving(program, service.daemon, loopback.port("127.0.0.1"), origin)
    listening = await listening_with_the_right_token_only(program, service.daemon)
    await page.goto(origin)
    await the_right_token_only_makes_the_page_live(page, service.daemon)

    await who_is_known_is_named(service, page, listening, receiver)
    await a_hostile_name_stays_text(service, page)
    await chromium.picture(page, "example")
    assert await axe.violations(page) == []
    assert chromium.errors == []

    await both_come_back_after_a_restart(service.daemon, page, listening)
    again = await desk(service.daemon, "ana")
    await a_call_after_the_restart_is_heard(service, again, page, listening)
    await each_event_was_posted_once_and_in_order(receiver)
    said = [frame for one in (service.ana, again) for frame in (*one.controls, *one.events)]
    assert [fault for frame in said for fault in faults(frame)] == [], "what a daemon says stands in its document"


async def receiving(program: MakeProgram, daemon: Daemon, port: int, origin: str) -> Process:
    """The receiver of webhooks; the daemon knows it and the page from here on."""
    receiver = program(str(EXAMPLES / "webhook.py"), str(port), WEBHOOK_SECRET=KEY)
    allow(daemon, origin, f"http://127.0.0.1:{port}/")
    await daemon.reload()
    return receiver


async def listening_with_the_right_token_only(program: MakeProgram, daemon: Daemon) -> Process:
    listening, stranger = listener(program, daemon, daemon.token("ana")), listener(program, daemon, "ctb_wrong")
    await listening.ready(lambda: "at the desk of 'ana'" in listening.output(), "signed in")
    assert await stranger.wait() == 1
    assert stranger.output().startswith("4401 ")
    return listening


async def the_right_token_only_makes_the_page_live(page: Page, daemon: Daemon) -> None:
    await sign_in(page, daemon, "ctb_wrong")
    await expect(page.locator("#state")).to_have_attribute("data-state", "ended")
    await sign_in(page, daemon, daemon.token("ana"))
    await expect(page.locator("#state")).to_have_text("Live")
    assert await page.get_by_label("Token").input_value() == ""


async def who_is_known_is_named(service: House, page: Page, listening: Process, receiver: Process) -> None:
    service.sipp.start(Invite(ACME, number=REGULA, display="R. Frei"))
    newest = page.locator("#calls > li").first
    await expect(newest).to_contain_text("This number belongs to Regula Frei (ACME AG)")
    await expect(newest).to_contain_text("Grüezi")
    await expect(newest).to_have_attribute("data-state", "ringing")
    first = "'ACME IT Service Desk': 'Regula Frei' rings, say 'Grüezi"
    await listening.ready(lambda: first in listening.output(), first)
    await receiver.ready(lambda: "ana call.ringing" in receiver.output(), "a signed event")


async def a_hostile_name_stays_text(service: House, page: Page) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    service.sipp.start(Invite(ACME, number="+4930999", display=hostile), patience=1.0)
    await expect(page.locator("#calls > li").first).to_contain_text(hostile)
    assert await page.locator("#calls img").count() == 0


async def both_come_back_after_a_restart(daemon: Daemon, page: Page, listening: Process) -> None:
    await daemon.stop()
    await expect(page.locator("#state")).to_have_attribute("data-state", "waiting")
    await daemon.restart()
    await expect(page.locator("#state")).to_have_text("Live", timeout=20_000)
    await until(lambda: listening.output().count("at the desk of") == 2, "the program is back", 20)
    await expect(page.locator("#calls > li")).to_have_count(2)


async def a_call_after_the_restart_is_heard(service: House, again: Desk, page: Page, listening: Process) -> None:
    await again.lines({"6001": "registered"})
    service.sipp.start(Invite(ACME, number="+4930998"), patience=1.0)
    await expect(page.locator("#calls > li")).to_have_count(3)
    await listening.ready(lambda: listening.output().count("'+4930998' rings") == 1, "it hears what comes then")
    await again.settled()


async def each_event_was_posted_once_and_in_order(receiver: Process) -> None:
    taken = ["ringing"] * 2 + ["ended"] * 2 + ["ringing", "ended"]
    posted = [f"ana call.{kind}" for kind in taken]

    def heard() -> list[str]:
        return [" ".join(line.split()[:2]) for line in receiver.output().splitlines()]

    await receiver.ready(lambda: heard() == posted, "each event once and in order")
