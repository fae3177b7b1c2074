"""Who hears a line: one with a single agent is his, one with several rings for those who said that they sit there.

Comes in: the lines, the agents of the directory, who sits, what can be heard of each line. Goes out: who hears a call,
what his desk has to know.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from ctibridge.delivery.wire_control import LineBody
from ctibridge.domain.agent import Agent
from ctibridge.domain.hand_over import Internal
from ctibridge.domain.line import Line, LineState
from ctibridge.domain.notice import Notice

NOBODY_AGAIN = timedelta(seconds=60)
Key = tuple[str, str]

_UNHEARD = {
    LineState.DEAF: ("line_deaf", "Line {} is deaf: its calls do not appear here."),
    LineState.ALONE: (
        "line_alone",
        "Line {} is held back, as no other phone is signed on there: its calls do not appear here.",
    ),
}


class Seats:
    def __init__(self) -> None:
        self._lines: dict[Key, Line] = {}
        self._of_agent: dict[str, list[Line]] = {}
        self._sitting: dict[Key, set[str]] = {}
        self._gone: frozenset[str] = frozenset()
        """To whom no desk opens."""
        self._states: dict[Key, LineState] = {}
        self._counts: Counter[tuple[str, LineState]] = Counter()
        self._unheard: set[Key] = set()
        self._nobody_at: dict[Key, datetime] = {}

    def set_lines(self, lines: Iterable[Line]) -> frozenset[str]:
        """The configuration's lines, at start and at each reload. Who sits at a line keeps his seat, also where it
        comes to another trunk: `sit` names its user alone. Returns the agents who have other lines now, or share one
        with others."""
        before, sat = self._of_agent, self._sat()
        self._lines = {(line.trunk, line.user): line for line in lines}
        self._of_agent = {}
        for key, line in self._lines.items():
            self._sitting[key] = sat.get(line.user, set()) & set(line.agents)
            for agent in line.agents:
                self._of_agent.setdefault(agent, []).append(line)
        for table in (self._sitting, self._states, self._nobody_at):
            for gone in table.keys() - self._lines.keys():
                del table[gone]
        self._unheard &= self._lines.keys()
        self._counts = Counter((key[0], self._state(key)) for key in self._lines)
        after = self._of_agent
        return frozenset(one for one in before.keys() | after.keys() if before.get(one) != after.get(one))

    def _sat(self) -> dict[str, set[str]]:
        """Who sits at a line of this user, whatever its trunk."""
        sat: dict[str, set[str]] = {}
        for (_, user), agents in self._sitting.items():
            sat.setdefault(user, set()).update(agents)
        return sat

    def set_agents(self, agents: Mapping[str, Agent]) -> frozenset[str]:
        """The directory's agents, by id. Who is disabled or not among them leaves his seats, and his own line rings for
        nobody; when he is back he has his own line again, the others only if he says so. Returns who has gone since the
        last time."""
        gone = frozenset(one for one in self._of_agent if (known := agents.get(one)) is None or known.disabled)
        newly, self._gone = gone - self._gone, gone
        for agent in newly:
            self.sit(agent, ())
        return newly

    def agents(self, trunk: str, user: str) -> tuple[str, ...]:
        """Who may sit there."""
        line = self._lines.get((trunk, user))
        return () if line is None else line.agents

    def hearers(self, trunk: str, user: str) -> frozenset[str]:
        agents = self.agents(trunk, user)
        return frozenset(agents) - self._gone if len(agents) < 2 else frozenset(self._sitting[trunk, user])

    def internal(self, trunk: str, user: str) -> Internal | None:
        """One of our lines, and the agent who alone hears it; None for whoever calls from somewhere else."""
        if (trunk, user) not in self._lines:
            return None
        hearers = self.hearers(trunk, user)
        return Internal(user, next(iter(hearers)) if len(hearers) == 1 else None)

    def sit(self, agent: str, users: Iterable[str]) -> str | None:
        """The agent sits at these lines and at no other. Returns one that is none of his; then nothing changed."""
        wanted = set(users)
        mine = self._of_agent.get(agent, [])
        strange = sorted(wanted - {line.user for line in mine})
        if strange:
            return strange[0]
        for line in mine:
            self._take(agent, line, line.user in wanted and agent not in self._gone)
        return None

    def _take(self, agent: str, line: Line, sits: bool) -> None:
        key = line.trunk, line.user
        (self._sitting[key].add if sits else self._sitting[key].discard)(agent)
        self._nobody_at.pop(key, None)

    def sitting(self) -> dict[str, tuple[str, ...]]:
        """The users of the lines where they said that they sit, of all agents who have to say so."""
        found: dict[str, set[str]] = {}
        for key, line in self._lines.items():
            for agent in line.agents if len(line.agents) > 1 else ():
                sits = found.setdefault(agent, set())
                if agent in self._sitting[key]:
                    sits.add(line.user)
        return {agent: tuple(sorted(users)) for agent, users in found.items()}

    def lines(self, agent: str) -> list[LineBody]:
        """The lines where this agent may sit, as his page shows them."""
        return [
            LineBody(
                line.user,
                self._state((line.trunk, line.user)).value,
                line.trunk,
                len(line.agents) > 1,
                agent in self.hearers(line.trunk, line.user),
            )
            for line in self._of_agent.get(agent, [])
        ]

    def states(self) -> Counter[tuple[str, LineState]]:
        """How many lines of each trunk are in each state."""
        return self._counts

    def state(self, trunk: str, user: str, state: LineState) -> Notice | None:
        """What the line's agents have to know of the change; coming up for the first time is no news."""
        key = trunk, user
        if key not in self._lines or self._states.get(key) is state:
            return None
        self._counts_as(key, state)
        self._states[key] = state
        ids = (("line", user), ("trunk", trunk))
        if state in _UNHEARD:
            self._unheard.add(key)
            kind, text = _UNHEARD[state]
            return Notice(kind, text.format(user), ids)
        if state is LineState.REGISTERED and key in self._unheard:
            self._unheard.discard(key)
            return Notice("line_recovered", f"Line {user} is heard again.", ids)
        return None

    def gone(self, trunk: str, user: str) -> None:
        """The line was taken out: should it come back, nothing is known of it."""
        self._counts_as((trunk, user), LineState.REGISTERING)
        self._states.pop((trunk, user), None)
        self._unheard.discard((trunk, user))

    def _counts_as(self, key: Key, state: LineState) -> None:
        if key in self._lines:
            self._counts[key[0], self._state(key)] -= 1
            self._counts[key[0], state] += 1

    def _state(self, key: Key) -> LineState:
        return self._states.get(key, LineState.REGISTERING)

    def nobody(self, trunk: str, user: str, at: datetime) -> Notice | None:
        """A call rang where nobody sits: said at most once a minute, as such a line may be a queue's."""
        last = self._nobody_at.get((trunk, user))
        if last is not None and abs(at - last) < NOBODY_AGAIN:
            return None
        self._nobody_at[trunk, user] = at
        ids = (("line", user), ("trunk", trunk))
        return Notice("nobody_sits", f"A call rings on line {user}, where nobody sits.", ids)
