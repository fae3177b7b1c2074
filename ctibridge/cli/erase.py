"""`ctibridge erase`: a person, or a number, leaves directory, desks and a running daemon's memory for good."""

import argparse
import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any, TypeVar

from ctibridge import installation
from ctibridge.cli import options
from ctibridge.cli.actor import actor
from ctibridge.cli.backups.placing import ASIDE
from ctibridge.cli.lean import goes_without_people, refuse_lean
from ctibridge.cli.problem import Problem
from ctibridge.cli.sharing import sharing
from ctibridge.cli.shown import shown
from ctibridge.cli.store_fault import told
from ctibridge.config import Settings
from ctibridge.delivery.adapters import fresh
from ctibridge.delivery.adapters.outbox import Outbox
from ctibridge.delivery.adapters.outbox_tables import FILE as DESKS
from ctibridge.delivery.erased import Traces
from ctibridge.delivery.kept import OutboxFault
from ctibridge.installation import StartError
from ctibridge.lookup import numbers
from ctibridge.lookup.adapters.acts import Actor
from ctibridge.lookup.adapters.erasing import Erasing, Subject, Unknown
from ctibridge.lookup.adapters.schema import FILE, StoreFault

LOOK_EVERY = 0.25
TELL_AFTER = 30.0
"""Seconds until it is said that nothing moves."""

