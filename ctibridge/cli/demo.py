"""`ctibridge demo`: everything on loopback with no other software."""

import argparse
import asyncio
import logging
import signal
from collections.abc import Callable

from ctibridge import logs
from ctibridge.cli.problem import Problem
from ctibridge.clocks import new_event_loop
from ctibridge.demo.demo import DemoError, Show
from ctibridge.demo.demo import run as run_demo
from ctibridge.demo.phones import NoPhone
from ctibridge.installation import StartError
from ctibridge.lookup.adapters.schema import StoreFault


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "demo",
        help="see it work: calls of several customers, on loopback",
        description="Everything on loopback with no other software: the sample directory, a small PBX, other phones, "
        "the daemon, and calls from several customers and languages. Prints the page's address with a ready token. "
        "Leaves nothing behind.",
    )
    parser.add_argument("--calls", type=_calls, metavar="N", help="end after N calls (default: go on until Ctrl-C)")
    parser.add_argument("--json", action="store_true", help="print each event that the desk receives, one a line; "
                        "the address goes to standard error, and calls are short")  # fmt: skip
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Returns 0, also when it is ended by a signal. Raises Problem (1) where it cannot go on."""
    # What the daemon would warn of here is this machine's socket buffers: not what a demo is about.
    logs.configure(level=logging.ERROR)
    try:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(_until_signal(Show(args.calls, args.json)))
    except (DemoError, NoPhone, StartError, StoreFault) as error:
        raise Problem(str(error)) from None
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Problem(f"this machine gives no loopback port or no temporary folder: {error.strerror}") from None
    return 0


async def _until_signal(show: Show) -> None:
    """A signal cancels the demo, which then signs off whoever it signed on."""
    demo = asyncio.create_task(run_demo(show))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, _cancel_once(demo))
    await asyncio.wait({demo})
    if not demo.cancelled():
        demo.result()


def _cancel_once(demo: "asyncio.Task[None]") -> Callable[[], None]:
    def cancel() -> None:
        if not demo.cancelling():
            demo.cancel()

    return cancel


def _calls(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number
