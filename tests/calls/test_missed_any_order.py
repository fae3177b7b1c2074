"""Missed callers under any order of calls, agents' words and restarts, beside a plain book of what was told to whom."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ctibridge.calls.missed import TAKE_HOLDS, MissedCallers, Refused, Why, Worked
from ctibridge.calls.missed_call import SAME_MOMENT
from ctibridge.domain.call import AnsweredBy, Call, CallState, Outcome
from ctibridge.domain.moment import Moment
from ctibridge.domain.work import Work, WorkState
from ctibridge.flow.missed_text import read, read_all, write
from tests.calls.legs import START

AGENTS = ("ana", "ben", "cem")
CALLS = {"c1": "frei", "c2": "frei", "c3": "frei", "c4": "sommer", "c5": None, "c6": None}
"""With their callers."""
MISSED = (Outcome.ABANDONED, Outcome.DECLINED, Outcome.TIMED_OUT, Outcome.FAILED, Outcome.UNKNOWN)

agents = st.sampled_from(AGENTS)
calls = st.sampled_from(list(CALLS))


class MissedInAnyOrder(RuleBasedStateMachine):
    """desks: each desk's calls as it was told last; unanswered: those of which a round ended there as missed. heard:
    what each desk was told that became of a call, last."""

    def __init__(self) -> None:
        super().__init__()
        self.missed = MissedCallers()
        self.clock = 0.0
        self.started = 0.0
        self.desks: dict[tuple[str, str], Call] = {}
        self.unanswered: set[tuple[str, str]] = set()
        self.heard: dict[tuple[str, str], Work] = {}
        self.answered: dict[str, Call] = {}
        self.works: dict[str, Work] = {}
        self.texts: dict[str, bytes] = {}

    # -- calls ---------------------------------------------------------------------------------------------------------

    @rule(call=calls, at=st.sets(agents, min_size=1))
    def rings(self, call: str, at: set[str]) -> None:
        """Newly, or in a later round, once it has ended everywhere."""
        before = [self.desks[call, agent] for agent in AGENTS if (call, agent) in self.desks]
        if call in self.answered or any(one.state is not CallState.ENDED for one in before):
            return
        round_ = max((one.round for one in before), default=0) + 1
        for agent in sorted(at):
            ringing = Call(call, "pbx", "6001", CallState.RINGING, self.now.at, round=round_)
            self.desks[call, agent] = ringing
            self.missed.rang(ringing, agent, self.now)
        self.came(self.missed.known(call, CALLS[call], "acme"))

    @rule(call=calls, agent=agents)
    def is_answered(self, call: str, agent: str) -> None:
        known = self.desks.get((call, agent))
        if known is None or known.state is not CallState.RINGING or call in self.answered:
            return
        answered = replace(known, state=CallState.ANSWERED, answered_at=self.now.at)
        self.desks[call, agent] = self.answered[call] = answered
        self.came(self.missed.moved_on(answered, agent, self.now))

    @rule(
        call=calls, agent=agents, outcome=st.sampled_from((*MISSED, Outcome.ANSWERED_ELSEWHERE)), who=st.none() | agents
    )
    def ends(self, call: str, agent: str, outcome: Outcome, who: str | None) -> None:
        known = self.desks.get((call, agent))
        if known is not None and known.state is not CallState.ENDED:
            talks = known.state is CallState.ANSWERED
            self.end(known, agent, Outcome.ANSWERED_HERE if talks else outcome, who)

    @rule(seconds=st.sampled_from((1.0, 30.0, TAKE_HOLDS.total_seconds())))
    def time_goes_by(self, seconds: float) -> None:
        self.clock += seconds

    # -- agents --------------------------------------------------------------------------------------------------------

    @rule(call=calls, agent=agents)
    def takes(self, call: str, agent: str) -> None:
        before, reply = self.works.get(call), self.missed.take(call, agent, self.now)
        self.check_reply(call, agent, reply)
        if isinstance(reply, Refused) and reply.why is Why.TAKEN:
            assert before is not None
            assert before.by == reply.by != agent
            assert self.now.at - before.at <= TAKE_HOLDS
        elif isinstance(reply, list) and before is not None and before.by != agent:
            assert self.now.at - before.at > TAKE_HOLDS, "two takers at a time"

    @rule(call=calls, agent=agents)
    def has_done(self, call: str, agent: str) -> None:
        reply = self.missed.done(call, agent, self.now)
        self.check_reply(call, agent, reply)
        assert not isinstance(reply, Refused) or reply.why is not Why.TAKEN

    # -- restarts ------------------------------------------------------------------------------------------------------

    @rule()
    def is_restarted(self) -> None:
        """Killed, and back ten seconds later; what the desks had of each call ends as unknown."""
        self.keep()
        self.clock += 10.0
        self.started = self.clock
        self.missed = MissedCallers()
        calls, unreadable = read_all(self.texts)
        assert unreadable == []
        self.missed.restore(calls, self.now)
        for call, text in self.texts.items():
            assert self.text(call) == text
        for (call, agent), known in self.desks.items():
            if known.state is not CallState.ENDED:
                self.desks[call, agent] = _over(known, self.now, Outcome.UNKNOWN)
                if known.answered_at is None:
                    self.unanswered.add((call, agent))
        self.came(self.missed.restarted(self.now))

    # -- what always holds ---------------------------------------------------------------------------------------------

    @invariant()
    def texts_read_back_as_they_were_written(self) -> None:
        self.keep()
        for text in self.texts.values():
            one = read(text)
            assert one is not None
            assert write(one) == text

    @invariant()
    def whoever_was_answered_waits_at_no_desk(self) -> None:
        for call, agent in self.unanswered:
            if self.was_answered(call) and self.desks[call, agent].state is CallState.ENDED:
                assert self.heard[call, agent].state is WorkState.SETTLED

    @invariant()
    def all_desks_that_missed_a_call_know_the_same_of_it(self) -> None:
        for call, agent in self.unanswered:
            if self.desks[call, agent].state is CallState.ENDED:
                assert self.heard.get((call, agent)) == self.works.get(call)

    # ------------------------------------------------------------------------------------------------------------------

    @property
    def now(self) -> Moment:
        """The monotonic clock begins anew with each process."""
        return Moment(START + timedelta(seconds=self.clock), self.clock - self.started)

    def end(self, known: Call, agent: str, outcome: Outcome, who: str | None = None) -> None:
        over = _over(known, self.now, outcome, who)
        self.desks[known.id, agent] = over
        if over.answered_at is None:
            self.unanswered.add((known.id, agent))
        else:
            self.answered.setdefault(known.id, over)
        self.came(self.missed.moved_on(over, agent, self.now))

    def came(self, facts: list[Worked]) -> None:
        """What a desk is told is of a call that it missed and that is over there, and is news."""
        for fact in facts:
            at = fact.call.id, fact.agent
            assert fact.call == self.desks[at]
            assert fact.call.state is CallState.ENDED
            assert at in self.unanswered
            assert fact.account == "acme"
            assert self.heard.get(at) != fact.work
            before = self.works.get(fact.call.id)
            assert before is None or before.state is WorkState.TAKEN or before == fact.work, "settled is final"
            assert fact.work.answered_in is None or self.is_reason(fact.call.id, fact.work)
            self.works[fact.call.id] = self.heard[at] = fact.work

    def check_reply(self, call: str, agent: str, reply: list[Worked] | Refused | None) -> None:
        at_desks = [known for (one, _), known in self.desks.items() if one == call]
        if isinstance(reply, list):
            self.came(reply)
            assert (call, agent) in self.unanswered
            assert all(known.state is CallState.ENDED for known in at_desks)
            assert call not in self.answered
        elif reply is None:
            # Answered calls that nobody missed do not outlive a restart.
            assert (call, agent) not in self.desks or call in self.answered
        elif reply.why is Why.ANSWERED:
            assert call in self.answered
        elif reply.why is Why.RINGS:
            assert any(known.state is not CallState.ENDED for known in at_desks)
        elif reply.why is Why.SETTLED:
            assert self.works[call] == Work(reply.by, WorkState.SETTLED, self.works[call].at, reply.answered_in)

    def was_answered(self, call: str) -> bool:
        """In this call or, if it is over, in another of its caller that was answered since."""
        if call in self.answered:
            return True
        known = [one for (other, _), one in self.desks.items() if other == call]
        if CALLS[call] is None or any(one.state is not CallState.ENDED for one in known):
            return False
        ended_at = max(one.ended_at for one in known if one.ended_at is not None)
        his = [one.answered_at for other, one in self.answered.items() if CALLS[other] == CALLS[call]]
        return any(at is not None and ended_at <= at + SAME_MOMENT for at in his)

    def is_reason(self, call: str, work: Work) -> bool:
        by = self.answered.get(work.answered_in or "")
        same = by is not None and (by.id == call or (CALLS[by.id] is not None and CALLS[by.id] == CALLS[call]))
        return same and by is not None and by.answered_at == work.at

    def text(self, call: str) -> bytes | None:
        one = self.missed.waiting(call)
        return None if one is None else write(one)

    def keep(self) -> None:
        """The store."""
        for call in self.missed.changed():
            text = self.text(call)
            if text is None:
                self.texts.pop(call, None)
            else:
                self.texts[call] = text


def _over(known: Call, now: Moment, outcome: Outcome, who: str | None = None) -> Call:
    elsewhere = outcome is Outcome.ANSWERED_ELSEWHERE
    return replace(
        known,
        state=CallState.ENDED,
        ended_at=now.at,
        answered_at=now.at if elsewhere else known.answered_at,
        outcome=outcome,
        answered_by=AnsweredBy("6002", who) if elsewhere and who is not None else None,
    )


TestMissedInAnyOrder = MissedInAnyOrder.TestCase
TestMissedInAnyOrder.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
