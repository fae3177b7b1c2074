"""Which legs are one call, at which desks it rings, in which round, who took it, and how it ended there (contract: *One
call*, *A call that comes back*, *Answered*, *Both modes*, *Outcome*).

In: `ring`, `answer`, `pick`, `end`, `sit`, time; each returns the facts that follow. The agents who hear a line come in
as an argument, as does what each trunk's configuration promises to see.
"""

from collections.abc import Callable, Container, Mapping

from ctibridge.calls.at_line import SIBLING_WINDOW, AtLine
from ctibridge.calls.attempt import Attempt
from ctibridge.calls.continuity import taken_over
from ctibridge.calls.facts import Continues, Fact, Learned, LegAnswered, LegEnded, LegPicked, LegRang, Rang
from ctibridge.calls.register import ROUND_WINDOW, Register
from ctibridge.calls.views import Views
from ctibridge.domain.call import Outcome
from ctibridge.domain.caller import Signalled
from ctibridge.domain.hand_over import HandOverKind
from ctibridge.domain.moment import Moment

_CONTACT_ALONE = Views()


class Calls:
    """All calls that ring or are talked on, or rang within the last minute. views: by trunk, for those that have more
    than a contact that hears everything."""

    def __init__(self, views: Mapping[str, Views] | None = None) -> None:
        self._views = {} if views is None else views
        self._known = Register()
        self._by_leg: dict[str, tuple[Attempt, AtLine]] = {}
        self._waiting: dict[AtLine, Attempt] = {}
        self._quiet: dict[str, Attempt] = {}
        self._several_tell = False
        """Other nodes of ours hear calls, too."""

    @property
    def deadline(self) -> float | None:
        """When `wake` wants to be called (monotonic seconds)."""
        waits = next(iter(self._waiting), None)
        oldest = next(iter(self._quiet.values()), None)
        times = [None if waits is None else waits.wait_until]
        if oldest is not None and oldest.quiet_since is not None:
            times.append(oldest.quiet_since + ROUND_WINDOW)
        return min((time for time in times if time is not None), default=None)

    def __len__(self) -> int:
        legs = (attempt for attempt, _ in self._by_leg.values())
        return len({id(attempt) for attempt in (*self._known.attempts(), *legs)})

    def ring(
        self, leg: LegRang, agents: frozenset[str], fresh_id: str, now: Moment, fresh_round: int = 1
    ) -> list[Fact]:
        """A line rings, and these agents hear it. fresh_id names the call if it is a new one, which begins with that
        round."""
        facts = self.wake(now)
        if leg.leg in self._by_leg:
            return facts + self._told_again(leg)
        self._several_tell = self._several_tell or bool(leg.teller)
        if self._several_tell and (over := self._known.late(leg, now.clock)) is not None:
            over.told_late(leg.leg, leg.view, leg.teller)
            return facts
        attempt = self._known.find(leg, agents, now.clock)
        if attempt is None:
            views = self._views.get(leg.trunk, _CONTACT_ALONE)
            attempt = Attempt(fresh_id, leg.trunk, views, leg.signalled, leg.view, now.clock, fresh_round)
        before = attempt.lines.get(leg.line)
        one_more = before is not None and before.is_new_to(leg.view, leg.teller)
        if before is not None and not one_more and before.is_stale(leg.view, now.clock):
            before.give_up(Outcome.UNKNOWN, now)
            facts += self._after(attempt, before, now)
        at = self._place(attempt, leg, agents, now)
        self._known.remember(attempt, leg, agents)
        at.rang(leg.leg, leg.view, agents, leg.teller)
        self._by_leg[leg.leg] = attempt, at
        self._waiting.pop(at, None)
        return facts + self._tell(attempt, at, leg, agents, now)

    def answer(self, leg: LegAnswered, now: Moment) -> list[Fact]:
        """The line's phone took it. Of a leg that is not known, or whose call is over, nothing is said."""
        facts = self.wake(now)
        if leg.leg not in self._by_leg:
            return facts
        attempt, at = self._by_leg[leg.leg]
        at.answered(leg.leg, now)
        return facts + self._taken(attempt, at, now)

    def pick(self, leg: LegPicked, agents: frozenset[str], now: Moment) -> list[Fact]:
        """The line took a call that did not ring there. An ordinary call that it began says nothing to anybody."""
        facts = self.wake(now)
        attempt = self._known.picked(leg, now.clock)
        if attempt is None:
            return facts
        at = attempt.lines.get(leg.line)
        continues: Continues | None = attempt.continues
        if at is None or leg.call_id not in attempt.call_ids or attempt.taker not in (None, at):
            continues = taken_over(attempt, HandOverKind.PICKUP if attempt.taker is None else HandOverKind.ATTENDED)
        elif at.outcome is not None and at.answered_at is not None:
            # Its own talk, which was lost from sight for a while: who was told that it is over hears nothing more.
            self._by_leg[leg.leg] = attempt, at
            at.answered(leg.leg, now)
            return facts
        if at is None or at.outcome is not None:
            at = self._open(attempt, leg.line, now.clock)
        at.agents |= agents
        self._quiet.pop(attempt.id, None)
        attempt.quiet_since = None
        if any(attempt.rang_out(agent) for agent in agents):
            attempt.round += 1
        self._by_leg[leg.leg] = attempt, at
        at.answered(leg.leg, now)
        new = frozenset(agent for agent in sorted(agents) if attempt.join(agent, at, now))
        if new:
            facts.append(Rang(attempt.desks[min(new)].call, new, attempt.signalled, continues))
        return facts + self._taken(attempt, at, now)

    def end(self, leg: LegEnded, now: Moment) -> list[Fact]:
        """A leg ended. A leg that is not known (any more) ends silently."""
        facts = self.wake(now)
        if leg.leg not in self._by_leg:
            return facts
        attempt, at = self._by_leg.pop(leg.leg)
        rang = at.outcome is None
        kin = self._known.kin(attempt)
        others_ring = attempt.rings_elsewhere(at.line) or any(one.rings for one in kin)
        at.ended(leg.leg, leg.outcome, now, others_ring=others_ring)
        if rang and at.outcome is Outcome.ANSWERED_HERE:
            self._known.trail.left(attempt, at)
        if at.looks_abandoned and attempt.taker is None:
            attempt.taker = _quicker(kin, now.clock)
        if attempt.taker is not None and at.wait_until is not None:
            at.give_up(None, now)
        return facts + self._after(attempt, at, now)

    def sit(self, agent: str, hears: Callable[[str, str], bool], now: Moment) -> list[Fact]:
        """An agent sat down. hears: a trunk's line, now? What rings there rings at his desk from now on."""
        facts = self.wake(now)
        for attempt, at in list(self._by_leg.values()):
            if not at.rings or not hears(attempt.trunk, at.line):
                continue
            at.agents |= {agent}
            if attempt.join(agent, at, now):
                call = attempt.desks[agent].call
                facts.append(Rang(call, frozenset({agent}), attempt.signalled, attempt.continues))
        return facts

    def stop(self, now: Moment) -> list[Fact]:
        """We stop: what rings or is talked on ends as unknown, because nobody will see how it goes on."""
        facts: list[Fact] = []
        for at, attempt in list(self._waiting.items()):
            at.give_up(None, now)
            facts += self._after(attempt, at, now)
        for attempt, at in list(self._by_leg.values()):
            at.give_up(Outcome.UNKNOWN, now)
            facts += self._after(attempt, at, now)
        self._by_leg.clear()
        return facts

    def falls_silent(self, teller: str, line: tuple[str, str] | None = None) -> None:
        """One of our nodes (empty: this one) hears this line, its trunk and user, no more; None: no line. Its legs end
        by themselves."""
        self._known.trail.falls_silent(teller, line)

    def going_on(self) -> frozenset[str]:
        """The calls that ring, are talked on, or wait for the other view's word."""
        ringing = (attempt.id for attempt, at in self._by_leg.values() if at.outcome is None)
        return frozenset((*ringing, *(attempt.id for attempt in self._waiting.values())))

    def of_leg(self, leg: str) -> str | None:
        """The call that this leg belongs to, while it rings or is talked on."""
        known = self._by_leg.get(leg)
        return None if known is None else known[0].id

    def named(self, leg: str) -> tuple[str, int] | None:
        """The same with its round."""
        known = self._by_leg.get(leg)
        return None if known is None else (known[0].id, known[0].round)

    def hearers(self, leg: str) -> frozenset[str]:
        """At whose desks it rings."""
        known = self._by_leg.get(leg)
        return frozenset() if known is None else known[1].agents

    def erase(self, calls: Container[str], nobody: Signalled) -> None:
        """Who called in these is forgotten. What the network says of one that goes on is heard anew."""
        known = {*self._known.attempts(), *(one for one, _ in self._by_leg.values()), *self._waiting.values()}
        for attempt in known | self._known.trail.attempts():
            if attempt.id in calls or (attempt.continues is not None and attempt.continues.call in calls):
                self._known.erase(attempt, nobody)

    def wake(self, now: Moment) -> list[Fact]:
        """Ends what has waited long enough for the other view, forgets calls that can no longer come back."""
        facts: list[Fact] = []
        while (at := next(iter(self._waiting), None)) is not None and (at.wait_until or 0.0) <= now.clock:
            attempt = self._waiting[at]
            at.give_up(None, now)
            facts += self._after(attempt, at, now)
        while (quiet := next(iter(self._quiet.values()), None)) is not None:
            if quiet.quiet_since is not None and quiet.quiet_since + ROUND_WINDOW > now.clock:
                break
            self._forget(quiet)
        return facts

    def _place(self, attempt: Attempt, leg: LegRang, agents: frozenset[str], now: Moment) -> AtLine:
        """The ringing at this line that the leg belongs to: the one that is, the one that its other view saw end, or a
        new one, perhaps in a new round."""
        at = attempt.lines.get(leg.line)
        if at is not None and at.takes(leg.view, now.clock):
            return at
        if at is None and attempt.is_told(leg):
            self._quiet.pop(attempt.id, None)
            attempt.quiet_since = None
        elif attempt.quiet_since is not None and not attempt.rings_or_talks:
            self._forget(attempt)
            attempt.come_back(now.clock)
        elif any(attempt.rang_out(agent) for agent in agents):
            attempt.round += 1
        return self._open(attempt, leg.line, now.clock)

    def _open(self, attempt: Attempt, line: str, clock: float) -> AtLine:
        at = attempt.open(line, clock)
        for leg in at.legs():
            self._by_leg[leg] = attempt, at
        self._known.trail.note(attempt, at)
        return at

    # ------------------------------------------------------------------------------------------------------------------

    def _tell(self, attempt: Attempt, at: AtLine, leg: LegRang, agents: frozenset[str], now: Moment) -> list[Fact]:
        """A pop where it did not ring yet; an update where it did, and this leg knows more."""
        known = frozenset(agent for agent, desk in attempt.desks.items() if not desk.call.is_over)
        more = attempt.learn(leg)
        if attempt.continues is None:
            attempt.continues = self._known.continues(attempt, leg, now.clock)
            more = more or attempt.continues is not None
        facts: list[Fact] = []
        if known and more:
            facts.append(Learned(attempt.desks[min(known)].call, known, attempt.signalled, attempt.continues))
        if at.rings:
            new = frozenset(agent for agent in sorted(agents) if attempt.join(agent, at, now))
            if new:
                facts.append(Rang(attempt.desks[min(new)].call, new, attempt.told(leg), attempt.continues))
        return facts

    def _told_again(self, leg: LegRang) -> list[Fact]:
        """The PBX names the caller only now (dialog-info)."""
        attempt, _ = self._by_leg[leg.leg]
        known = frozenset(agent for agent, desk in attempt.desks.items() if not desk.call.is_over)
        if not attempt.learn_again(leg) or not known:
            return []
        return [Learned(attempt.desks[min(known)].call, known, attempt.signalled, attempt.continues)]

    def _taken(self, attempt: Attempt, at: AtLine, now: Moment) -> list[Fact]:
        """This line's phone has it: nobody waits any longer to hear who."""
        attempt.taker = at
        self._note(attempt, at)
        facts = self._verdicts(attempt, now)
        for one in [attempt, *self._known.kin(attempt)]:
            for other in [other for other in one.lines.values() if other in self._waiting]:
                one.taker = at
                other.give_up(None, now)
                self._note(one, other)
                facts += self._verdicts(one, now)
        return facts

    def _after(self, attempt: Attempt, at: AtLine, now: Moment) -> list[Fact]:
        """What follows from a change at this line, for its desks, for the other lines, and for the call as a whole."""
        self._note(attempt, at)
        facts = self._verdicts(attempt, now)
        family = [attempt, *self._known.kin(attempt)]
        if any(other.rings and other.wait_until is None for one in family for other in one.lines.values()):
            return facts
        for one in family:
            for other in [other for other in one.lines.values() if other in self._waiting]:
                other.others_are_done(now)
                self._note(one, other)
                facts += self._verdicts(one, now)
        return facts

    def _note(self, attempt: Attempt, at: AtLine) -> None:
        if at.wait_until is None:
            self._waiting.pop(at, None)
        else:
            self._waiting.setdefault(at, attempt)

    def _verdicts(self, attempt: Attempt, now: Moment) -> list[Fact]:
        facts = attempt.verdicts(now)
        if not attempt.rings_or_talks:
            self._fall_quiet(attempt, now.clock)
        return facts

    def _fall_quiet(self, attempt: Attempt, clock: float) -> None:
        if attempt.was_answered:
            self._forget(attempt)
        elif attempt.quiet_since is None:
            attempt.quiet_since = clock
            self._quiet[attempt.id] = attempt

    def _forget(self, attempt: Attempt) -> None:
        self._quiet.pop(attempt.id, None)
        self._known.forget(attempt)


def _quicker(kin: list[Attempt], clock: float) -> AtLine | None:
    """The line of a ring group whose phone has just taken what may be this very call."""
    takers = (one.taker for one in kin if one.taker is not None and one.taker.talks)
    return next((at for at in takers if clock - at.answered_clock <= SIBLING_WINDOW), None)
