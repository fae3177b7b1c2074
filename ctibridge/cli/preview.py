"""`ctibridge lookup`: what the pop would say, and why, without anybody calling."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import msgspec

from ctibridge import logs, typed
from ctibridge.cli import options
from ctibridge.cli.explain import explain
from ctibridge.cli.lean import NOT_ANSWERED, asked
from ctibridge.cli.problem import Problem
from ctibridge.cli.shown import shown
from ctibridge.config import Settings
from ctibridge.delivery.encode import pop_data
from ctibridge.lookup.adapters.enquiries import elsewhere
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.adapters.schema import FILE, StoreFault
from ctibridge.lookup.adapters.store import FAULTS
from ctibridge.lookup.found import Found, of_administrator, of_agents
from ctibridge.lookup.question import Question as Asked
from ctibridge.lookup.settings import DialPlan, is_known_country

_UNREADABLE = "the directory cannot be read now; is its disk there and are its files the service's?"
# Longer lines are no questions.
LONGEST_LINE = 4096
_LONGEST_SHOWN = 40


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a batch. country: ISO 3166 alpha-2, default the first trunk's."""

    number: str
    called: str | None = None
    agent: str | None = None
    country: str | None = None


class NoAnswer(Exception):
    """One question that cannot be answered; others of the batch can."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "lookup",
        help="what the pop would say for a number, with the reasons",
        description="What the pop would say, with the evidence, and why not others. Without --agent it sees every "
        "shared account.",
    )
    parser.add_argument(
        "number",
        nargs="?",
        metavar="NUMBER",
        help="the caller, as the PBX would send him; - reads him from standard input, where no other user sees him",
    )
    parser.add_argument("--called", metavar="N", help="the service number that he calls")
    parser.add_argument("--agent", metavar="A", help="at whose desk it rings")
    parser.add_argument("--json", action="store_true", help="the event's data, one JSON object a line")
    parser.add_argument(
        "--batch",
        metavar="FILE",
        help='JSON Lines {"number", "called", "agent", "country"} instead of NUMBER; - reads standard input',
    )
    options.add_config(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Returns 0, or 1 where a line of the batch was wrong. Raises Problem."""
    if (args.number is None) == (args.batch is None):
        raise Problem("lookup takes either NUMBER or --batch FILE", code=2)
    if args.batch is not None and (args.called is not None or args.agent is not None):
        raise Problem("--called and --agent stand in the lines of the batch", code=2)
    number = _typed() if args.number == "-" else args.number
    single = (None, Question(number, args.called, args.agent))
    lines = iter([single]) if args.batch is None else _batch(args.batch)
    settings = options.open_state(args)
    # What fails is said in one line of ours; the daemon's log lines are not for a terminal.
    logs.configure(level=logging.CRITICAL)
    return asyncio.run(_answer_all(settings, args.config.resolve().parent, lines, as_json=args.json))


def _typed() -> str:
    """One line of standard input. Raises Problem."""
    line = sys.stdin.readline(LONGEST_LINE).strip()
    if not line:
        raise Problem("lookup -: standard input is empty; write the number there", code=2)
    return line


# Where it stands (FILE:LINE; None: on the command line), and the question, or a text that says why it is none.
Line = tuple[str | None, Question | str]


def _batch(name: str) -> Iterator[Line]:
    if name == "-":
        return _questions(name, nullcontext(sys.stdin.buffer))
    try:
        return _questions(name, Path(name).open("rb"))
    except OSError as error:
        raise Problem(f"{name}: {error.strerror}", code=2) from None


def _questions(name: str, opened: AbstractContextManager[BinaryIO]) -> Iterator[Line]:
    decoder = msgspec.json.Decoder(Question)
    with opened as stream:
        for number, line in enumerate(_lines(stream), start=1):
            if not line.strip():
                continue
            question: Question | str
            try:
                question = decoder.decode(line)
            except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
                question = 'no question; write {"number": "+49…", "called": …, "agent": …, "country": …}'
            yield f"{name}:{number}", question


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Of what is too long only the beginning, which is no question then."""
    while line := stream.readline(LONGEST_LINE):
        rest = line
        while len(rest) == LONGEST_LINE and not rest.endswith(b"\n"):
            rest = stream.readline(LONGEST_LINE)
        yield line


async def _answer_all(settings: Settings, folder: Path, lines: Iterator[Line], *, as_json: bool) -> int:
    path = settings.node.state_dir / FILE
    if not path.exists():
        raise Problem(f"{path} does not exist yet; run `ctibridge import` first")
    try:
        store = await asked(settings, folder)
        lookup = await Lookup.open(path, settings.resolution, settings.language, store=store)
    except StoreFault as error:
        raise Problem(str(error)) from None
    code = 0
    try:
        for place, question in lines:
            try:
                if isinstance(question, str):
                    raise NoAnswer(question)
                _check(lookup, question)
            except NoAnswer as fault:
                if place is None:
                    raise Problem(str(fault)) from None
                print(shown(f"{place}: {fault}"), file=sys.stderr)
                code = 1
            else:
                found = await _found(lookup, question, _plan(settings, question))
                if as_json:
                    await _print_data(lookup, found)
                else:
                    print(explain(question.agent, found, await _elsewhere(lookup, found)))
    finally:
        await lookup.close()
    return code


def _plan(settings: Settings, question: Question) -> DialPlan:
    """As the first trunk sends numbers; a country in the question comes without that trunk's habits."""
    if question.country is not None:
        return DialPlan(question.country.upper())
    return settings.first_dial_plan()


def _check(lookup: Lookup, question: Question) -> None:
    country = question.country
    if country is not None and not is_known_country(country.upper()):
        raise NoAnswer(f"country {country[:_LONGEST_SHOWN]!r} is not known; write two letters like DE (ISO 3166)")
    if question.agent is not None and question.agent not in lookup.snapshot().agents:
        raise NoAnswer(f"agent {question.agent!r} is not known; import agents.csv with them first")


async def _found(lookup: Lookup, question: Question, plan: DialPlan) -> Found:
    signalled = typed.signalled(question.number, question.called, "lookup")
    watch = of_administrator if question.agent is None else of_agents([question.agent])
    found = await lookup.find(Asked(signalled, plan, None, datetime.now(UTC)), watch)
    read = None if found is None else await lookup.records(found)
    if read is None:
        raise Problem(NOT_ANSWERED if lookup.lean else _UNREADABLE)
    return read


async def _elsewhere(lookup: Lookup, found: Found) -> tuple[str, ...]:
    try:
        return await elsewhere(lookup.store, found)
    except FAULTS:
        raise Problem(NOT_ANSWERED if lookup.lean else _UNREADABLE) from None


async def _print_data(lookup: Lookup, found: Found) -> None:
    """With all that a desk would have been told by the last revision."""
    answers = lookup.behind.answers(found)
    newest = dict(answers.first)
    if answers.rest is not None:
        async for revised in answers.rest:
            newest |= revised
    for answer in newest.values():
        print(pop_data(answer, None).decode())
