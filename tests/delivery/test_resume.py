"""Whatever is cut, slow, lost, revoked or killed: a screen hears its desk without a gap, or is told that it starts
anew, and no id ever names two events."""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ctibridge.delivery import backlog
from ctibridge.delivery.close_code import CloseCode
from ctibridge.delivery.tokens import Refusal
from ctibridge.domain.account import AccountRef
from ctibridge.domain.call import Call
from ctibridge.domain.context import StandardRequest, Suggestions
from ctibridge.domain.note import Note
from ctibridge.domain.notice import Notice
from ctibridge.domain.private import Private
from ctibridge.domain.screen_pop import ScreenPop
from ctibridge.domain.work import Work, WorkState
from tests.delivery import examples as ex
from tests.delivery.killed_house import ACCOUNTS, AGENTS, NAMES, House, Screen, account_of

_LIMIT = 6
agents = st.sampled_from(AGENTS)
calls = st.integers(1, 2)
rounds = st.integers(1, 2)
happenings = st.sampled_from(
    [
        "rings",
        "is_revised",
        "is_revised_as_another_desk_has_it",
        "is_answered",
        "ends",
        "a_colleague_writes",
        "he_writes_himself",
        "is_worked_at",
        "is_about",
        "is_noticed",
    ]
)
screens = st.integers(0, 2 * len(AGENTS) - 1)


