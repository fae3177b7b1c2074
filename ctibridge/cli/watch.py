"""`ctibridge watch`: a desk in the terminal."""

import argparse
import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing
from pathlib import Path
from typing import Protocol

from ctibridge.cli import options
from ctibridge.cli.problem import Problem
from ctibridge.delivery.settings import listen_address
from ctibridge.watch.adapters import token, views
from ctibridge.watch.adapters.browser import Browser, browser_command
from ctibridge.watch.adapters.desk import DeskOver, Said, listen
from ctibridge.watch.adapters.notifier import Notifier
from ctibridge.watch.adapters.program import NoProgram
from ctibridge.watch.adapters.session_bus import NoBus
from ctibridge.watch.address import desk_url, is_exposed, own_url
from ctibridge.watch.board import Link
from ctibridge.watch.heard import Heard, Welcome
from ctibridge.watch.session import Session


class Listener(Protocol):
    """What besides the screen hears the desk. now: monotonic seconds."""

    def welcome(self, welcome: Welcome) -> None: ...

    def hear(self, event: Heard, now: float) -> None: ...


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "watch",
        help="a desk in the terminal: live calls",
        description="A desk in the terminal: who is called, what to say, in which language, whose number it is. `q` or "
        "Ctrl-C leaves. Into a pipe: a line for each change. The token stands in --token-file, in the credential "
        "desk-token, in CTIBRIDGE_TOKEN or in ~/.config/ctibridge/token; `ctibridge token issue` makes one.",
    )
    options.add_config(parser)
    parser.add_argument("--url", metavar="U", help="where the service is (default: [web] listen of the configuration)")
    parser.add_argument("--token-file", type=Path, metavar="FILE", help="whose first line is the token; mode 0600")
    parser.add_argument("--open", action="store_true", help="open the tool's page for the caller")
    parser.add_argument("--notify", action="store_true", help="raise a desktop notification")
    parser.add_argument("--json", action="store_true", help="print each event that the desk receives, one a line")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Returns 0 when it is left or ended by a signal. Raises Problem: 2 without an address or a token, 1 where the
    service takes no desk from us."""
    url = _url(args)
    try:
        session = Session(token.find(args.token_file, os.environ))
    except token.NoToken as missing:
        raise Problem(str(missing), code=2) from None
    if is_exposed(url):
        print(f"ctibridge: {url} is not encrypted: token and calls can be read on the way; use https", file=sys.stderr)
    try:
        asyncio.run(_until_signal(url, session, _view(args), _wishes(args)))
    except DeskOver as over:
        raise Problem(f"{url}: {over}") from None
    except (NoProgram, NoBus) as missing:
        raise Problem(str(missing)) from None
    return 0


def _url(args: argparse.Namespace) -> str:
    if args.url is not None:
        try:
            return desk_url(args.url)
        except ValueError as error:
            raise Problem(str(error), code=2) from None
    try:
        web = options.settings_of(args).web
    except Problem as problem:
        raise Problem(f"{problem}, or the service with --url", code=2) from None
    address = listen_address(web.listen).here
    if not address.port:
        raise Problem(f"{args.config}: [web] listen has port 0, any that is free; name the service with --url", code=2)
    return own_url(address.host, address.port)


def _view(args: argparse.Namespace) -> views.View:
    return views.Events() if args.json else views.for_people()


Wish = Callable[[Callable[[str], None]], AbstractAsyncContextManager[Listener]]
"""What makes a listener that tells what fails."""


def _wishes(args: argparse.Namespace) -> list[Wish]:
    wishes: list[Wish] = []
    if args.open:
        try:
            command = browser_command(os.environ)
        except ValueError as error:
            raise Problem(str(error), code=2) from None
        wishes.append(lambda say: Browser(command, say))
    if args.notify:
        wishes.append(lambda say: Notifier(os.environ, say))
    return wishes


async def _until_signal(url: str, session: Session, view: views.View, wishes: Sequence[Wish]) -> None:
    async with AsyncExitStack() as stack:
        listeners = [await stack.enter_async_context(wish(view.remark)) for wish in wishes]
        await _until_left(url, session, view, listeners)


async def _until_left(url: str, session: Session, view: views.View, listeners: Sequence[Listener]) -> None:
    watching = asyncio.create_task(_watch(url, session, view, listeners))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, watching.cancel)
    with view.open(watching.cancel):
        await asyncio.wait({watching})
        # Who presses Ctrl-C twice leaves as he would with one: the rest takes longer than the second one.
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    if not watching.cancelled():
        watching.result()


async def _watch(url: str, session: Session, view: views.View, listeners: Sequence[Listener]) -> None:
    async with aclosing(listen(url, session)) as news:
        async for one in news:
            if isinstance(one, Link):
                view.link(one)
                continue
            view.said(one)
            _tell(listeners, one)


def _tell(listeners: Sequence[Listener], said: Said) -> None:
    for listener in listeners:
        match said.frame:
            case Welcome() as welcome:
                listener.welcome(welcome)
            case Heard() as event:
                listener.hear(event, time.monotonic())
