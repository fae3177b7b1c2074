"""One test call from its beginning to its end: directory, desk, other phone, call, and what came of it.

The order matters twice: the desk hears before anybody dials, and the call is over before anything else is closed.
"""

import secrets
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ctibridge import __version__
from ctibridge.config import Settings
from ctibridge.domain.last_call import LastCall
from ctibridge.lookup.adapters.store import DirectoryStore
from ctibridge.selftest import expected as wanted
from ctibridge.selftest.adapters.caller import Caller, Plan, calling
from ctibridge.selftest.adapters.desk_watch import watching
from ctibridge.selftest.adapters.directory import Directory, desk_token, directory, evidence, itself
from ctibridge.selftest.adapters.news import News
from ctibridge.selftest.adapters.other_phone import OtherPhone
from ctibridge.selftest.desk_events import MARK, DeskEvents
from ctibridge.selftest.expected import Expected
from ctibridge.selftest.timeline import Cast, Stopped, Timeline
from ctibridge.selftest.verdict import Verdict, judge
from ctibridge.sip.outgoing import CallEnd
from ctibridge.sip.settings import SelftestSettings, TrunkSettings

OWN_PHONE = 2.0
"""Seconds that the line's own phone has to pick up by itself: whoever sits there should not have to."""
OUR_PHONE = 10.0
"""Seconds for a phone that we started."""
THE_END = 5.0
"""Seconds until the desk hears that the call is over."""
GIVE_UP = 35.0
"""Seconds for the PBX to end a call that was taken back (RFC 3261 9.1: 32, and one more look)."""


NewPhone = Callable[[], AbstractAsyncContextManager[OtherPhone]]
"""Signed on when it is entered, and answering every call on its line."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried: password of the test's account; agent at whose desk; line where it rings, as far as one is named;
    phone: the other phone, None where nobody starts one. asked: as in `directory`."""

    settings: Settings
    trunk: TrunkSettings
    test: SelftestSettings
    password: str | None = field(repr=False)
    agent: str
    line: str | None
    phone: NewPhone | None = None
    asked: Callable[[], Awaitable[DirectoryStore | None]] = itself


@dataclass(frozen=True, slots=True)
class Result:
    at: datetime
    expected: Expected
    timeline: Timeline
    verdict: Verdict

    def kept(self, trunk: str) -> LastCall:
        """What figures and checks need of it."""
        known = None if self.expected.known is None else self.expected.known.account
        failed = None if self.verdict.good else self.verdict.word
        return LastCall(trunk, self.expected.account or known, self.at, failed, self.timeline.pop_ms)


async def run(trial: Trial) -> Result:
    """Takes as long as `patience`, and some seconds more. Whatever is wrong stands in the verdict."""
    at = datetime.now(UTC)
    expected = wanted.of_settings(trial.trunk, trial.test, trial.agent, trial.line)
    cast = Cast(f"ctibridge {__version__}, its own SIP core", f"{trial.agent}, a page that signed in for this test")
    timeline = Timeline(cast)
    try:
        async with directory(trial.settings, trial.trunk, trial.agent, trial.asked) as says:
            expected = replace(expected, known=await says.says(trial.test, at))
            await _tried(trial, expected, timeline)
            expected = replace(expected, known=await _as_it_rang(says, trial, expected, timeline))
    except Stopped as stopped:
        timeline.stopped = stopped.finding
    return Result(at, expected, timeline, judge(expected, timeline))


async def _as_it_rang(says: Directory, trial: Trial, expected: Expected, timeline: Timeline) -> wanted.Known | None:
    """What the directory says of the moment at which the desk's call began: a share may have ended since."""
    return expected.known if timeline.first is None else await says.says(trial.test, timeline.first.rang_at)


async def _tried(trial: Trial, expected: Expected, timeline: Timeline) -> None:
    news, mark = News(), f"{MARK} {secrets.token_hex(3)}"
    number = None if expected.known is None else expected.known.number
    events = DeskEvents(timeline, trial.trunk.name, mark, number)
    async with AsyncExitStack() as parts:
        token = await parts.enter_async_context(desk_token(trial.settings.node.state_dir, trial.agent))
        desk = await parts.enter_async_context(watching(trial.settings.web.listen, token, events, news))
        phone = None if trial.phone is None else await parts.enter_async_context(trial.phone())
        if phone is not None:
            timeline.cast.phone, timeline.cast.no_phone = phone.name, phone.why
        await desk.lines_known(expected.patience)
        _lines(trial, events, timeline)
        plan = Plan(trial.trunk, trial.test, trial.password, mark)
        async with calling(plan, timeline, news) as caller:
            await _call(expected, timeline, caller, news)
            if phone is not None and timeline.picked_up is not None:
                timeline.cast.phone_answered = await phone.picked_up()
            if timeline.first is not None and expected.sees_end:
                await news.until(lambda: timeline.outcome is not None or timeline.desk_lost, THE_END)
            if timeline.picked_up is None and events.call is not None:
                await desk.done(events.call)


async def _call(expected: Expected, timeline: Timeline, caller: Caller, news: News) -> None:
    """Until nothing has to be said any more."""
    await news.until(lambda: timeline.first is not None or timeline.settled, expected.patience)
    if timeline.first is not None and timeline.picked_up is None and expected.answers:
        patience = OWN_PHONE if timeline.cast.phone is None else OUR_PHONE
        await news.until(lambda: timeline.picked_up is not None or timeline.settled, patience)
    if not timeline.replies:
        timeline.ended, timeline.ended_at = CallEnd.SILENT, expected.patience
        return
    caller.hang_up()
    await news.until(lambda: caller.over, GIVE_UP)


def _lines(trial: Trial, events: DeskEvents, timeline: Timeline) -> None:
    """The line that is meant alone, where one is; else all of this trunk's at that desk. With the reason for each that
    is not heard."""
    known = evidence(trial.settings.node.state_dir, trial.trunk.name)
    meant = [line for line in events.lines if line.line == trial.line] or events.lines
    timeline.lines = tuple(
        replace(line, why=known[line.line].why if line.line in known and not line.is_heard else "") for line in meant
    )
