"""`ctibridge selftest`: the bridge calls itself through the real PBX, and shows that the pop came, and when."""

import argparse
import asyncio
import json
import logging
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from ctibridge import config, logs
from ctibridge.cli import options
from ctibridge.cli.findings import Row, in_colours, lines
from ctibridge.cli.lean import asked
from ctibridge.cli.problem import Problem
from ctibridge.cli.shown import shown
from ctibridge.config import ConfigError, Settings
from ctibridge.domain.finding import Finding
from ctibridge.selftest import story
from ctibridge.selftest.adapters import kept, trial
from ctibridge.selftest.adapters.other_phone import answering
from ctibridge.selftest.adapters.trial import Result, Trial
from ctibridge.selftest.verdict import verdict_of
from ctibridge.sip.settings import SelftestSettings, TrunkSettings

ENDED = 128 + signal.SIGTERM
ENDS = (signal.SIGTERM, signal.SIGHUP)
"""SIGHUP: the terminal was closed, or its line to us broke. Ctrl-C is asyncio's own."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "selftest",
        help="calls itself through the real PBX and shows that the pop came",
        description="Dials as [trunk.selftest] says, waits for the pop at a desk, and compares what the desk saw with "
        "what the directory says. The daemon has to run. Exit code 1: something has to be mended.",
    )
    parser.add_argument("--trunk", metavar="T", help="this trunk alone (default: all that have a selftest)")
    parser.add_argument("--json", action="store_true", help="for programs")
    options.add_config(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Returns 0 where each call did what it should, else 1. Raises Problem (2) for a configuration that does not
    hold."""
    settings = options.settings_of(args)
    # Secrets are read before root is given up: they may be root's.
    trials = [_trial(settings, trunk, args.config) for trunk in _trunks(settings, args.trunk)]
    options.own_store(settings.node.state_dir)
    logs.configure(level=logging.CRITICAL)  # what goes wrong stands in a row
    try:
        results = asyncio.run(_all(trials))
    except asyncio.CancelledError:
        return ENDED
    if args.json:
        print(json.dumps([_for_programs(one, each) for one, each in zip(trials, results, strict=True)], indent=2))
    else:
        print("\n\n".join("\n".join(_lines(one, each)) for one, each in zip(trials, results, strict=True)))
    return int(not all(one.verdict.good for one in results))


def _trunks(settings: Settings, name: str | None) -> list[tuple[TrunkSettings, SelftestSettings]]:
    if name is not None and name not in settings.dial_plans():
        raise Problem(f"no trunk is called {name!r}; there are {', '.join(settings.dial_plans()) or 'none'}", code=2)
    asked = (one for one in settings.trunk if name in (None, one.name))
    found = [(one, one.selftest) for one in asked if one.selftest is not None]
    if not found:
        which = "no trunk has a selftest" if name is None else f"trunk {name} has no selftest"
        raise Problem(f"{which}; add [trunk.selftest] with user, password and dial", code=2)
    return found


def _trial(settings: Settings, of: tuple[TrunkSettings, SelftestSettings], path: Path) -> Trial:
    trunk, test = of
    base, what = path.resolve().parent, f"trunk {trunk.name}, selftest"
    try:
        seats = config.seats_of(trunk, base)
        password = None if test.password is None else config.read_secret(test.password, what, base)
        # pyVoIP answers whoever calls there: on no line that is not named for it.
        sits = config.line_access(trunk, test.phone, base) if test.phone is not None and test.answer else None
    except ConfigError as error:
        raise Problem(str(error), code=2) from None
    phone = None if sits is None else partial(answering, trunk, sits, settings.node.state_dir)
    line = test.line if test.line in seats else None
    if test.phone is not None and line is None:
        raise Problem(f"{what}: phone {test.phone!r} is no line of this trunk; name one of its lines", code=2)
    agents = seats.get(test.line, ())
    if test.agent is None and len(agents) != 1:
        why = f"line {line} has {len(agents)} agents" if line else "it dials no line"
        raise Problem(f"{what}: {why}, so nobody knows at whose desk it has to pop; add agent", code=2)
    return Trial(settings, trunk, test, password, test.agent or agents[0], line, phone, partial(asked, settings, base))


async def _all(trials: Sequence[Trial]) -> list[Result]:
    """One after the other, so that none is in another's way. A signal ends them, and takes a call back that rings."""
    if threading.current_thread() is threading.main_thread():
        task = asyncio.current_task()
        assert task is not None
        for number in ENDS:
            if signal.getsignal(number) is signal.SIG_DFL:  # nohup ignores one
                asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return [await _one(one) for one in trials]


async def _one(one: Trial) -> Result:
    result = await trial.run(one)
    try:
        kept.keep(one.settings.node.state_dir, result.kept(one.trunk.name))
    except OSError as error:
        unkept = Finding("result", f"it cannot be kept in state_dir: {error.strerror}", "make room on its disk")
        return replace(result, verdict=verdict_of((*result.verdict.rows, unkept)))
    return result


def _lines(one: Trial, result: Result) -> list[str]:
    """One screen."""
    expected, timeline, verdict = result.expected, result.timeline, result.verdict
    private = not sys.stdout.isatty()  # who writes to a file writes a log
    heads = [f"  {part:<8}{who}" for part, who in story.cast(expected, timeline).items()]
    happened = [f"  {ms:>7,} ms  {who:<8}{what}" for ms, who, what in story.events(expected, timeline, private=private)]
    rows = lines([Row(row) for row in verdict.rows], coloured=in_colours())
    last = f"the pop works: {timeline.pop_ms:,} ms" if verdict.good else f"the test call failed: {verdict.word}"
    head = f"selftest of trunk {one.trunk.name}, {result.at:%Y-%m-%d %H:%M:%S} UTC"
    return [head, *map(shown, heads), *([""] if happened else []), *map(shown, happened), "", *rows, last]


def _for_programs(one: Trial, result: Result) -> dict[str, object]:
    expected, timeline, verdict = result.expected, result.timeline, result.verdict
    happened = story.events(expected, timeline, private=True)
    return {
        "trunk": one.trunk.name,
        "at": result.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "good": verdict.good,
        "word": verdict.word,
        "pop_ms": timeline.pop_ms,
        "parts": story.cast(expected, timeline),
        "events": [{"ms": ms, "who": who, "what": what} for ms, who, what in happened],
        "rows": [
            {"what": row.what, "kind": row.kind.value, "ok": row.good, "text": row.text, "mend": row.mend}
            for row in verdict.rows
        ],
    }
