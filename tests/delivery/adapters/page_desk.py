"""Ana's page in a real browser, and what happens to her calls."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.async_api import Page, expect

from ctibridge.delivery import encode_control
from ctibridge.domain.agent import Agent
from ctibridge.domain.call import Call, CallState, Outcome
from ctibridge.domain.desk_command import ListColleagues, Search
from ctibridge.domain.line import LineState
from ctibridge.domain.resolution import Candidate
from ctibridge.domain.screen_pop import Answer
from tests.delivery import examples as ex
from tests.delivery.adapters.desk_server import DeskServer
from tests.peers.chromium import Chromium
from tests.peers.process import until

GLOBEX_CALL = replace(ex.UNKNOWN, called=replace(ex.CALLED, account=ex.GLOBEX, name="Globex Assistance"))


def now() -> datetime:
    return datetime.now(UTC)


def plain(text: str) -> re.Pattern[str]:
    """This text, whatever parts of it the page isolates from one another (U+2068 … U+2069)."""
    return re.compile("[\u2066-\u2069]*".join(r"\s+" if one == " " else re.escape(one) for one in text))


class Desk:
    """Ana's page on a running port, and what happens to her calls."""

    def __init__(self, server: DeskServer, chromium: Chromium) -> None:
        self.server = server
        self.chromium = chromium
        self.page: Page

    async def open(self, *scripts: str, **options: Any) -> Page:
        """scripts: run in the page before its own, in place of a part of the browser."""
        self.server.desks.line_state("pbx", "6001", LineState.REGISTERED, now())
        self.page = await self.chromium.page(**options)
        for script in scripts:
            await self.page.add_init_script(script)
        await self.page.goto(f"{self.server.url}/#token={await self.server.token()}")
        try:
            await expect(self.page.locator("#link")).to_have_attribute("data-link", "live")
        except AssertionError as error:  # the word alone does not say why
            browser, open_here = self.chromium, len(self.server.web._connections)
            error.add_note(f"{browser.errors}, unanswered: {browser.unanswered}; connections at the port: {open_here}")
            raise
        return self.page

    async def sees(self, where: str, text: str) -> None:
        await expect(self.page.locator(where)).to_contain_text(plain(text))

    def ring(self, answer: Answer = ex.IDENTIFIED, number: int = 1, ago: float = 0, **changes: Any) -> Call:
        call = ex.call(number, now() - timedelta(seconds=ago), **changes)
        self.say(lambda: self.server.desks.ringing("ana", ex.pop(answer, call), now()))
        return call

    def end(self, call: Call, outcome: Outcome = Outcome.ABANDONED) -> None:
        over = replace(ex.ended(call, outcome), ended_at=now())
        self.say(lambda: self.server.desks.ended("ana", over, now()))

    def answered(self, call: Call) -> Call:
        """Its own phone took it."""
        answered = replace(call, state=CallState.ANSWERED, answered_at=now())
        self.say(lambda: self.server.desks.answered("ana", answered, now()))
        return answered

    def taken(self, call: Call, line: str, agent: str | None) -> None:
        """Another line's phone was quicker."""
        self.say(lambda: self.server.desks.ended("ana", ex.taken(call, line, agent), now()))

    def say(self, input_: Callable[[], None]) -> None:
        input_()
        self.server.web.deliver()

    async def colleagues(self, *agents: tuple[Agent, bool]) -> None:
        """The answer to what the page asked for when it opened. agents: each with whether he is here."""
        await until(lambda: any(isinstance(one, ListColleagues) for one in self.server.commands), "it asks who is here")
        session = next(one.session for one in self.server.commands if isinstance(one, ListColleagues))
        self.say(lambda: self.server.desks.answer(session, encode_control.colleagues(agents, frozenset())))

    async def found(self, text: str, *people: Candidate) -> None:
        """Ana looks for somebody, and these are found."""
        asked = len(self.server.commands)
        await self.page.locator("#search").fill(text)
        await until(lambda: any(isinstance(one, Search) for one in self.server.commands[asked:]), "the search is heard")
        search = next(one for one in self.server.commands[asked:] if isinstance(one, Search))
        self.say(lambda: self.server.desks.people(search.session, search.call, search.text, people, now()))
        await expect(self.page.locator("#results li")).to_have_count(len(people))

    async def picture(self, name: str) -> None:
        await self.chromium.picture(self.page, name)

    async def focus(self) -> str:
        tag: str = await self.page.evaluate("document.activeElement.id || document.activeElement.tagName")
        return tag


SEEN = {
    "identified": ["Number belongs to", "Regula Frei", "Controller", "Finance", "Zürich", "19:00 there", "mobile"],
    "ambiguous": ["Number belongs to one of 3", "Regula Frei", "Reto Frei", "Regula Frei-Meier", "Globex Corporation"],
    "shared": ["Shared number", "ACME AG", "Many people call from this number"],
    "unknown": ["Not on record", "You do not speak French", "+4915112345678"],
    "withheld": ["Number withheld", "ACME IT Service Desk"],
}  # fmt: skip