T = TypeVar("T")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "erase",
        help="a person, or a number, leaves for good",
        description="Removes a person (--account A --person P) or a number (--number N) from directory, desks and the "
        "memory of a running daemon, with all calls that speak of them. Exit code 0: everything is gone.",
    )
    parser.add_argument("--account", metavar="A", help="whose directory has the person, or the number")
    parser.add_argument("--person", metavar="P", help="the person's id there")
    parser.add_argument("--number", metavar="N", help="a number as you write it; - reads it from standard input")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--dry-run", action="store_true", help="say what would leave the directory, change nothing")
    parser.add_argument(
        "--no-keep-out", action="store_true", help="let the next import bring the person back, if its files have him"
    )
    parser.add_argument("--lift", action="store_true", help="let imports bring back a person who was erased")
    options.add_config(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Raises Problem: 2 for wrong usage, 1 where something is still there."""
    _check(args)
    typed = sys.stdin.readline().strip() if args.number == "-" else args.number
    settings = options.open_state(args)
    number = None if typed is None else _number(settings, typed, args.account)
    if args.lift:
        return _lift(settings, args)
    _have_people(settings, args)
    subject, found = _run(_subject(settings, args, number))
    if args.dry_run:
        _print("would leave the directory", found)
        return 0
    if not args.yes and not _confirmed(subject, args):
        raise Problem("nothing was changed")
    keep_out = not args.no_keep_out
    with sharing(args, settings, people=True, gone=subject.leaving.people):
        no, gone = _run(_order(settings, subject, actor(), keep_out=keep_out))
    _print("left the directory", gone)
    try:
        _print("left the desks", _run(_carry_out(settings, no)))
    except KeyboardInterrupt:
        raise Problem("the order stands: the service carries it out, now or at its next start") from None
    print(_then(subject, kept_out=keep_out))
    for folder in sorted(settings.node.state_dir.glob(f"{ASIDE}*")):
        print(f"still in {folder}, the store of before a restore: remove it")
    return 0


def _have_people(settings: Settings, args: argparse.Namespace) -> None:
    """Who it is, and what others share with him, only they can say. Raises Problem."""
    if args.dry_run:
        refuse_lean(settings, "what would leave cannot be said here")
    elif goes_without_people(settings):
        with sharing(args, settings, people=True):
            print("all people are in this node's store from now on", file=sys.stderr)


def _check(args: argparse.Namespace) -> None:
    """Raises Problem (2)."""
    if (args.person is None) == (args.number is None):
        raise Problem("erase takes --account A --person P, or --number N", code=2)
    if args.person is not None and args.account is None:
        raise Problem("a person's id holds in his account only: add --account A", code=2)
    if args.lift and args.person is None:
        raise Problem("--lift needs --account A --person P", code=2)
    if not args.lift and not args.yes and not args.dry_run and not (args.number != "-" and sys.stdin.isatty()):
        raise Problem("nobody can be asked here: add --yes", code=2)


def _number(settings: Settings, text: str, account: str | None) -> str:
    """E.164, or short with its account. Raises Problem (2), without the number."""
    understood = numbers.understand(text, settings.first_dial_plan())
    if understood.key is None:
        raise Problem("--number is none that can be understood; write it like +49 30 1234567", code=2)
    if understood.e164 is None and account is None:
        raise Problem("a short number is in every company: add --account A", code=2)
    return understood.key


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except StoreFault as fault:
        raise Problem("; ".join(told(fault))) from None
    except (OutboxFault, Unknown) as fault:
        raise Problem(str(fault)) from None


def _opened(settings: Settings) -> Coroutine[Any, Any, Erasing]:
    prefixes = [plan.outside_line_prefix or "" for plan in settings.dial_plans().values()]
    return Erasing.open(settings.node.state_dir / FILE, prefixes)


async def _subject(settings: Settings, args: argparse.Namespace, number: str | None) -> tuple[Subject, Counter[str]]:
    """Who it is, and what of him stands in the directory."""
    async with await _opened(settings) as erasing:
        if number is None:
            subject = await erasing.person(args.account, args.person)
        else:
            subject = await erasing.number(number, args.account)
        return subject, await erasing.count(subject)


async def _order(settings: Settings, subject: Subject, by: Actor, *, keep_out: bool) -> tuple[int, Counter[str]]:
    async with await _opened(settings) as erasing:
        return await erasing.order(subject, by, keep_out=keep_out)


def _lift(settings: Settings, args: argparse.Namespace) -> int:
    async def lift() -> bool:
        async with await _opened(settings) as erasing:
            return await erasing.lift(args.account, args.person, actor())

    with sharing(args, settings):
        lifted = _run(lift())
    if not lifted:
        raise Problem(f"nobody with this id is kept out of {args.account}")
    print(f"the next import of {args.account} may bring this person back")
    return 0


def _confirmed(subject: Subject, args: argparse.Namespace) -> bool:
    """Whoever types the id has read which one."""
    if subject.person is None:
        question, wanted = "erase this number and all calls that name it? type yes: ", "yes"
    else:
        who = subject.name or "somebody who is not in the directory any more"
        question = f"erase {who} of {args.account} and all calls that name them? type the id: "
        wanted = subject.person.id
    try:
        return input(shown(question)).strip() == wanted
    except EOFError:
        return False


# -- what desks were told ----------------------------------------------------------------------------------------------


async def _carry_out(settings: Settings, no: int) -> Counter[str]:
    """By the daemon where one runs, else by us. Returns what we did ourselves. Interrupted, the order stays."""
    began, told_at = time.monotonic(), 0.0
    async with await _opened(settings) as erasing:
        while not await erasing.is_done(no):
            lock = _lock(settings)
            if lock is not None:
                try:
                    return await _at_rest(settings, erasing)
                finally:
                    os.close(lock)
            if time.monotonic() - max(began, told_at) >= TELL_AFTER:
                told_at = time.monotonic()
                print(_WAITS.format(seconds=round(told_at - began)), file=sys.stderr)
            await asyncio.sleep(LOOK_EVERY)
    return Counter()


def _lock(settings: Settings) -> int | None:
    """While we have it, no daemon starts; None: one runs."""
    try:
        return installation.take(settings.node.state_dir)
    except StartError:
        return None


async def _at_rest(settings: Settings, erasing: Erasing) -> Counter[str]:
    """As the daemon does, with the same outbox; also what was ordered earlier. Raises StoreFault, OutboxFault."""
    gone: Counter[str] = Counter()
    for order in await erasing.pending():
        if any(settings.node.state_dir.glob(f"{DESKS}*")):  # also what was set aside
            gone += await _from_desks(settings, Traces(order.leaving))
        await erasing.done(order.no)
    return gone


async def _from_desks(settings: Settings, traces: Traces) -> Counter[str]:
    boot_id = installation.boot_id() or fresh.epoch()
    outbox = await Outbox.open(settings.node.state_dir, fresh.epoch, datetime.now(UTC), boot_id)
    try:
        found = await outbox.speaking(traces)
        return await outbox.erase(traces, {call: level for call, level in found.items() if call is not None})
    finally:
        await outbox.close()


# -- what is said ------------------------------------------------------------------------------------------------------

_WAITS = "ctibridge: the service has not carried it out after {seconds} s, see its log; it goes on, also without us"


def _print(what: str, gone: Counter[str]) -> None:
    found = ", ".join(f"{count:,} {kind}" for kind, count in sorted(gone.items()) if count)
    print(f"{what}: {found or 'nothing'}")


def _then(subject: Subject, *, kept_out: bool) -> str:
    if subject.person is None:
        return "gone, also from calls; files that still have the number bring it back with the next import"
    if kept_out:
        return "gone, also from calls; imports leave this person out (to end that: ctibridge erase --lift)"
    return "gone, also from calls; files that still have this person bring them back with the next import"
