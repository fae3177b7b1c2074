"""One call at one line in one round, seen by one view or by both: when it rings, is answered, is over, and how.

In: legs of either view that ring, are answered and end, and time. Read it by its state: `talks`, `outcome` (None until
it is over), `wait_until`.

Each view knows what the other does not. The contact hears *completed elsewhere*, which dialog-info never says;
dialog-info hears `confirmed` and `rejected`, which no contact hears. So where one has spoken and the other may still,
`GRACE` is given (contract: *Both modes*).

Several of our nodes may hear one ringing by the same view: it is over when the last of them has told its end, and the
best that any of them said stands. A leg of a node that did not tell of the ringing yet is one more of the same, not
another ringing.
"""

from dataclasses import dataclass, field
from datetime import datetime

from ctibridge.calls.views import View, Views
from ctibridge.domain.call import Outcome
from ctibridge.domain.moment import Moment

GRACE = 0.5
"""Seconds that the word of one view waits for the other's."""
SIBLING_WINDOW = 2.0
"""Seconds after the first within which the other view of a ringing may come, even if that ringing is over already."""

STRONGEST = (
    Outcome.ANSWERED_HERE,
    Outcome.ANSWERED_ELSEWHERE,
    Outcome.DECLINED,
    Outcome.FAILED,
    Outcome.ABANDONED,
    Outcome.TIMED_OUT,
    Outcome.UNKNOWN,
)
"""What is told where legs ended differently: the one that knows most."""


def strongest(outcomes: set[Outcome]) -> Outcome:
    return next((each for each in STRONGEST if each in outcomes), Outcome.UNKNOWN)


