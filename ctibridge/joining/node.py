"""This node among the others: the rooms of one daemon joined with its cluster.

Comes in: facts of our trunks, what other nodes say, what the machine of this node decides. Goes out: which lines are
registered here, whose desks are at home here, facts and commands for the others. `app.py` builds the rooms as for a
node that is alone, and asks this for what differs.
"""

import asyncio
from collections.abc import Callable, Mapping

import structlog

from ctibridge.clocks import utc_now
from ctibridge.cluster import lots
from ctibridge.cluster.adapters.call_rows import CallRows
from ctibridge.cluster.adapters.connection import Link, Redis
from ctibridge.cluster.adapters.membership import Membership, clock
from ctibridge.cluster.adapters.post import Post
from ctibridge.cluster.adapters.registry import RedisRegistry
from ctibridge.cluster.entry import Entry
from ctibridge.cluster.figures import Figures
from ctibridge.cluster.keys import Keys
from ctibridge.cluster.member import Member
from ctibridge.cluster.outputs import (
    Alone,
    Gained,
    Lines,
    Lost,
    NameTaken,
    NodeGone,
    Nudge,
    Output,
    Prepare,
    Together,
    Yield,
)
from ctibridge.cluster.settings import RedisAccess
from ctibridge.delivery.adapters import relay_post
from ctibridge.delivery.adapters.hand_over import HandOver
from ctibridge.delivery.adapters.outbox import Outbox
from ctibridge.delivery.adapters.relay import Relay
from ctibridge.delivery.adapters.web import Web
from ctibridge.delivery.desks import Desks
from ctibridge.flow import crossing
from ctibridge.flow.apart import Apart
from ctibridge.flow.call_names import SharedNames, is_spent
from ctibridge.flow.crossing import Crossing
from ctibridge.flow.flow import Flow
from ctibridge.flow.homes import Homes
from ctibridge.flow.joint import Joint
from ctibridge.flow.nodes import Nodes
from ctibridge.flow.outside import Outside
from ctibridge.health import Health
from ctibridge.joining import telling
from ctibridge.joining.directory import Directory
from ctibridge.joining.fence import Fence
from ctibridge.joining.fitness import Fitness
from ctibridge.joining.held import Held
from ctibridge.joining.moves import Agents, Moves
from ctibridge.joining.others import Others
from ctibridge.joining.own_lines import PATIENCE, OwnLines
from ctibridge.joining.passport import Passport
from ctibridge.joining.replica import Replica
from ctibridge.joining.seldom import Seldom
from ctibridge.joining.telling import Telling
from ctibridge.sip.events import Event, LineChanged, LineGone
from ctibridge.sip.settings import TrunkAccess
from ctibridge.trunks import Trunks

LOOK = "look"
"""Of what is posted: look at the registry at once."""
LAST_WORD = 1.0
"""Seconds for what this node says last."""
ANEW_EVERY = 1.0
"""Seconds between two times that all nodes say how they stand, where this one missed something each time."""

log = structlog.get_logger()
Accesses = Mapping[str, TrunkAccess]
Left = Callable[[], frozenset[str]]


