"""Several nodes are as one: each desk hears, at its home, what it would hear if one node heard everything."""

import random

import pytest

from ctibridge.flow.crossing_text import Heard, read
from ctibridge.sip.events import RingEnd
from tests.flow.cluster import AGENTS, HOMES, Cluster, Node, Now, Stream, over, ring

OWNER = {"6001": "n1", "6002": "n1", "6003": "n2", "6004": "n2"}


class Story:
    """Calls over lines of two nodes and what agents say of them, told to a cluster whose stream is late by chance, and
    to one node that hears everything itself."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.cluster = Cluster(dict(HOMES))
        self.whole = Node("whole", None, Stream(), self.cluster.now)
        self.whole.crossing.alone()
        self._both = self._chance.random() < 0.5
        """Each line is heard by both nodes."""
        self.of_its_own = self._chance.random() < 0.3
        """The PBX gives each leg its own Call-ID: then nodes may name a call differently."""
        self._followed = 0

    def tell(self) -> None:
        for number in range(self._chance.randint(2, 5)):
            # Without a Call-ID two calls of one caller at one moment are one or two, as their legs come.
            self._call(f"call-{number}", f"3{number}" if self.of_its_own else self._chance.choice(["111", "222"]))
            if not self.of_its_own:
                self._say()
            self._later(self._chance.choice([3.0, 30.0, 70.0]))

    def _call(self, call: str, caller: str) -> None:
        lines = self._chance.sample(sorted(OWNER), self._chance.randint(1, 3))
        for again in range(self._chance.choice([1, 1, 2])):
            told = [(line, node) for line in lines for node in (self.cluster.nodes if self._both else (OWNER[line],))]
            self._chance.shuffle(told)
            for line in lines:
                self.whole.hear(ring(f"{line} {call} {again}", line, self._dialog(call, line, again, ""), caller))
            for line, node in told:
                dialog = self._dialog(call, line, again, node)
                self.cluster.nodes[node].hear(ring(f"{line} {call} {again} {node}", line, dialog, caller))
                self._some()
            self._later(5.0)
            how = self._chance.choice([RingEnd.CANCELLED, RingEnd.COMPLETED_ELSEWHERE, RingEnd.EXPIRED])
            weaker = RingEnd.CANCELLED if how is RingEnd.COMPLETED_ELSEWHERE else how
            for line in lines:
                self.whole.hear(over(f"{line} {call} {again}", how))
            for line, node in told:
                said = how if not self._both or node == OWNER[line] else weaker
                self.cluster.nodes[node].hear(over(f"{line} {call} {again} {node}", said))
                self._some()
            self._later(10.0)
            if how is RingEnd.COMPLETED_ELSEWHERE:
                return

    def _dialog(self, call: str, line: str, again: int, node: str) -> str:
        return f"{call} {line} {again} {node}" if self.of_its_own else call

    def _say(self) -> None:
        """Two agents say something of the newest call at once; the stream says who was first."""
        agents = self._chance.sample(AGENTS, 2)
        frame = self._chance.choice(["take", "done", "note"])
        for agent in agents:
            calls = list(self.cluster.told(agent))
            if calls:
                more = {"text": f"by {agent}"} if frame == "note" else {}
                self.cluster.at_home(agent).says(agent, {"type": frame, "call": calls[-1], **more})
            self._some()
        self.cluster.settle()
        self._follow()

    def _follow(self) -> None:
        """The one node hears what was said in the stream's order."""
        for (_, _, _, body), _ in self.cluster.stream.entries[self._followed :]:
            heard = read(body)
            if isinstance(heard, Heard) and heard.no:
                self.whole.flow.carry_out(heard.word)  # type: ignore[arg-type]
        self._followed = len(self.cluster.stream.entries)

    def _some(self) -> None:
        """Some of what is on its way comes on."""
        for _ in range(self._chance.randint(0, 4)):
            node = self._chance.choice(list(self.cluster.nodes.values()))
            if self._chance.random() < 0.5:
                node.send()
            else:
                node.receive(told=self._chance.random() < 0.5)

    def _later(self, seconds: float) -> None:
        self.cluster.later(seconds)
        self.whole.flow._wake()


@pytest.mark.parametrize("seeds", [range(60), range(60, 120)], ids=["one half", "the other"])
async def test_each_desk_hears_what_it_would_hear_of_one_node_alone(seeds: range) -> None:
    for seed in seeds:
        story = Story(seed)
        story.tell()
        for agent in AGENTS:
            several, one = story.cluster.told(agent), story.whole.told(agent)
            assert pops(several) == pops(one), f"seed {seed}, {agent}"
            assert story.of_its_own or several == one, f"seed {seed}, {agent}"


def pops(told: dict[str, list[tuple[str, ...]]]) -> list[tuple[str, str, str]]:
    """What rang and ended, of whatever call: where legs have nothing in common but the caller, the order in which they
    come decides which call comes back."""
    words = [(word[0], word[3], word[4]) for words in told.values() for word in words]
    return sorted(word for word in words if word[0] in {"call.ringing", "call.ended"})


def test_the_worlds_clock() -> None:
    now = Now()
    now.later(2.0)
    assert now.moment.clock == 102.0
