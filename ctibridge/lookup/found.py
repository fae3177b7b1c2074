"""One call, what was read about its number, and how that ranks for each who reads it: the work between two reads.

Pure: the driver in `adapters/lookup` reads proof and records, this says what is still missing and what the answer is.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ctibridge.domain.person import PersonKey
from ctibridge.domain.screen_pop import Answer
from ctibridge.lookup import answer as compose
from ctibridge.lookup import visibility
from ctibridge.lookup.answer import Directory, People, Proof, Viewer
from ctibridge.lookup.heard import Heard, hear
from ctibridge.lookup.question import Question
from ctibridge.lookup.ranking import Ranking
from ctibridge.lookup.snapshot import Snapshot
from ctibridge.lookup.visibility import Visible

Viewers = Mapping[str, Viewer]
Watch = Callable[[Snapshot, datetime], Viewers]
Sees = Callable[[str, Snapshot, datetime], Visible]


@dataclass(frozen=True, slots=True)
class Found:
    """people: read so far; rankings: one for each reader. beside: the languages of all at whose desks it rings."""

    heard: Heard
    viewers: Viewers
    directory: Directory
    proof: Proof
    people: People
    rankings: Mapping[str, Ranking]
    beside: Mapping[str, tuple[str, ...]]

    @property
    def missing(self) -> frozenset[PersonKey]:
        shown = (match.person for ranked in self.rankings.values() for match in ranked.matches)
        return frozenset(person for person in shown if person not in self.people)

    def answers(self) -> dict[str, Answer]:
        return {
            agent: compose.answer(self.heard, self.rankings[agent], self.people, viewer, self.directory, self.beside)
            for agent, viewer in self.viewers.items()
        }


def found(
    heard: Heard, viewers: Viewers, directory: Directory, proof: Proof, people: People, beside: Iterable[str]
) -> Found:
    """Ranks for each reader: of each account only what he may see now. beside: more agents at whose desks it rings."""
    settings = directory.resolution
    rankings = {name: compose.ranking(heard, proof, viewer.visible, settings) for name, viewer in viewers.items()}
    return Found(heard, viewers, directory, proof, people, rankings, languages(viewers, beside, directory.snapshot))


def without_directory(question: Question, watch: Watch, directory: Directory) -> dict[str, Answer]:
    """What can be said of this call while the store does not answer."""
    snapshot = directory.snapshot
    heard, viewers = hear(question, snapshot), watch(snapshot, question.at)
    beside = languages(viewers, question.beside, snapshot)
    return {agent: compose.without_directory(heard, viewer, directory, beside) for agent, viewer in viewers.items()}


def languages(viewers: Viewers, beside: Iterable[str], snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """What those speak at whose desks it rings; who asks as nobody in particular is at no desk."""
    agents = {name for name, viewer in viewers.items() if viewer.name is not None} | set(beside)
    known = ((agent, snapshot.agents.get(agent)) for agent in sorted(agents))
    return {agent: record.languages for agent, record in known if record is not None}


def everything(viewers: Viewers) -> Visible:
    """What any of them may see: what is read at all."""
    return visibility.of_several(viewer.visible for viewer in viewers.values())


def of_agents(agents: Iterable[str], sees: Sees = visibility.visible_to) -> Watch:
    """What each of these agents may see. sees: the rule, or a memory of it."""
    wanted = frozenset(agents)

    def watch(snapshot: Snapshot, at: datetime) -> Viewers:
        return {agent: viewer(agent, snapshot, sees(agent, snapshot, at)) for agent in wanted}

    return watch


def viewer(agent: str, snapshot: Snapshot, visible: Visible) -> Viewer:
    """One agent as a reader."""
    record = snapshot.agents.get(agent)
    return Viewer(agent, (), visible) if record is None else Viewer(record.name, record.languages, visible)


ADMINISTRATOR = "administrator"


def of_administrator(snapshot: Snapshot, at: datetime) -> Viewers:
    """Who asks for no agent sees all that is shared with the provider, and has no name that a greeting could say."""
    return {ADMINISTRATOR: Viewer(None, (), visibility.every_shared(snapshot, at))}
