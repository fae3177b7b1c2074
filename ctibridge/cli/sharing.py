"""Where a command changes a directory that several nodes share: one at a time in the cluster, and told to all before it
says that it is done. Without `[redis]` nothing of this happens, and nothing of it is loaded."""

import argparse
import asyncio
import logging
import sqlite3
import sys
from collections.abc import Callable, Collection, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from functools import partial
from threading import Thread
from typing import Any

from ctibridge import logs
from ctibridge.cli.actor import actor
from ctibridge.cli.problem import Problem
from ctibridge.config import ConfigError, Settings, redis_access
from ctibridge.domain.person import PersonKey
from ctibridge.lookup.adapters.schema import FILE, StoreFault

PATIENCE = 120.0
"""Seconds for which a person waits for who changes the directory elsewhere: as long as for an import on this node."""
HERE_HELP = "with Redis away: on this node alone, the others follow when they are reached"
_DONE_HERE = (
    "this holds on this node alone now; the service here tells the other nodes as soon as it reaches Redis. "
    "Until then run the same command on each of them"
)
_Run = Callable[[Coroutine[Any, Any, Any]], Any]


@contextmanager
def sharing(
    args: argparse.Namespace,
    settings: Settings,
    *,
    free: bool = False,
    here: bool = False,
    people: bool = False,
    gone: Collection[PersonKey] = (),
) -> Iterator[None]:
    """For what is written within. free: tokens, which nobody has to wait for. here: the others are told later. people:
    they may be changed, and a store that goes without them has them all before; gone: they are erased, and nothing
    else is done. Raises Problem where others cannot be told, before anything is written; or behind it, with what that
    means."""
    if settings.redis is None:
        if here:
            raise Problem("--here is for one of several nodes, and the configuration has no [redis]", code=2)
        yield
        return
    from ctibridge.joining import directory  # noqa: PLC0415 - loaded with [redis] alone

    logs.configure(level=logging.WARNING)
    path, name = settings.node.state_dir / FILE, settings.node.name
    with _explained(has_here=hasattr(args, "here")), _beside() as run:
        following = run(directory.opened(path, redis_access(settings.redis, args.config.parent), name))
        try:
            if here:
                yield
                print(_DONE_HERE)
                return
            alone = partial(directory.alone, following, _who(name), PATIENCE, _tell)
            with _entered(run, directory.telling(following) if free else alone(people=people, gone=gone)):
                yield
        finally:
            run(following.close())


@contextmanager
def _explained(*, has_here: bool) -> Iterator[None]:
    """What goes wrong, in one line with the mend. Raises Problem."""
    from ctibridge.cluster.adapters.faults import RedisFault  # noqa: PLC0415
    from ctibridge.cluster.adapters.history import Passed  # noqa: PLC0415
    from ctibridge.joining.directory import Held, NoKeeper, NotAtHead  # noqa: PLC0415

    try:
        yield
    except ConfigError as error:
        raise Problem(str(error), code=2) from None
    except Held as held:
        raise Problem(f"{held} changes the directory; try again when that is done") from None
    except NotAtHead as why:
        mend = "see ctibridge check, and try again, or do it on another node"
        raise Problem(f"the directory here is not as the cluster's: {why}; {mend}") from None
    except NoKeeper:
        mend = "start one that does (ctibridge cluster status shows them), or do it there"
        raise Problem(f"this node's store goes without people, and no node that keeps them answers; {mend}") from None
    except Passed:
        mend = "see ctibridge check in a moment, and look whether it holds"
        raise Problem(f"it was written here, but could not be told to the other nodes; {mend}") from None
    except RedisFault as fault:
        raise Problem(_away(str(fault), has_here=has_here)) from None
    except (StoreFault, sqlite3.Error) as error:
        raise Problem(f"store {FILE}: {error}") from None


@contextmanager
def _entered(run: _Run, turn: Any) -> Iterator[None]:
    """An asynchronous context around what is synchronous."""
    stack = AsyncExitStack()
    run(stack.enter_async_context(turn))
    with _closing(run, stack):
        yield


@contextmanager
def _closing(run: _Run, stack: AsyncExitStack) -> Iterator[None]:
    try:
        yield
    finally:
        run(stack.__aexit__(*sys.exc_info()))


@contextmanager
def _beside() -> Iterator[_Run]:
    """A loop in a thread: the lease is renewed while the command works."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="sharing", daemon=True)
    thread.start()
    try:
        yield lambda work: asyncio.run_coroutine_threadsafe(work, loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _away(fault: str, *, has_here: bool) -> str:
    here = "; --here does it on this node alone" if has_here else ""
    return f"the directory is shared by all nodes, and they cannot be told now: {fault}{here}"


def _who(name: str) -> str:
    return f"{actor().name} on {name}"


def _tell(other: str) -> None:
    print(f"{other} changes the directory; waiting up to {PATIENCE:.0f} s for that", file=sys.stderr)
