"""One call, who holds its number, and how that ranks for each of those who read it: the room's work between two reads.

Pure: the driver in `adapters/lookup` reads holders and records, this says what is still missing and what the answer is.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ctibridge.domain.caller import Signalled
from ctibridge.domain.person import PersonKey
from ctibridge.domain.screen_pop import Answer
from ctibridge.lookup import answer as compose
from ctibridge.lookup import visibility
from ctibridge.lookup.answer import Directory, Heard, People, Viewer
from ctibridge.lookup.claims import UNNAMED, Claimants
from ctibridge.lookup.holders import Holders
from ctibridge.lookup.ranking import Ranking
from ctibridge.lookup.settings import DialPlan
from ctibridge.lookup.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it comes in: what `Lookup` is asked. call_id: None where nobody calls. at: aware UTC."""

    signalled: Signalled
    plan: DialPlan
    call_id: str | None
    at: datetime


Viewers = Mapping[str, Viewer]
Watch = Callable[[Snapshot, datetime], Viewers]


@dataclass(frozen=True, slots=True)
class Found:
    """One call with its readers, who holds its number, and how that ranks for each reader. people: read so far."""

    heard: Heard
    viewers: Viewers
    directory: Directory
    holders: Holders
    people: People
    rankings: Mapping[str, Ranking]

    @property
    def missing(self) -> frozenset[PersonKey]:
        shown = (match.person for ranked in self.rankings.values() for match in ranked.matches)
        return frozenset(person for person in shown if person not in self.people)

    def answers(self) -> dict[str, Answer]:
        return {
            agent: compose.answer(self.heard, self.rankings[agent], self.people, viewer, self.directory)
            for agent, viewer in self.viewers.items()
        }


def found(
    heard: Heard,
    watch: Watch,
    directory: Directory,
    holders: Holders,
    people: People,
    claimants: Claimants = UNNAMED,
) -> Found:
    """Ranks the holders, and whom the PBX names, for each reader: of each account only what he may see now."""
    viewers = watch(directory.snapshot, heard.at)
    rankings = {
        name: compose.ranking(heard, holders, viewer.visible, directory.resolution, claimants)
        for name, viewer in viewers.items()
    }
    return Found(heard, viewers, directory, holders, people, rankings)


def of_agents(agents: Iterable[str]) -> Watch:
    """What each of these agents may see."""
    wanted = frozenset(agents)

    def watch(snapshot: Snapshot, at: datetime) -> Viewers:
        return {agent: _viewer(agent, snapshot, at) for agent in wanted}

    return watch


def _viewer(agent: str, snapshot: Snapshot, at: datetime) -> Viewer:
    record = snapshot.agents.get(agent)
    visible = visibility.visible_to(agent, snapshot, at)
    return Viewer(agent, (), visible) if record is None else Viewer(record.name, record.languages, visible)


ADMINISTRATOR = "administrator"


def of_administrator(snapshot: Snapshot, at: datetime) -> Viewers:
    """Who asks for no agent sees all that is shared with the provider, and has no name that a greeting could say."""
    return {ADMINISTRATOR: Viewer(None, (), visibility.every_shared(snapshot, at))}
