"""The delivery room under load, a process of its own (`python -m bench.desk_server`), put together as `app.py` does it.

Only what rings is the bench's: `load` tells the desks their calls from within: no SIP and no look-up is measured.
"""

import argparse
import asyncio
import contextlib
import gc
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from bench.desk_outbox import NoOutbox, NotingOutbox
from bench.desk_pops import ACCOUNT, TRUNK, Day, agent, line
from bench.desk_process import obey, run, say
from ctibridge import sweep
from ctibridge.cli.run import SWITCH_EVERY
from ctibridge.delivery import backlog
from ctibridge.delivery.adapters import fresh, server
from ctibridge.delivery.adapters.admission import Admission
from ctibridge.delivery.adapters.catching_up import CatchingUp
from ctibridge.delivery.adapters.ivr import Ivr
from ctibridge.delivery.adapters.token_store import TokenStore
from ctibridge.delivery.adapters.web import Web
from ctibridge.delivery.desks import Desks
from ctibridge.delivery.settings import WebSettings
from ctibridge.domain.agent import Agent
from ctibridge.domain.line import Line
from ctibridge.domain.moment import Moment
from ctibridge.domain.screen_pop import Answer

BOOT = "bench"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Subject:
    """offset: of the events' times to the monotonic clock, seconds."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.offset = time.time() - time.monotonic()
        self._folder: Path = args.folder
        self._settings = WebSettings(listen=f"127.0.0.1:{args.port}")
        self._directory: Mapping[str, Agent] = {
            agent(place): Agent(agent(place), "Ana", languages=("de", "en")) for place in range(args.desks)
        }
        self._keeps = not args.no_outbox
        self._load: asyncio.Task[None] | None = None
        self._late: list[float] = []
        self._told = 0
        structlog.configure(processors=[_print_errors])

    # -- start and stop ------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        async with AsyncExitStack() as closing:
            await self._open(closing)
            sweep.take_over()
            sys.setswitchinterval(SWITCH_EVERY)
            serving = asyncio.create_task(self._web.serve(self._listening))
            storing = asyncio.create_task(self._outbox.run())
            obeying = asyncio.create_task(self._obey())
            for task in (storing, obeying):
                task.add_done_callback(lambda _: stop.set())  # it failed, or whoever asks is gone
            await stop.wait()
            obeying.cancel()
            await self._stop_load()
            await self._web.stop()
            await serving
            storing.cancel()
            for task in (storing, obeying):
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    async def _open(self, closing: AsyncExitStack) -> None:
        self._listening = server.bind(self._settings)
        tokens = await TokenStore.open(self._folder / "ctibridge.db")
        closing.push_async_callback(tokens.close)
        self._outbox: NotingOutbox | NoOutbox = NoOutbox()
        if self._keeps:
            self._outbox = await NotingOutbox.open(self._folder, fresh.epoch, datetime.now(UTC), BOOT)
        closing.push_async_callback(self._outbox.close)
        self._desks = Desks("/ctibridge/bench", fresh.epoch, self._outbox.desks)
        self._desks.set_lines(Line(TRUNK, line(place), (one,)) for place, one in enumerate(self._directory))
        admission = Admission(self._desks, tokens, self._agents, self._moment)
        catching_up = CatchingUp(self._outbox, lambda _: frozenset({ACCOUNT.id}), self._ask_again)
        self._web = Web(
            self._settings, self._desks, self._outbox, admission, catching_up, lambda: ([], []), lambda _: None,
            Ivr(tokens, self._ask_ivr),
        )  # fmt: skip
        self._outbox.answer_to(self._desks)
        self._outbox.on_state = self._stores
        self._day = Day(self._desks)
        self._desks.restarted(self._at())
        self._web.deliver()

    async def _obey(self) -> None:
        say(port=self._listening.getsockname()[1], offset=self.offset)
        acts = (self.load, self.rest, self.late, self.tell, self.standing, self.settle, self.kept, self.burst)
        await obey({act.__name__: act for act in acts})

    # -- what is asked -------------------------------------------------------------------------------------------------

    async def load(self, rate: float, desks: int) -> dict[str, Any]:
        """So many events a second in all, each desk in its turn, until `rest`."""
        self._load = asyncio.create_task(self._ring(rate, desks))
        return {}

    async def rest(self) -> dict[str, Any]:
        await self._stop_load()
        return {"told": self._told}

    async def late(self) -> dict[str, Any]:
        """Milliseconds that events were told later than they should have been (p99), since this was asked last."""
        late, self._late = sorted(self._late), []
        return {"p99": 1000 * late[len(late) * 99 // 100] if late else 0.0}

    async def tell(self, desks: int, each: int) -> dict[str, Any]:
        """So many events to each desk, one after the other and no faster than they are stored."""
        for number in range(each * desks):
            self._tell(number % desks)
            if number % 100 == 0:
                await self._outbox.flush()
        return {"stored": await self._outbox.flush(), "lost": self._outbox.lost}

    async def burst(self, desks: int, events: int) -> dict[str, Any]:
        """As fast as they go, and all of them stored. Seconds: until all were told, until all were stored."""
        begin = time.perf_counter()
        for number in range(events):
            self._tell(number % desks)
            await asyncio.sleep(0)
        told = time.perf_counter() - begin
        await self._outbox.flush()
        return {"told": told, "stored": time.perf_counter() - begin, "lost": self._outbox.lost}

    async def standing(self) -> dict[str, Any]:
        """The newest event of each desk."""
        newest = self._outbox.newest
        return {"newest": [newest.get(one, 0) for one in self._directory]}

    async def settle(self) -> dict[str, Any]:
        gc.collect()
        return {}

    async def kept(self) -> dict[str, Any]:
        """How long it was until an event was stored, milliseconds, since this was asked last."""
        return self._outbox.figures()

    # ------------------------------------------------------------------------------------------------------------------

    async def _ring(self, rate: float, desks: int) -> None:
        begin, number = time.monotonic(), 0
        while True:
            now = time.monotonic()
            while (due := begin + number / rate) <= now:
                self._late.append(time.monotonic() - due)
                self._tell(number % desks)
                number += 1
            await asyncio.sleep(0.001)

    def _tell(self, place: int) -> None:
        self._day.tell(place, self._at())
        self._web.deliver()
        self._told += 1

    async def _stop_load(self) -> None:
        if self._load is not None:
            self._load.cancel()
            await asyncio.gather(self._load, return_exceptions=True)
            self._load = None

    def _at(self) -> datetime:
        """The monotonic clock, written as a time."""
        return _EPOCH + timedelta(seconds=time.monotonic() + self.offset)

    @staticmethod
    def _moment() -> Moment:
        return Moment(datetime.now(UTC), time.monotonic())

    async def _agents(self) -> Mapping[str, Agent]:
        return self._directory

    async def _ask_again(self, agent: str, call: str) -> Answer | None:
        return None

    async def _ask_ivr(self, caller: str, called: str | None) -> Answer | None:
        return None

    def _stores(self, live_only: bool, why: str) -> None:
        self._desks.live_only = live_only
        print("nothing can be stored:" if live_only else "stored again", why, file=sys.stderr, flush=True)


def _print_errors(_: Any, level: str, line: Any) -> Any:
    if level == "error":
        print(line, file=sys.stderr, flush=True)
    raise structlog.DropEvent


async def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.desk_server")
    parser.add_argument("folder", type=Path)
    parser.add_argument("desks", type=int, help="that the directory has")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--no-outbox", action="store_true")
    parser.add_argument("--stall", type=float, default=backlog.STALLED, help="seconds for who takes nothing")
    args = parser.parse_args()
    backlog.STALLED = args.stall
    await Subject(args).run()


if __name__ == "__main__":
    run(main)
