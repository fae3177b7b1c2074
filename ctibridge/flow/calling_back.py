"""Missed callers: what the desks are told of a call goes into the list, what becomes of it goes back to those desks
whose agent has the role, and what has to outlive the process to the store.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial

import structlog

from ctibridge.calls.facts import Answered, Ended, Fact, Rang
from ctibridge.calls.missed import MissedCallers, Refused, Who, Why, Worked
from ctibridge.delivery.desks import Desks
from ctibridge.delivery.kept import Outbox
from ctibridge.domain.call import Call
from ctibridge.domain.desk_command import Done, Take
from ctibridge.domain.moment import Moment
from ctibridge.domain.resolution import Status
from ctibridge.domain.screen_pop import Answer
from ctibridge.domain.work import Work
from ctibridge.flow import missed_text
from ctibridge.flow.homes import Homes
from ctibridge.flow.joint import Known

KIND = "missed"
WRITE_AFTER = 0.25
"""Seconds: a group of a hundred lines ends in a hundred facts, and its text is written once."""

InOrder = Callable[[str, frozenset[str], Callable[[datetime], None]], None]
log = structlog.get_logger()


class CallingBack:
    """visible: the accounts that an agent may see at a time. in_order: tells something of a call at some desks, behind
    what waits there. homes: which desks are told here; say: what other nodes have to hear of a caller."""

    def __init__(
        self,
        desks: Desks,
        outbox: Outbox,
        visible: Callable[[str, datetime], frozenset[str]],
        now: Callable[[], Moment],
        in_order: InOrder,
        homes: Homes,
        say: Callable[[Known], None] = lambda _: None,
    ) -> None:
        self._missed = MissedCallers()
        self._desks = desks
        self._outbox = outbox
        self._visible = visible
        self._now = now
        self._in_order = in_order
        self._homes = homes
        self._say_known = say
        self._early: dict[str, Who] = {}
        """Who calls, of calls whose pop went out just now: they are taken down behind it."""
        self._writing: asyncio.TimerHandle | None = None

    @property
    def deadline(self) -> float | None:
        """When `wake` wants to be called (monotonic seconds)."""
        return self._missed.deadline

    def restore(self, texts: Mapping[str, bytes], calls: Mapping[str, Mapping[str, Call]]) -> None:
        """texts: as they were kept, by call; calls: that the desks know, by agent."""
        now = self._now()
        missed, unreadable = missed_text.read_all(texts)
        self._missed.restore(missed, now)
        for key in unreadable:
            log.warning("missed_call_unreadable", call=key)
            self._outbox.keep_fact(KIND, key, None)
        for at_desks in calls.values():
            for agent, call in at_desks.items():
                if call.is_over:
                    self._tell(self._missed.moved_on(call, agent, now))
        self._tell(self._missed.restarted(now))
        self._write_soon()

    def heard(self, fact: Fact) -> None:
        """What some desks were just told."""
        now = self._now()
        match fact:
            case Rang():
                for agent in sorted(fact.agents):
                    self._missed.rang(fact.call, agent, now)
                if fact.call.id in self._early:
                    self._know(fact.call.id, self._early.pop(fact.call.id))
            case Answered() | Ended():
                self._tell(self._missed.moved_on(fact.call, fact.agent, now))
        self._early.clear()
        self._write_soon()

    def known(self, call: Call, answers: Iterable[Answer]) -> None:
        """Who calls, as far as every desk is told the same: his number, and the company that he called. One that is
        named to any desk stands: of a call that is handed on, some are told more than others."""
        told = tuple(answers)
        if not told:
            return
        _, account, shared = self._early.get(call.id, (None, None, False))
        accounts = sorted(one.called.account.id for one in told if one.called.account is not None)
        shared = shared or any(one.resolution.status is Status.SHARED for one in told)
        who = _key(call, told[0]), accounts[0] if accounts else account, shared
        if call.id in self._missed:
            is_news = self._know(call.id, who)
            self._write_soon()
        else:
            is_news = self._early.get(call.id) != who
            self._early[call.id] = who
        if is_news and self._homes.are_several:
            self._say_known(Known(call.id, *who))

    def learn(self, known: Known) -> None:
        """Who calls, as another node knows it."""
        if known.call in self._missed:
            self._know(known.call, (known.caller, known.account, known.shared))
            self._write_soon()

    def may(self, command: Take | Done) -> bool:
        """Has he the role at the company that was called? Else he hears why not. To be asked at his desk's home."""
        if self._has_role(self._missed.account(command.call), command.agent):
            return True
        self._desks.not_allowed(command.session, "you have no role at the company that was called")
        return False

    def gained(self, agents: frozenset[str]) -> None:
        """These desks have their home here from now on: their calls are kept here, too."""
        self._missed.touch(agents)
        self._write_soon()

    def became(self, call: str, agent: str) -> Work | None:
        """What became of this call; None where it waits, is not known any more, or he has no role there."""
        return self._missed.became(call) if self._has_role(self._missed.account(call), agent) else None

    def erase(self, calls: Iterable[str]) -> None:
        """Nobody knows any more who called in these; that they were missed stands."""
        for call in calls:
            self._early.pop(call, None)
            self._know(call, (None, None, False))
        self.write()

    def wake(self, now: Moment) -> None:
        self._missed.wake(now)

    def write(self) -> None:
        """What has changed since the last time, for after a restart."""
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None
        for call in self._missed.changed():
            one = self._missed.waiting(call)
            if one is None or any(map(self._homes.mine, one.desks)):
                self._outbox.keep_fact(KIND, call, None if one is None else missed_text.write(one))

    def carry_out(self, command: Take | Done) -> None:
        """Of an agent who may, on whatever node: of two who take one call the first has it."""
        now = self._now()
        work = self._missed.take if isinstance(command, Take) else self._missed.done
        result = work(command.call, command.agent, now)
        match result:
            case None:
                self._desks.unknown_call(command.session)
            case Refused():
                self._desks.not_allowed(command.session, _why(result, now.at))
            case []:
                self._desks.not_allowed(command.session, "you took this caller already")
            case _:
                self._tell(result)
                self.write()

    def _know(self, call: str, who: Who) -> bool:
        """True where that is news."""
        caller, account, shared = who
        before = self._missed.caller(call)
        self._tell(self._missed.known(call, caller, account, shared=shared))
        return self._missed.caller(call) != before

    def _tell(self, facts: Iterable[Worked]) -> None:
        for fact in facts:
            if self._homes.mine(fact.agent) and self._has_role(fact.account, fact.agent):
                self._in_order(fact.call.id, frozenset({fact.agent}), partial(self._say, fact))

    def sees(self, call: str, agent: str) -> bool | None:
        """Has he the role at the company that was called? None where it was no company's number."""
        account = self._missed.account(call)
        return None if account is None else self._has_role(account, agent)

    def _has_role(self, account: str | None, agent: str) -> bool:
        return account is None or account in self._visible(agent, self._now().at)

    def _say(self, fact: Worked, _at: datetime) -> None:
        self._desks.work(fact.agent, fact.call, fact.work)

    def _write_soon(self) -> None:
        if self._writing is None:
            self._writing = asyncio.get_running_loop().call_later(WRITE_AFTER, self.write)


def _key(call: Call, answer: Answer) -> str | None:
    """By what the same caller is known again; None where he is withheld."""
    caller = answer.caller
    if caller.number is not None:
        return caller.number.value
    return None if caller.extension is None else f"{caller.extension.value}@{call.trunk}"


def _why(refused: Refused, at: datetime) -> str:
    who = refused.by or "a colleague"
    minutes = 0 if refused.at is None else max(0, round((at - refused.at).total_seconds() / 60))
    match refused.why:
        case Why.RINGS:
            return "this call still rings"
        case Why.ANSWERED:
            return "this caller was answered" if refused.by is None else f"{who} answered this caller"
        case Why.TAKEN:
            return f"{who} took this caller {minutes} min ago"
        case Why.SETTLED:
            return f"{who} settled this call {minutes} min ago"