@dataclass(slots=True, eq=False)
class AtLine:
    """agents: who heard the line when it rang. seen: the views that rang here."""

    line: str
    views: Views
    rang_clock: float
    agents: frozenset[str] = frozenset()
    seen: set[View] = field(default_factory=set)
    answered_at: datetime | None = None
    outcome: Outcome | None = None
    over_at: datetime | None = None
    over_clock: float = 0.0
    answered_clock: float = 0.0
    wait_until: float | None = None
    _ringing: dict[str, View] = field(default_factory=dict)
    _talking: set[str] = field(default_factory=set)
    _said: dict[View, Outcome] = field(default_factory=dict)
    _others_ring: bool = False
    _tellers: set[tuple[View, str]] = field(default_factory=set)
    _ever_told: set[tuple[View, str]] = field(default_factory=set)
    _late: set[str] = field(default_factory=set)

    @property
    def talks(self) -> bool:
        return self.outcome is None and self.answered_at is not None

    @property
    def holds(self) -> bool:
        """The line's phone has the call, also where we heard of it too late to say so."""
        return bool(self._talking)

    @property
    def rings(self) -> bool:
        """Or waits for a word of how it ended."""
        return self.outcome is None and self.answered_at is None

    @property
    def looks_abandoned(self) -> bool:
        """To dialog-info alone, a phone that another was quicker than and one that was given up look alike."""
        return View.CONTACT not in self.seen and self._said.get(View.DIALOG_INFO) is Outcome.ABANDONED

    def rang(self, leg: str, view: View, agents: frozenset[str], teller: str = "") -> None:
        if not self.is_new_to(view, teller):
            self._said.pop(view, None)
        self._ringing[leg] = view
        self._told_by(view, teller)
        self.seen.add(view)
        self.agents |= agents
        self.wait_until = None

    def is_new_to(self, view: View, teller: str) -> bool:
        """Has another node told of this ringing by that view, and this one not yet?"""
        return (view, teller) not in self._tellers and any(one is view for one, _ in self._tellers)

    def told_late(self, leg: str, view: View, teller: str) -> None:
        """It was over before this node told of it; it may tell of that leg again."""
        self._told_by(view, teller)
        self._late.add(leg)

    def is_late(self, leg: str, view: View, teller: str) -> bool:
        """Was it over before this node told of that leg?"""
        return self.outcome is not None and (leg in self._late or self.is_new_to(view, teller))

    def was_missed_by(self, view: View, teller: str) -> bool:
        """Is it over, and this node never told of it by that view? Also where who did has left the line since."""
        return self.outcome is not None and (view, teller) not in self._ever_told

    def _told_by(self, view: View, teller: str) -> None:
        self._tellers.add((view, teller))
        self._ever_told.add((view, teller))

    def falls_silent(self, teller: str) -> None:
        """This node does not hear the line any more: who rings there from now on is no leg of what it told."""
        self._tellers = {(view, one) for view, one in self._tellers if one != teller}

    def answered(self, leg: str, now: Moment) -> None:
        """`confirmed`: once it is over here, that is too late to change what was told."""
        self._ringing.pop(leg, None)
        self._talking.add(leg)
        self.seen.add(View.DIALOG_INFO)
        if self.outcome is None and self.answered_at is None:
            self.answered_at, self.answered_clock = now.at, now.clock
            self.wait_until = None

    def ended(self, leg: str, outcome: Outcome, now: Moment, *, others_ring: bool = False) -> None:
        """others_ring: the same call rings at other lines too."""
        view = self._ringing.pop(leg, View.DIALOG_INFO)
        if leg in self._talking and self.outcome is not None:
            self.over_clock = now.clock
        self._talking.discard(leg)
        self._said[view] = strongest({outcome, self._said.get(view, outcome)})
        self._others_ring = others_ring
        self._settle(now)

    def others_are_done(self, now: Moment) -> None:
        """No other line rings any more, or one of them took the call: there is nothing left to wait for from there."""
        self._others_ring = False
        if self.wait_until is not None:
            self._settle(now)

    def give_up(self, outcome: Outcome | None, now: Moment) -> None:
        """Over, whatever still rings. outcome: None for the best that was said."""
        if self.outcome is None:
            self._over(self._best() if outcome is None else outcome, now)

    def is_sibling(self, view: View, clock: float) -> bool:
        """May a leg of this view be the other side of what we see here?"""
        young = clock - self.rang_clock <= SIBLING_WINDOW
        return view not in self.seen and (self.rings or young)

    def takes(self, view: View, clock: float) -> bool:
        """Does such a leg of this very call belong to this ringing? A NOTIFY may come late and then speaks of what is
        over; an INVITE rings now."""
        late = view is View.DIALOG_INFO and self.is_sibling(view, clock)
        return self.outcome is None or late

    def is_stale(self, view: View, clock: float) -> bool:
        """Where a contact does not hear the end, the line ringing anew is the first word of it."""
        blind = not self.views.contact_hears_end and self.seen == {View.CONTACT}
        return blind and view is View.CONTACT and self.rings and clock - self.rang_clock > SIBLING_WINDOW

    def hand_legs(self, to: "AtLine") -> None:
        """A belated leg of the other view belonged to the next ringing after all."""
        for leg, view in self._ringing.items():
            if view is View.DIALOG_INFO:
                to._ringing[leg] = view

    def legs(self) -> list[str]:
        return [*self._ringing, *self._talking]

    # ------------------------------------------------------------------------------------------------------------------

    def _settle(self, now: Moment) -> None:
        if self.outcome is not None or self._talking:
            return
        patience = 0.0 if self.answered_at is not None else self._patience()
        if patience is None:
            self.wait_until = None
        elif patience == 0.0:
            self._over(Outcome.ANSWERED_HERE if self.answered_at else self._best(), now)
        elif self.wait_until is None:
            self.wait_until = now.clock + patience
            self.over_at = now.at

    def _best(self) -> Outcome:
        """Of what both views said. A CANCEL without a reason is also how a PBX ends what nobody answered in time."""
        said = self._said
        if said.get(View.DIALOG_INFO) is Outcome.TIMED_OUT and said.get(View.CONTACT) is Outcome.ABANDONED:
            return Outcome.TIMED_OUT
        return strongest(set(said.values()))

    def _patience(self) -> float | None:
        """Seconds after which it is over without another word; None: it rings on."""
        ringing = set(self._ringing.values())
        if len(ringing) == len(View):
            return None
        if View.CONTACT in ringing:
            return self._for_contact()
        contact = self._said.get(View.CONTACT)
        if View.DIALOG_INFO in ringing:
            # A contact that expired, or could not see, says nothing against a phone that rings on.
            return GRACE if contact in {Outcome.ANSWERED_ELSEWHERE, Outcome.ABANDONED} else None
        return GRACE if self._may_come(contact) else 0.0

    def _for_contact(self) -> float | None:
        """Only the contact rings. Its CANCEL is on its way, if dialog-info has said that all is over."""
        if View.DIALOG_INFO not in self._said:
            return None
        return GRACE if self.views.contact_hears_end else 0.0

    def _may_come(self, contact: Outcome | None) -> bool:
        """Nothing rings here: may it yet turn out who took the call?"""
        if contact is Outcome.ANSWERED_ELSEWHERE:
            return self.views.watched and View.DIALOG_INFO not in self._said
        return self.looks_abandoned and self._others_ring

    def _over(self, outcome: Outcome, now: Moment) -> None:
        self.outcome = outcome
        self.over_at = self.over_at if self.wait_until is not None else now.at
        self.over_clock = now.clock
        self.wait_until = None
