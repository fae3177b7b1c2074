"""How what one node hears and its agents say reaches all nodes.

Facts of our own trunks are heard here at once, and then told to the others. What agents say that other desks hear of is
said to all and carried out by every node in one order, by the one that said it, too: of two who take one call the same
one is first everywhere. A node that goes away takes its legs with it: they end as unknown.
Without the others (*alone*) everything is done at once and nobody is told. While it is not known whether we may act
(*held*), facts wait.

Of a desk this node is the home, or not: that is the flow's business (`homes.py`).
"""

from collections import deque
from collections.abc import Callable, Sequence
from itertools import count
from typing import Protocol

import structlog

from ctibridge.delivery.seats import Seats
from ctibridge.domain.desk_command import Sit
from ctibridge.flow.crossing_text import AllSaid, CrossingFault, Heard, Hello, Standing, Word, read, write
from ctibridge.flow.flow import Flow
from ctibridge.flow.joint import Joint, Known
from ctibridge.flow.lately import Lately, Past
from ctibridge.flow.legs import Legs, Who
from ctibridge.flow.ringing import Named
from ctibridge.sip.events import (
    Answered,
    Event,
    LineChanged,
    LineGone,
    PickedUp,
    RingEnded,
    RingStarted,
)

KIND = "flow"
"""Of what is posted."""
MOST_HELD = 10_000
"""Facts and words that wait while we are held; then the oldest goes."""
MOST_GONE = 64
"""Incarnations that went away and whose late facts are not heard."""
PATIENCE = 10.0
"""Seconds for what was said to all to come back to us, which takes milliseconds: then it is lost. Where all of Redis
stands still for so long, nobody acts on it any more."""

log = structlog.get_logger()
_Facts = RingStarted | Answered | PickedUp | RingEnded | LineChanged | LineGone


class Post(Protocol):
    """Neither waits or fails. What was told before something is said to all is heard before it."""

    def say(self, kind: str, body: bytes) -> None:
        """To all nodes, this one too, in one order for all."""

    def tell(self, kind: str, body: bytes, *, can_wait: bool = False) -> None:
        """To all others, in our order. can_wait: it goes out some milliseconds later, with what else there is to say
        by then."""


