"""What agents write of a call: into the notebook, and from there to those desks of ours that may read it."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial

from ctibridge.calls.facts import Noted
from ctibridge.calls.notebook import Notebook
from ctibridge.delivery.desks import Desks
from ctibridge.domain.call import Call
from ctibridge.domain.desk_command import WriteNote
from ctibridge.domain.moment import Moment
from ctibridge.domain.note import Note
from ctibridge.flow.asking import Asked
from ctibridge.flow.homes import Homes
from ctibridge.flow.joint import Written
from ctibridge.flow.open_pops import OpenPops
from ctibridge.flow.pops import Pops

Sees = Callable[[str, str], bool | None]
"""A call and an agent: has he the role at the company that was called? None: it was no company's number."""


class Noting:
    """visible: the accounts that an agent may see at a time."""

    def __init__(
        self,
        notebook: Notebook,
        desks: Desks,
        homes: Homes,
        open_pops: OpenPops,
        pops: Pops,
        visible: Callable[[str, datetime], frozenset[str]],
        sees: Sees,
    ) -> None:
        self._notebook = notebook
        self._desks = desks
        self._homes = homes
        self._open = open_pops
        self._pops = pops
        self._visible = visible
        self._sees = sees

    def written(self, command: WriteNote, at: datetime) -> Written:
        """As all nodes are to hear of it."""
        of_granted = self._open.of_granted_account(command.call, command.agent)
        if of_granted is None:  # from before a restart: he may write of all that he was told then
            of_granted = self._desks.told_of(command.agent, command.call) != frozenset()
        return Written(command.call, Note(command.agent, command.text, at, of_granted))

    def write(self, written: Written, now: Moment) -> None:
        call = written.call
        desks = self._desks.having(call, now.at)
        for fact in self._notebook.write(call, written.note, {**self._homes.having(call), **desks}, now):
            ours = frozenset(filter(self._homes.mine, fact.agents))
            if isinstance(fact, Noted):
                for agent in sorted(ours):
                    alone = frozenset({agent})
                    self._pops.in_order(fact.call, alone, partial(self._tell, [replace(fact, agents=alone)]))
            elif ours:
                self._pops.learned(replace(fact, agents=ours))

    def read_on(self, fact: Asked) -> None:
        """Behind the pop: what was noted before the call came to this desk."""
        for agents in self._open.alike(fact.call.id, fact.agents):
            if self._notebook.concerns(fact) or not self._pops.tails.free(fact.call.id, agents):
                self._pops.in_order(fact.call.id, agents, partial(self._before, replace(fact, agents=agents)))

    def ended(self, call: Call, agent: str, now: Moment) -> None:
        """The call is over at this desk, of whatever home."""
        self._notebook.ended(call.id, agent, now)

    def _before(self, fact: Asked, at: datetime) -> None:
        self._tell(self._notebook.popped(fact), at)

    def _tell(self, facts: Iterable[Noted], at: datetime) -> None:
        """Told with the time when it was written."""
        for fact in facts:
            for agent in sorted(fact.agents):
                seen = self._sees(fact.call, agent)
                if seen is None:
                    seen = self._open.of_granted_account(fact.call, agent)
                if seen is None:
                    seen = self._sees_all_of(fact, agent, at)
                if agent == fact.note.by or seen or not fact.note.of_granted_account:
                    self._desks.worked(agent, fact.call, fact.note)

    def _sees_all_of(self, fact: Noted, agent: str, at: datetime) -> bool:
        """Of a call from before a restart: was he told of all that the note's author was told of with it, and may he
        see it still? Of which of it the note speaks nobody knows; nor what an author of another home was told."""
        if not self._homes.mine(fact.note.by):
            return False
        of_note = self._desks.told_of(fact.note.by, fact.call)
        of_agent = self._desks.told_of(agent, fact.call)
        if not of_note or of_agent is None:
            return False
        return of_note <= of_agent & self._visible(agent, at)