class Resuming(RuleBasedStateMachine):
    """Two agents with two screens each, and everything that can go wrong between them and the disk."""

    def __init__(self) -> None:
        super().__init__()
        self.real_limit, backlog.LIMIT = backlog.LIMIT, _LIMIT
        self.house = House()
        self.shown: set[tuple[str, str]] = set()
        """Whose newest pop of which call names its customer."""

    def teardown(self) -> None:
        backlog.LIMIT = self.real_limit
        self.house.close()

    def call(self, number: int, round_: int = 1) -> Call:
        return replace(ex.call(round=round_), id=self.house.call_id(number), rang_at=self.house.now.at)

    def pop(self, agent: str, call: int, round_: int = 1) -> ScreenPop:
        answer, key = self.house.answer(agent, call), (agent, self.house.call_id(call))
        (self.shown.add if answer.called.granted else self.shown.discard)(key)
        return ScreenPop(self.call(call, round_), answer)

    def tells(self, agent: str, call: int) -> bool:
        """May this desk be told something of the call's customer?"""
        return (agent, self.house.call_id(call)) in self.shown and account_of(call).id in self.house.visible(agent)

    # -- what happens --------------------------------------------------------------------------------------------------

    @rule(story=st.lists(st.tuples(happenings, agents, calls, rounds), min_size=1, max_size=5))
    def happens(self, story: list[tuple[str, str, int, int]]) -> None:
        """To a call that is not there nothing happens but that it rings."""
        for what, agent, call, round_ in story:
            here = agent in self.house.desks.having(self.house.call_id(call), self.house.now.at)
            getattr(self, what if here else "rings")(agent, call, round_)
            self.house.deliver()

    def rings(self, agent: str, call: int, round_: int) -> None:
        self.house.desks.ringing(agent, self.pop(agent, call, round_), self.house.now.at)

    def is_revised(self, agent: str, call: int, round_: int) -> None:
        self.house.desks.updated(agent, self.pop(agent, call, round_), self.house.now.at)

    def is_revised_as_another_desk_has_it(self, agent: str, call: int, round_: int) -> None:
        over = replace(self.pop(agent, call), call=ex.ended(self.call(call, round_), after=0))
        self.house.desks.updated(agent, over, self.house.now.at)

    def is_answered(self, agent: str, call: int, round_: int) -> None:
        self.house.desks.answered(agent, ex.answered(self.call(call, round_)), self.house.now.at)

    def ends(self, agent: str, call: int, round_: int) -> None:
        self.house.desks.ended(agent, ex.ended(self.call(call, round_), after=0), self.house.now.at)

    def a_colleague_writes(self, agent: str, call: int, _: int) -> None:
        if self.tells(agent, call):
            self.writes("cleo", agent, call, f"{NAMES[account_of(call).id]} waits")

    def he_writes_himself(self, agent: str, call: int, _: int) -> None:
        self.writes(agent, agent, call, "I call back")

    def writes(self, by: str, agent: str, call: int, text: str) -> None:
        self.house.desks.worked(agent, self.house.call_id(call), Note(by, Private(text), self.house.now.at))

    def is_worked_at(self, agent: str, call: int, round_: int) -> None:
        work = Work("cleo", list(WorkState)[round_ - 1], self.house.now.at)
        self.house.desks.work(agent, self.call(call), work)

    def is_about(self, agent: str, call: int, _: int) -> None:
        if self.tells(agent, call):
            order = StandardRequest("t1", None, f"Ask {NAMES[account_of(call).id]}", None)
            about = Suggestions(self.house.call_id(call), (order,), ())
            self.house.desks.suggested(agent, about, self.house.now.at)

    def is_noticed(self, agent: str, call: int, _: int) -> None:
        account = account_of(call).id
        if account in self.house.visible(agent):
            notice = Notice("x", f"{NAMES[account]} again", (), frozenset({account}))
            self.house.desks.notice(agent, notice, self.house.now.at)

    @rule(agent=agents, account=st.sampled_from(ACCOUNTS), told=st.booleans())
    def a_grant_comes_or_goes(self, agent: str, account: AccountRef, told: bool) -> None:
        """told: its calls are shown anew at once."""
        self.house.grants ^= {(agent, account.id)}
        for call in (1, 2):
            if told and account_of(call) == account:
                self.is_revised(agent, call, 1)

    # -- screens -------------------------------------------------------------------------------------------------------

    def one(self, which: int, *, connected: bool) -> Screen | None:
        found = [screen for screen in self.house.screens if (screen.number is not None) is connected]
        return found[which % len(found)] if found else None

    @rule(which=screens)
    def connects(self, which: int) -> None:
        screen = self.one(which, connected=False)
        if screen is not None:
            self.house.connect(screen)

    @precondition(lambda self: self.house.waiting)
    @rule()
    def is_greeted(self) -> None:
        self.house.greet()

    @rule(disk=st.booleans())
    def something_is_broken_at_the_next_greeting(self, disk: bool) -> None:
        self.house.disk.broken, self.house.answers_fail = disk, not disk

    @rule(which=screens, connected=st.booleans())
    def sleeps_or_wakes(self, which: int, connected: bool) -> None:
        screen = self.house.screens[which]
        screen.asleep ^= True
        if screen.asleep and not connected:
            self.cut(screen)

    @rule(which=screens, most=st.integers(0, 3))
    def one_reads_a_little_and_acks(self, which: int, most: int) -> None:
        screen = self.one(which, connected=True)
        if screen is not None:
            screen.read(most)
        if screen is not None and screen.number is not None and screen.epoch:
            self.house.desks.receive(screen.number, b'{"type": "ack", "sequence": %d}' % screen.seen, self.house.now)

    @rule(which=screens, said=st.booleans())
    def one_is_cut(self, which: int, said: bool) -> None:
        """said: it hears why, behind what it already has."""
        screen = self.one(which, connected=True)
        if screen is None or screen.number is None:
            return
        if said:
            self.house.desks.refuse(screen.number, Refusal(CloseCode.TOKEN_REFUSED, "the token is revoked"))
        else:
            self.cut(screen)

    def cut(self, screen: Screen) -> None:
        if screen.number is not None:
            self.house.desks.gone(screen.number)
            screen.number = None

    # -- the disk ------------------------------------------------------------------------------------------------------

    @rule(most=st.sampled_from([1, 3, None]))
    def a_batch_is_stored(self, most: int | None) -> None:
        self.house.disk.store(most)

    @rule(most=st.integers(1, 3))
    def there_is_no_room(self, most: int) -> None:
        for agent, floor in self.house.disk.lose(most).items():
            self.house.desks.lost(agent, floor)

    @rule(killed=st.booleans())
    def the_daemon_ends(self, killed: bool) -> None:
        if not killed:
            self.house.desks.close_all()
            self.house.deliver()
            self.house.disk.store()
        self.starts_again()

    def starts_again(self) -> None:
        before = dict(self.house.disk.stored)
        whole = {agent for agent in before if agent not in self.house.disk.halfway}
        rang = {
            agent: {one.call for one in events if one.kind == "call.ringing"}
            for agent, events in self.house.disk.stored_events.items()
        }
        self.house.start()
        for agent in whole:
            after = self.house.disk.stored[agent]
            if after.epoch == before[agent].epoch:
                assert after.sequence >= before[agent].acked, "an acknowledged event is gone"
            known = {call for whose, call in self.house.disk.calls if whose == agent}
            assert rang.get(agent, set()) <= known, "the snapshot lacks what was stored"

    # -- always --------------------------------------------------------------------------------------------------------

    @invariant()
    def whoever_is_awake_reads_and_knows_what_his_desk_knows(self) -> None:
        self.house.deliver()
        self.house.seconds += 1
        for screen in self.house.screens:
            if not screen.asleep:
                self.house.attend(screen)
            if screen.is_caught_up:
                desk = self.house.desks._desk(screen.agent)
                assert (screen.epoch, screen.seen) == (desk.epoch, desk.sequence)
                known = {one.call.id: one.call.state.value for one in desk.calls(self.house.now.at)}
                assert screen.states == known


TestResuming = Resuming.TestCase
TestResuming.settings = settings(max_examples=200, stateful_step_count=40)
