"""`ctibridge demo`: the whole product on loopback, with nothing beside it.

A fresh store from the sample directory, a small PBX, other phones, the real daemon through `ctibridge.app`, a desk that
listens, and callers. What it makes it takes away again: a temporary folder, ports that the system chooses, passwords
that nobody knows. Several demos run beside each other. Cancelling `run` is the way to end it.
"""

import asyncio
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from ctibridge.app import App
from ctibridge.config import NodeSettings, ProviderSettings, Settings
from ctibridge.delivery.adapters.token_store import TokenStore
from ctibridge.delivery.settings import WebSettings
from ctibridge.delivery.tokens import Kind
from ctibridge.demo import story
from ctibridge.demo.exchange import HOST, Exchange
from ctibridge.demo.phones import Phones
from ctibridge.demo.sample import sample_directory
from ctibridge.domain.private import Private
from ctibridge.lookup.adapters.importing.importer import Importer, Wish
from ctibridge.lookup.adapters.schema import FILE
from ctibridge.lookup.sources.files import open_tables
from ctibridge.sip.settings import LineAccess, TrunkAccess, TrunkSettings
from ctibridge.softphone.orders import Handset
from ctibridge.watch.adapters import views
from ctibridge.watch.adapters.desk import DeskOver, listen
from ctibridge.watch.board import Link, State
from ctibridge.watch.heard import Heard
from ctibridge.watch.session import Session

TRUNK = "pbx"
SIGN_ON = 10.0
"""Seconds within which the daemon has to be on all lines."""
LAST_WORD = 5.0
"""Seconds within which the desk has to hear of a call's end."""


class DemoError(Exception):
    """Why the demo cannot go on: one line."""


@dataclass(frozen=True, slots=True)
class Show:
    """calls: end after so many; None: go on for ever. json: each event as a line for programs, at their pace."""

    calls: int | None = None
    json: bool = False

    @property
    def pace(self) -> story.Pace:
        return story.FOR_PROGRAMS if self.json else story.FOR_PEOPLE

    @property
    def scenes(self) -> tuple[story.Scene, ...]:
        return story.SCENES if self.json else story.for_people()

    def address(self, text: str) -> None:
        """To a person; where programs read standard output, beside it."""
        print(text, file=sys.stderr if self.json else sys.stdout, flush=True)


async def run(show: Show) -> None:
    """Raises DemoError, and what the parts raise that cannot start (StartError, NoPhone, StoreFault, OSError)."""
    passwords = {line: secrets.token_urlsafe(12) for line in story.LINES}
    with tempfile.TemporaryDirectory(prefix="ctibridge-demo-") as folder:
        token = await fill_store(Path(folder) / FILE)
        async with Exchange.open(passwords) as exchange, _phones(exchange, passwords) as phones:
            app = App(settings(Path(folder), exchange), {TRUNK: access(passwords)})
            await app.open()
            where = f"{app.web_address[0]}:{app.web_address[1]}"
            show.address(f"The agent's page:  http://{where}/#token={token}")
            show.address(
                f"The same in another terminal:  CTIBRIDGE_TOKEN={token} {_program()} watch --url http://{where}"
            )
            show.address(f"The phone that answers is {phones.kind}. Ctrl-C ends the demo.")
            show.address("An answered call stays on the page until you dismiss it; others ring beside it meanwhile.")
            async with _serving(app):
                try:
                    await _perform(show, f"ws://{where}/v1/desk", token, exchange, phones)
                finally:
                    await exchange.hang_up()


async def fill_store(path: Path) -> str:
    """Imports the sample directory. Returns a token for the agent's desk."""
    async with await Importer.open(path, Wish(strict=True)) as importer:
        refused: list[object] = []
        summary = await importer.run(open_tables([sample_directory()]), refused.append, lambda _: None)
    if not summary.written:
        raise DemoError(f"the sample directory is refused; see: ctibridge import --dry-run {sample_directory()}")
    store = await TokenStore.open(path)
    try:
        now = datetime.now(UTC)
        # For as long as anybody lets it run; it ends with the demo's folder.
        text, _ = await store.issue(Kind.DESK, story.AGENT, None, now)
        return text.value
    finally:
        await store.close()


