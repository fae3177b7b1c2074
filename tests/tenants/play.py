"""Random operations, one after the other, and after each thing that an agent asks for: is it what he would get if the
accounts that he may not see were not there at all?

`play` raises Leak at the first difference. The same seed plays the same game, whatever directory it is played over.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Protocol

from ctibridge.domain.caller import Presentation, Remark, Signalled
from ctibridge.domain.private import Name, Number, Private
from ctibridge.lookup.choices import Choice
from ctibridge.lookup.question import Pick, Question, picked
from tests.tenants import customers, desk
from tests.tenants.careless import Directory
from tests.tenants.changes import CHANGES, Changed, random_key
from tests.tenants.customers import ACCOUNTS, AGENTS, EMAILS, EMPLOYEE_IDS, PLAN, SUPPORT_IDS
from tests.tenants.desk import Desk
from tests.tenants.oracle import Leak, called_by, check_pop, check_text, may_see
from tests.tenants.state import State, begin

MOST_CALLS = 20
MOST_FOUND = 20


class House(Protocol):
    """A directory, and the desk that asks it."""

    @property
    def desk(self) -> Desk: ...

    async def tell(self, state: State, changed: Changed) -> None:
        """The store hears of a change."""

    async def probe(self, state: State, agent: str, question: Question) -> None:
        """Each part that reads for an agent is asked by itself. Raises Leak."""


class Careless:
    """Everything of the state at once, and all of it handed out: what stands before it is the product's own filter."""

    def __init__(self, state: State) -> None:
        self.directory = Directory(state)
        self.desk = desk.over(state, self.directory)

    async def tell(self, state: State, changed: Changed) -> None: ...

    async def probe(self, state: State, agent: str, question: Question) -> None: ...


@dataclass
class Game:
    """counted: how often what was done; found: calls that named somebody."""

    state: State
    house: House
    rng: Random
    calls: list[Question] = field(default_factory=list)
    counted: dict[str, int] = field(default_factory=dict)
    printed: list[str] = field(default_factory=list)

    async def step(self) -> None:
        move = self.rng.choices(*zip(*MOVES.items(), strict=True))[0]
        self.counted[move.__name__] = self.counted.get(move.__name__, 0) + 1
        await move(self)

    def count(self, what: str) -> None:
        self.counted[what] = self.counted.get(what, 0) + 1


async def play(seed: int, operations: int, opened: Callable[[State], Awaitable[House]] | None = None) -> Game:
    """The game as it ended. Raises Leak, with the seed and what had been done until then."""
    rng = Random(seed)
    state = begin(rng)
    house = Careless(state) if opened is None else await opened(state)
    game = Game(state, house, rng)
    try:
        for _ in range(operations):
            await game.step()
    except Leak as leak:
        raise Leak(f"{leak} (seed {seed}, {game.counted})") from None
    finally:
        await house.desk.close()
    return game


# -- what an agent asks for --------------------------------------------------------------------------------------------


async def ring(game: Game) -> None:
    rng = game.rng
    question = Question(
        _signalled(rng), PLAN, f"c{rng.randrange(10**9)}", game.state.now, (), frozenset(rng.sample(AGENTS, 1))
    )  # fmt: skip
    game.calls = [*game.calls[1 - MOST_CALLS :], question]
    await _ask(game, question)


async def ask_again(game: Game) -> None:
    """A call that is still open: shares and grants, people and choices are others by now."""
    if game.calls:
        await _ask(game, replace(game.rng.choice(game.calls), at=game.state.now))


async def ask_in_vain(game: Game) -> None:
    """The store fails: the call pops without it, and what the fault says goes nowhere."""
    if isinstance(game.house, Careless) and game.calls:
        game.house.directory.broken = True
        await _ask(game, replace(game.rng.choice(game.calls), at=game.state.now))
        game.house.directory.broken = False


async def search(game: Game) -> None:
    if not game.calls:
        return
    rng, state = game.rng, game.state
    question, agent = replace(rng.choice(game.calls), at=state.now), rng.choice(AGENTS)
    text = rng.choice(("xim", "ximena", "celebi umit", "yorick v", *EMAILS[:2], EMPLOYEE_IDS[3], "sup66", "t07q", "o"))
    account = rng.choice(ACCOUNTS) if rng.random() < 0.3 else None
    got = await game.house.desk.search(question, agent, text, account)
    check_text(state, agent, question.at, got.replace(text.encode(), b""), "people found")
    alone = await _alone(game, agent, question).search(question, agent, text, account)
    if alone.count(b'"person"') < MOST_FOUND or isinstance(game.house, Careless):
        _same(got, alone, "people found")


async def choose(game: Game) -> None:
    """Mostly somebody who has the number, also where the agent may not see him."""
    if not game.calls:
        return
    rng, state, place = game.rng, game.state, game.rng.randrange(len(game.calls))
    question, agent = replace(game.calls[place], at=state.now), rng.choice(AGENTS)
    raw = None if question.signalled.raw is None else question.signalled.raw.value
    holders = [] if raw is None else [key for key, *_ in state.holders(raw)]
    key = rng.choice(holders) if holders and rng.random() < 0.8 else random_key(rng)
    pick = Pick(key, agent, state.now)
    taken = await game.house.desk.choose(question, pick)
    if taken is not (key in state.people and key.account in may_see(state, agent, state.now)):
        raise Leak("somebody may be chosen who may not be seen, or the other way round")
    if taken:
        _remember(game, place, question, pick, raw)