class Crossing:
    """node, incarnation: of this process. mine: has this agent's desk its home here? clock: seconds that never go back.
    flow: to be set before anything is heard, as the flow says through us who calls. overheard: hears all facts that it
    hears, of whichever node; what follows from a node's end alone is none. all_said: a node has answered a Hello."""

    flow: Flow

    def __init__(
        self,
        node: str,
        incarnation: str,
        seats: Seats,
        mine: Callable[[str], bool],
        post: Post,
        clock: Callable[[], float],
    ) -> None:
        self._who: Who = node, incarnation
        self._seats = seats
        self._mine = mine
        self._post = post
        self._clock = clock
        self._lately = Lately()
        self._legs = Legs()
        self._gone: deque[Who] = deque(maxlen=MOST_GONE)
        self._pending: dict[int, tuple[Joint, float]] = {}
        """What we said to all and have not heard yet, and when we said it."""
        self._numbers = count(1)
        self._held: deque[tuple[Who, Heard]] | None = None
        self._behind: list[Word] | None = None
        self._is_alone = False
        self.overheard: Callable[[Event], None] = lambda _: None
        self.all_said: Callable[[Who], None] = lambda _: None

    # -- what this node hears and says ---------------------------------------------------------------------------------

    def hear_own(self, event: Event) -> None:
        """A fact of our own trunks."""
        if self._held is not None:
            self._hold(self._who, Heard(event))
            return
        if isinstance(event, RingEnded):
            self._keep(event)
        # What the flow has to say about it comes behind it: the others must know the call first.
        self._behind = []
        try:
            self._fact(self._who, event)
        finally:
            behind, self._behind = self._behind, None
            self._tell(event, behind=behind)

    def say(self, command: Joint) -> None:
        """What an agent said at a desk of ours, or what our flow knows of a caller."""
        if self._is_alone:
            if not isinstance(command, Known):
                self.flow.carry_out(command)
            return
        match command:
            case Known() if self._behind is not None:
                self._behind.append(command)
            case Known():
                self._tell(command)
            case Sit():
                # His own desk does not wait for it, and no other desk hears of it.
                self.flow.carry_out(command)
                self._tell(command)
            case _:
                number = next(self._numbers)
                self._pending[number] = command, self._clock()
                if not self._tell(command, number):
                    self._carry_out_pending(number)

    # -- what the stream says ------------------------------------------------------------------------------------------

    def hear(self, node: str, incarnation: str, kind: str, body: bytes) -> None:
        """An entry of the stream; ours come back to us. One that cannot be read costs itself alone."""
        who = node, incarnation
        if kind != KIND:
            return
        try:
            heard = read(body)
        except CrossingFault as fault:
            log.warning("entry_unreadable", node=node, why=str(fault))
            return
        if heard is None:
            return
        if self._held is not None:
            self._hold(who, heard)
        else:
            self._hear(who, heard)

    def node_gone(self, node: str, incarnation: str) -> None:
        """It will not say any more how its legs go on."""
        who = node, incarnation
        if who == self._who:
            return
        self._gone.append(who)
        for event in self._legs.gone(who):
            self.flow.hear(event, _name(who))
        self.flow.falls_silent(_name(who))

    def gap(self) -> None:
        """Something of the stream was lost, or we have just come: all say again what goes on, and what does not is
        over. What agents said here meanwhile is done: it may have been lost, too."""
        for number in list(self._pending):
            self._carry_out_pending(number)
        self._tell(Hello())
        self._stand()

    def lacks_own(self) -> bool:
        """Is something that we said to all lost? Nobody else knows of it, and we tell what is heard by the others
        alone."""
        oldest = next(iter(self._pending.values()), None)
        return self._held is None and oldest is not None and self._clock() - oldest[1] > PATIENCE

    # -- what the cluster lets us do -----------------------------------------------------------------------------------

    def hold(self) -> None:
        """Nobody knows now whether we may act: facts wait."""
        if self._held is None:
            self._held = deque(maxlen=MOST_HELD)

    def release(self, *, lost: bool = False) -> None:
        """We may: all that waited is heard, in its order. The others may have taken us for gone. lost: they have some
        of our lines, and what rang there before is over for them; what rang since, perhaps at us alone, they hear."""
        held, self._held = self._held or (), None
        if lost:
            self._legs.of(self._who).forget()
        self._stand()
        for who, heard in held:
            if who == self._who and isinstance(heard.word, _Facts):
                self.hear_own(heard.word)
            else:
                self._hear(who, heard)

    def alone(self) -> None:
        """The others cannot be heard: nobody knows how their legs go on. What our agents said is done now."""
        self._is_alone = True
        for who in self._legs.nodes():
            if who != self._who:
                if who not in self._gone:
                    self._gone.append(who)  # what it says meanwhile is old by then: it has to say how it stands
                for event in self._legs.gone(who):
                    self.flow.hear(event, _name(who))
                self.flow.falls_silent(_name(who))
        for number in list(self._pending):
            self._carry_out_pending(number)

    def together(self) -> None:
        """The others are heard again, and hear us: each says how things stand."""
        self._is_alone = False
        self.gap()
        self._say_past()

    # ------------------------------------------------------------------------------------------------------------------

    def _hear(self, who: Who, heard: Heard) -> None:
        if who != self._who:
            self._hear_other(who, heard.word, heard.named)
            for word in heard.behind:
                self._hear_other(who, word, None)
        else:
            self._carry_out_pending(heard.no)

    def _hear_other(self, who: Who, word: Word, named: Named | None) -> None:
        match word:
            case Hello():
                self._say_past()
                self._stand()
                self._tell(AllSaid())
            case AllSaid():
                self.all_said(who)
            case Past():
                self._past(who, word)
            case Standing():
                self._stands(who, word)
            case _ if isinstance(word, _Facts):
                if who not in self._gone:
                    self._fact(who, word, named)
            case _:
                self._carry_out(word)

    def _fact(self, who: Who, event: Event, named: Named | None = None) -> None:
        told = self._legs.of(who)
        given_up = told.hear(event)
        if isinstance(event, LineChanged | LineGone):
            if isinstance(event, LineGone) or event.hearing is not event.hearing.REGISTERED:
                self.flow.falls_silent(self._teller(who), (event.trunk, event.line))
            event = self._legs.line(event)
        self.overheard(event)
        self.flow.hear(event, self._teller(who), named)
        self._over(who, given_up)

    def _keep(self, event: RingEnded) -> None:
        """How a leg of ours ends, which the flow still knows, for who tells desks that do not hear it from us."""
        told, named = self._legs.of(self._who), self.flow.named(event.leg)
        began = told.legs.get(event.leg)
        if named is None or not isinstance(began, RingStarted):
            return
        agents = tuple(sorted(one for one in self.flow.hearers(event.leg) if not self._mine(one)))
        if agents:
            past = Past(*named, agents, began, event.how, event.leg in told.talks)
            self._lately.over(past, self._clock())

    def _say_past(self) -> None:
        for past in self._lately.all(self._clock()):
            self._tell(past)

    def _past(self, who: Who, past: Past) -> None:
        """Perhaps we heard how it began, and not how it ended."""
        if past.began.leg in self._legs.of(who).legs:
            self._fact(who, RingEnded(past.began.leg, past.how))
        else:
            self.flow.hear(past, self._teller(who))

    def _over(self, who: Who, ends: list[Event]) -> None:
        for end in ends:
            self.flow.hear(end, self._teller(who))

    def _carry_out(self, command: Joint) -> None:
        if isinstance(command, Sit):
            self._seats.sit(command.agent, command.lines)
        self.flow.carry_out(command)

    def _carry_out_pending(self, number: int) -> None:
        """Once: what was done without the others is not done again when they bring it back."""
        if number in self._pending:
            self.flow.carry_out(self._pending.pop(number)[0])

    def _stand(self) -> None:
        """All that the others have to know of us."""
        told = self._legs.of(self._who)
        seats = [(agent, lines) for agent, lines in self._seats.sitting().items() if self._mine(agent)]
        self._tell(Standing(tuple(told.legs), tuple(seats)))
        for event in told.again():
            self._tell(event)

    def _stands(self, who: Who, standing: Standing) -> None:
        """What it does not name any more is over, also where we missed its end, or took it for gone."""
        if who in self._gone:
            self._gone.remove(who)
        legs, told = frozenset(standing.legs), self._legs.of(who)
        self._over(who, told.over([leg for leg in told.legs if leg not in legs]))
        sitting = self._seats.sitting()
        for agent, lines in standing.seats:
            if sitting.get(agent, ()) != lines:
                self._carry_out(Sit(agent, lines))

    def _tell(self, word: Word, number: int = 0, behind: Sequence[Word] = ()) -> bool:
        """False: nobody hears it."""
        if self._is_alone:
            return False
        try:
            named = self.flow.named(word.leg) if isinstance(word, RingStarted) else None
            body = write(word, number, named, behind)
        except CrossingFault as fault:
            if behind:  # a call rings also where nothing more is known of it
                return self._tell(word, number)
            log.warning("not_told", what=type(word).__name__, why=str(fault))
            return False
        if number or isinstance(word, Hello):  # who has just come is known by his Hello to all
            self._post.say(KIND, body)
        else:
            # Nobody picks up his telephone for the end of a call.
            self._post.tell(KIND, body, can_wait=isinstance(word, RingEnded))
        return True

    def _hold(self, who: Who, heard: Heard) -> None:
        assert self._held is not None
        if len(self._held) == MOST_HELD:
            log.warning("held_fact_dropped", held=MOST_HELD)
        self._held.append((who, heard))

    def _teller(self, who: Who) -> str:
        return "" if who == self._who else _name(who)


def _name(who: Who) -> str:
    return "/".join(who)