class Joined:
    """`nodes` for the flow, `wire` when the rooms are there, `run` in a task, `leave` before the trunks stop."""

    def __init__(self, name: str, access: RedisAccess, passport: Passport, health: Health, accesses: Accesses) -> None:
        self.key = passport.key
        """Of all nodes: their contacts are marked by it."""
        self.service = access.settings.prefix
        """The name of all nodes together."""
        self.directory: Directory | None = None
        """This node's own copy, if it has one."""
        self.lines = OwnLines(accesses)
        self._name = name
        self._settings = access.settings
        self._passport = passport
        self._health = health
        self._redis = Redis(access, name)
        self._keys = Keys(self._redis.prefix)
        self._homes: dict[int, str | None] = {}
        self._fitness = Fitness(self._link(), health)
        self._post = Post(
            self._redis, name, passport.incarnation, self._heard, self._gap, frozenset({relay_post.KIND, LOOK})
        )

    # -- for who builds the rooms --------------------------------------------------------------------------------------

    def nodes(self, desks: Desks, overheard: Callable[[Event], None]) -> Nodes:
        """For the flow. overheard: as in `Crossing`."""
        self._crossing = Crossing(self._name, self._passport.incarnation, desks.seats, self.mine, self._post, clock)
        self._others = Others(lambda: self._member.others().items())
        self._crossing.overheard, self._crossing.all_said = overheard, self._others.said
        self._say_anew = Seldom(self._crossing.gap, ANEW_EVERY)
        names = SharedNames(self._passport.key, lambda call: is_spent(desks.having(call, utc_now()).values()))
        return Nodes(names, Homes(self.mine), self._crossing.say, self.acts)

    async def wire(
        self,
        desks: Desks,
        flow: Flow,
        web: Web,
        outbox: Outbox,
        trunks: Trunks,
        outside: Outside,
        agents: Agents,
        left: Left,
    ) -> None:
        """Before anything is heard. agents: of the directory; left: as `HandOver` wants it."""
        self._desks, self._web, self._outbox, self._trunks = desks, web, outbox, trunks
        self._directory = agents
        self._crossing.flow = flow
        self._apart = Apart(desks, web.deliver, utc_now)
        self._member = await self._new_member(outbox)
        self._registry = RedisRegistry(self._redis)
        self._membership = Membership(self._member, self._registry, self._carry, self._looked)
        self._fence = Fence(self._crossing, self.acts)
        self._links = self._link(), self._link()
        rows = CallRows(self._post.rows, self._keys, self._name, self._passport.incarnation, self._member.token)
        self._replica = Replica(self._links[0], rows, self._keys, outside.stored, self.mine)
        hooks, ahead = lambda: outside.webhooks, self._replica.calendar.ahead
        hand_over = HandOver(desks, outbox, web.deliver, hooks, left, ahead)
        outbox.on_call, outbox.on_stored, outbox.on_left = self._replica.keep, self._replica.stored, self._renew_replica
        self._moves = Moves(self._links[1], self._replica, hand_over, flow, self._agents, self, self._others.stand)
        self._relay = Relay(web, self._post, self.home)
        rooms = self._membership, self._post, desks, self.lines, self._relay
        self._telling = Telling(self._settings, *rooms, self._lean)
        desks.residents.join(self._moves.is_home)

    async def _new_member(self, outbox: Outbox) -> Member:
        settings, passport = self._settings, self._passport
        self._held = Held(outbox, self._name)
        return Member(
            self._name, passport.incarnation, clock(), float(settings.lease), replaces=passport.replaces,
            info=telling.info(settings, {}), last_held=await self._held.last(),
        )  # fmt: skip

    def _link(self) -> Link:
        return self._redis.link(self._keys.lots)

    def _renew_replica(self) -> None:
        """Somebody left what is kept, and was in some pops: all that lies there is written anew, without them."""
        for agent in filter(self.mine, self._agents()):
            if (desk := self._desks.residents.standing(agent)) is not None:
                self._replica.anew(agent, desk.calls)

    def say(self, command: Joint) -> None:
        """What an agent said that all nodes have to hear."""
        self._crossing.say(command)

    # -- who is where --------------------------------------------------------------------------------------------------

    def mine(self, agent: str) -> bool:
        """Has this agent's desk its home here?"""
        return self._moves.is_home(agent)

    def acts(self) -> bool:
        """May this node do what counts? See `Member.acts`."""
        return self._member.acts(clock())

    def _agents(self) -> set[str]:
        """All of whom anybody here knows."""
        return {*self._directory(), *self._outbox.agents(), *self.lines.agents()}

    def home(self, agent: str) -> str | None:
        """The node to which his screens come; None: this one; "": none now."""
        if self._moves.is_open(agent):
            return None
        home = self._member.home(lots.of_agent(agent))
        return "" if home is None or home == self._name else home

    # -- what goes on --------------------------------------------------------------------------------------------------

    def hear(self, event: Event) -> None:
        """A fact of our own trunks."""
        if isinstance(event, LineChanged | LineGone):
            self.lines.heard(event)
            self._prepared()
        self._fence.look()
        self._crossing.hear_own(event)

    async def run(self) -> None:
        """Until it is cancelled. Raises nothing that Redis does."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._post.run())
                tasks.create_task(self._moves.run())
                tasks.create_task(self._replica.run())
                tasks.create_task(self._fitness.run())
                tasks.create_task(self._telling.run())
                tasks.create_task(self._keep_listening())
                tasks.create_task(self._membership.run())
        finally:
            self._say_anew.stop()
            self._apart.stop()
            self._registry.cut()
            for link in self._links:
                link.cut()

    async def _keep_listening(self) -> None:
        """What the others said before we heard them, they say again."""
        await self._post.listening.wait()
        self._crossing.gap()

    async def leave(self, patience: float) -> None:
        """Gives all lots away, within so many seconds; before the trunks stop."""
        await self._membership.leave(patience, lambda: self._trunks.ringing > 0 or self._post.traffic.waiting > 0)

    def figures(self) -> Figures:
        """For people."""
        return self._telling.figures()

    def _lean(self) -> bool | None:
        return None if self.directory is None else self.directory.lean

    async def finish(self) -> None:
        """What was said last reaches the others."""
        await self._post.flushed(LAST_WORD)

    def retune(self, accesses: Accesses) -> dict[str, TrunkAccess]:
        """The configuration's lines are these now. Returns those of them that are registered here."""
        self.lines.retune(accesses)
        return self.lines.accesses()

    # -- what the machine of this node says ----------------------------------------------------------------------------

    def _carry(self, output: Output) -> None:
        match output:
            case Lines():
                self.lines.hold(output.lots)
                self._trunks.hold(self.lines.accesses())
            case Prepare():
                self.lines.prepare(output.lots, clock())
                asyncio.get_running_loop().call_later(PATIENCE, self._prepared)
                self._prepared()
            case Yield():
                self._moves.yields(output)
            case Gained():
                self._moves.gains(output)
            case Lost():
                self._fence.lost()
                self._moves.loses(output)
            case NodeGone():
                log.warning("node_gone", node=output.node)
                self._crossing.node_gone(output.node, output.incarnation)
                self._relay.node_gone(output.node, output.incarnation)
            case Nudge():
                self._post.send(output.node, LOOK, b"")
            case Alone() | Together() | NameTaken():
                self._stands(output)
        if isinstance(output, Yield | Gained | Lost):
            self._keep_held()

    def _stands(self, output: Alone | Together | NameTaken) -> None:
        match output:
            case Alone():
                self._health.remark("redis", f"alone: {self._membership.fault or 'Redis does not answer'}")
                log.warning("cluster_alone", why=self._membership.fault)
                self._crossing.alone()
                self._relay.all_lost()
                self._replica.alone(alone=True)
                self._apart.heard(alone=True)
            case Together():
                self._health.well("redis")
                self._health.well("node.name")
                log.info("cluster_together")
                self._fitness.want()
                self._replica.alone(alone=False)
                self._apart.heard(alone=False)
                self._crossing.together()
            case NameTaken():
                self._health.ill(
                    "node.name", f"another ctibridge is {self._name} in this cluster; give it another name"
                )
                log.error("node_name_taken", node=self._name, mend="another [node] name")

    def _looked(self) -> None:
        """All that follows from the registry's answer, or from none, is done."""
        self._fence.looked()
        if self._crossing.lacks_own():
            self._say_anew()
        homes = {lot: self._member.home(lot) for lot in range(lots.LOTS)}
        moved = {lot for lot, home in homes.items() if self._homes.get(lot) != home}
        self._homes = homes
        if moved:
            self._relay.homes_changed([agent for agent in self._agents() if lots.of_agent(agent) in moved])
        self._web.deliver()

    def _prepared(self) -> None:
        if ready := self.lines.prepared(clock()):
            self._member.prepared(ready, clock())
            self._membership.said()

    def _keep_held(self) -> None:
        """For a start without Redis. What could not be given back when we left is what we had last."""
        if not self._member.left:
            self._held.keep(self._member.held)

    # -- what was done with desks (`moves.Told`) -----------------------------------------------------------------------

    def given(self, turn: int) -> None:
        self._member.given(turn, clock())
        self._membership.said()

    def kept(self, turn: int) -> None:
        self._member.kept(turn, clock())
        self._membership.said()

    def settled(self, of: Mapping[int, int]) -> None:
        self._member.settled(of, clock())
        self._membership.said()

    # -- what other nodes say ------------------------------------------------------------------------------------------

    def _heard(self, entry: Entry) -> None:
        match entry.kind:
            case relay_post.KIND:
                self._relay.hear(entry.sender, entry.incarnation, entry.body)
            case crossing.KIND:
                self._fence.look()
                self._crossing.hear(entry.sender, entry.incarnation, entry.kind, entry.body)
            case "look":
                self._member.look(clock())
                self._membership.said()

    def _gap(self, sender: str | None) -> None:
        """Something of this node was missed; None: of anybody."""
        if sender is None:
            self._relay.all_lost()
        else:
            self._relay.gap(sender)
        self._say_anew()