def _remember(game: Game, place: int, question: Question, pick: Pick, raw: str | None) -> None:
    game.count("chosen")
    game.calls[place] = replace(question, chosen=picked((pick,), question.chosen))
    if question.signalled.presentation is Presentation.ALLOWED and raw in (*customers.E164, *customers.SHORT):
        person, call = pick.person, question.call_id
        called = called_by(question)
        number = customers.MENDED.get(str(raw), str(raw))
        game.state.choose(Choice(number, person.account, person.id, pick.by, pick.at, called, call))


async def suggest(game: Game) -> None:
    if not game.calls:
        return
    rng, state = game.rng, game.state
    question, agent = replace(rng.choice(game.calls), at=state.now), rng.choice(AGENTS)
    asked = rng.choice((("s1", None), ("s2", None), (None, "c1"), (None, "c2"), ("s9", None)))
    got = await game.house.desk.suggest(question, agent, *asked)
    check_text(state, agent, question.at, got, "suggestions")
    _same(got, await _alone(game, agent, question).suggest(question, agent, *asked), "suggestions")
    game.count("suggested") if got else None


async def probe(game: Game) -> None:
    if game.calls:
        question = replace(game.rng.choice(game.calls), at=game.state.now)
        await game.house.probe(game.state, game.rng.choice(AGENTS), question)


async def change(game: Game) -> None:
    made = game.rng.choices(*zip(*CHANGES.items(), strict=True))[0]
    game.count(made.__name__)
    for changed in made(game.state, game.rng):
        await game.house.tell(game.state, changed)


MOVES: dict[Callable[[Game], Awaitable[None]], int] = {
    ring: 30, ask_again: 12, search: 5, choose: 7, suggest: 4, probe: 3, ask_in_vain: 1, change: 38,
}  # fmt: skip


# ----------------------------------------------------------------------------------------------------------------------


async def _ask(game: Game, question: Question) -> None:
    """At several desks at once: what one of them may see must not show at another one."""
    state, real = game.state, game.house.desk
    agents = game.rng.sample(AGENTS, game.rng.choice((1, 2, 3)))
    await real.lookup.refresh()
    alone = {agent: _alone(game, agent, question) for agent in agents}
    told = await real.ring(question, agents)
    game.printed = [*game.printed[-50:], real.printed]
    for agent in agents:
        for revision in told[agent].revisions:
            check_pop(state, agent, question, revision)
        for notice in told[agent].notices:
            check_text(state, agent, question.at, notice, "a notice")
        if agent in told and b'"status":"identified"' in told[agent].revisions[-1]:
            game.count("identified")
        same = (await alone[agent].ring(question, agents))[agent]
        _same(told[agent].revisions, same.revisions, "a pop")
        _same(told[agent].notices, same.notices, "notices")
        game.count("notices") if same.notices else None


def _alone(game: Game, agent: str, question: Question) -> Desk:
    """Where nothing is but what this agent may see."""
    keep = may_see(game.state, agent, question.at)
    traffic = desk.without(desk.traffic_of(game.house.desk), keep, question.call_id)
    broken = isinstance(game.house, Careless) and game.house.directory.broken
    return desk.twin(game.state, keep, called_by(question), traffic, broken=broken)


def _same(got: object, alone: object, what: str) -> None:
    if got != alone:
        raise Leak(f"{what}: not what it is where nothing else is:\n{got!r}\n{alone!r}")


def _signalled(rng: Random) -> Signalled:
    raw = rng.choices((rng.choice(customers.E164), rng.choice(customers.SHORT), customers.TAIL, "+33199009999", None),
                      (60, 20, 8, 4, 4))[0]  # fmt: skip
    hidden = rng.random() < 0.06
    account = rng.choice(ACCOUNTS)
    by_number, by_name = rng.choices(((True, False), (False, True), (False, False)), (70, 10, 20))[0]
    called = (Number(customers.service_number(account).number),) if by_number else (Number("6001"),)
    return Signalled(
        None if raw is None else Number(raw),
        Name(f"{account.upper()}: R. Frei" if by_name else "R. Frei"),
        Presentation.RESTRICTED if hidden else Presentation.ALLOWED,
        "From",
        None,
        called,
        remarks=_remarks(rng),
    )


def _remarks(rng: Random) -> tuple[Remark, ...]:
    if rng.random() > 0.2:
        return ()
    means, values = rng.choice((("employee_id", EMPLOYEE_IDS), ("support_id", SUPPORT_IDS), ("email", EMAILS),
                                ("request", ("r1", "r2", "r3"))))  # fmt: skip
    return (Remark(means, Private(rng.choice(values)), f"X-{means}"),)