def _program() -> str:
    """As this one was started."""
    return sys.argv[0] if Path(sys.argv[0]).name == "ctibridge" else f"{sys.executable} -m ctibridge"


def settings(folder: Path, exchange: Exchange) -> Settings:
    """As an administrator would write it for this PBX."""
    trunk = TrunkSettings(
        name=TRUNK, registrar=f"sip:{HOST}:{exchange.address[1]}", listen=f"{HOST}:0", country="DE"
    )  # fmt: skip
    return Settings(
        node=NodeSettings("demo", folder),
        web=WebSettings(listen=f"{HOST}:0"),
        provider=ProviderSettings("deskco", "DeskCo"),
        trunk=(trunk,),
    )


def access(passwords: dict[str, str]) -> TrunkAccess:
    return TrunkAccess(tuple(LineAccess(line, line, passwords[line], (agent,)) for line, agent in story.LINES.items()))


def _phones(exchange: Exchange, passwords: dict[str, str]) -> Phones:
    handsets = [Handset(line, password) for line, password in passwords.items()]
    return Phones(
        exchange.address,
        exchange.audio,
        [handset for handset in handsets if handset.line in story.PICK_UP],
        [handset for handset in handsets if handset.line not in story.PICK_UP],
        lambda line: exchange.devices(line) > 0,
    )


@asynccontextmanager
async def _serving(app: App) -> AsyncIterator[None]:
    """The daemon runs inside and is drained behind. One that breaks ends the demo. Raises DemoError."""
    stop = asyncio.Event()
    serving = asyncio.create_task(app.run(stop))
    inside = asyncio.current_task()
    assert inside is not None
    serving.add_done_callback(lambda _: None if stop.is_set() else inside.cancel())
    try:
        yield
    except asyncio.CancelledError:
        if not serving.done():
            raise
    finally:
        stop.set()
        await asyncio.wait({serving})
    if serving.exception() is not None:
        raise DemoError("the daemon broke; see: ctibridge run") from serving.exception()


async def _perform(show: Show, url: str, token: str, exchange: Exchange, phones: Phones) -> None:
    """Until the last call has ended at the desk. Raises DemoError where the daemon takes the desk no more."""
    watching = asyncio.create_task(_watch(show, url, token))
    playing = asyncio.create_task(_play(show, exchange, phones))
    try:
        await asyncio.wait({watching, playing}, return_when=asyncio.FIRST_COMPLETED)
        if playing.done():
            playing.result()
            await asyncio.wait({watching}, timeout=LAST_WORD)
        if not watching.done():
            raise DemoError(f"the desk did not hear the end of {show.calls} calls")
        watching.result()
    except DeskOver as over:
        raise DemoError(f"the desk: {over}") from None
    finally:
        watching.cancel()
        playing.cancel()
        await asyncio.gather(watching, playing, return_exceptions=True)


async def _watch(show: Show, url: str, token: str) -> None:
    """Says what the desk hears, as `ctibridge watch` does. Raises DemoError and DeskOver where the daemon ends it."""
    view = views.Events() if show.json else views.Sentences()
    ended = 0
    async with aclosing(listen(url, Session(Private(token)))) as news:
        async for one in news:
            if isinstance(one, Link):
                if one.state is State.LOST:
                    break
                continue
            view.said(one)
            ended += isinstance(one.frame, Heard) and one.frame.type == "call.ended"
            if ended == show.calls:
                return
    raise DemoError("the daemon closed the demo's desk")


async def _play(show: Show, exchange: Exchange, phones: Phones) -> None:
    """The story, one call after the other."""
    await _until(lambda: all(exchange.devices(line) > 1 for line in story.LINES))
    await asyncio.sleep(show.pace.first)
    for act in islice(story.acts(show.scenes, show.pace, secrets.token_hex(8)), show.calls):
        if act.order is not None:
            phones.expect(act.order)
        await exchange.play(act.incoming)
        await asyncio.sleep(show.pace.pause)


async def _until(ready: Callable[[], bool]) -> None:
    give_up = time.monotonic() + SIGN_ON
    while not ready():
        if time.monotonic() > give_up:
            raise DemoError(f"the daemon did not register on all lines within {SIGN_ON:.0f} s")
        await asyncio.sleep(0.02)
