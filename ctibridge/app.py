"""The only place where rooms meet: builds them, wires them, one task group, start and stop order.

Start: everything that can be refused is tried before anything runs (store, ports). Outlets open before inlets: store,
desks, then trunks. Stop: un-REGISTER first, then the calls end, then the desks hear 1012.
"""

import asyncio
import os
import time
from collections.abc import Coroutine, Mapping
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import structlog

from ctibridge import installation, reload, resources, typed
from ctibridge.calls.views import Views
from ctibridge.clocks import fresh_call_id, moment, utc_now
from ctibridge.config import Settings
from ctibridge.delivery.adapters import fresh, server
from ctibridge.delivery.adapters.admission import Admission
from ctibridge.delivery.adapters.catching_up import CatchingUp
from ctibridge.delivery.adapters.ivr import Ivr
from ctibridge.delivery.adapters.sign_in import SignIn
from ctibridge.delivery.adapters.web import Web
from ctibridge.delivery.desks import Desks
from ctibridge.delivery.webhook_settings import WebhookAccess
from ctibridge.domain.agent import Agent
from ctibridge.domain.desk_command import DeskCommand
from ctibridge.domain.line import Line
from ctibridge.domain.private import Private
from ctibridge.domain.screen_pop import Answer
from ctibridge.flow import calling_back, upkeep
from ctibridge.flow.call_names import FreshNames
from ctibridge.flow.desk_lists import DeskLists
from ctibridge.flow.desk_requests import DeskRequests
from ctibridge.flow.erasing import keep_erasing
from ctibridge.flow.flow import Flow
from ctibridge.flow.line_evidence import Evidence
from ctibridge.flow.line_remarks import remarks
from ctibridge.flow.nodes import Nodes
from ctibridge.flow.obeying import Obeying
from ctibridge.flow.outside import Outside
from ctibridge.flow.storing import Storing
from ctibridge.health import Health
from ctibridge.installation import StartError
from ctibridge.liveness import Liveness
from ctibridge.lookup.adapters.enquiries import Enquiries
from ctibridge.lookup.adapters.schema import FILE
from ctibridge.lookup.found import of_administrator
from ctibridge.lookup.question import Question
from ctibridge.metrics.measuring import Rooms, measure
from ctibridge.sd_notify import Notifier
from ctibridge.sip.events import Event
from ctibridge.sip.settings import TrunkAccess
from ctibridge.stores import Stores, keep_for
from ctibridge.supervision import Supervision
from ctibridge.sweep import sweep
from ctibridge.trunks import Trunks, not_ours

if TYPE_CHECKING:
    from ctibridge.cluster.settings import RedisAccess
    from ctibridge.joining.node import Joined

LEAVES_WITHIN = 20.0
"""Seconds in which one node of several gives away what it has, before it stops."""
log = structlog.get_logger()


class App:
    """`open`, then `run`. accesses: whom each trunk speaks for, by its name, with the secrets read. notifier: systemd,
    where there is one. proxy_secret: what a proxy sends that signs agents in. webhooks: as accesses, by their names.
    redis: what joins this node with others."""

    def __init__(
        self,
        settings: Settings,
        accesses: Mapping[str, TrunkAccess],
        notifier: Notifier | None = None,
        proxy_secret: Private | None = None,
        webhooks: Mapping[str, WebhookAccess] | None = None,
        redis: "RedisAccess | None" = None,
    ) -> None:
        self._notifier = notifier or Notifier(None, None)
        self._redis = redis
        self._joined: Joined | None = None
        self.settings = settings
        self.health = Health()
        self.evidence = Evidence()
        self._store = settings.node.state_dir / FILE
        self._accesses = accesses
        self._proxy_secret = proxy_secret
        self._hooks = webhooks or {}
        self._closing = AsyncExitStack()

    async def open(self) -> None:
        """Takes the store and all ports. Raises StartError, and then nothing is left open."""
        try:
            self._closing.callback(os.close, installation.take(self.settings.node.state_dir))
            await self._join()
            self._bind()
            several = None if self._joined is None else self._joined.directory
            stores = await Stores.open(self.settings, self._notifier, self._closing, several)
            self._lookup, self._tokens, self._sign_ins, self._presence, self._outbox = stores
            await self._wire()
        except BaseException:
            await self._closing.aclose()
            raise

    @property
    def web_address(self) -> tuple[str, int]:
        """Where the page is; after `open`."""
        host, port = self._listening.getsockname()[:2]
        return host, port

    async def run(self, stop: asyncio.Event) -> None:
        """Serves until `stop` is set, then drains. What breaks in here breaks the daemon: systemd starts it again."""
        async with self._closing, asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(self._web.serve(self._listening))
            storing = tasks.create_task(self._outbox.run())
            keepers = [tasks.create_task(keeping) for keeping in self._keepers()]
            joining = None if self._joined is None else tasks.create_task(self._joined.run())
            self.health.started()
            log.info("started", trunks=len(self._trunks), lines=_lines(self._accesses))
            self._notifier.ready(self.health.status())
            await stop.wait()
            self._notifier.stopping()
            for keeper in keepers:
                keeper.cancel()
            await self._drain()
            if joining is not None:
                joining.cancel()
            await serving
            storing.cancel()
        log.info("stopped")

    def _keepers(self) -> list[Coroutine[Any, Any, None]]:
        """What goes on until we stop."""
        state_dir, privacy = self.settings.node.state_dir, lambda: self.settings.privacy
        shared = None if self._joined is None else self._joined.directory
        alone = () if shared is None else (shared.alone,)
        return [
            *(() if shared is None else (shared.run(),)),
            self._trunks.run(),
            sweep(lambda: self._flow.heard_at),
            self._lookup.run(),
            measure(self._rooms(), state_dir, self._store),
            upkeep.keep_reviewing(self._lookup, self._flow),
            upkeep.keep_looking(self._presence, self.health),
            resources.keep_looking(state_dir, self.health),
            upkeep.keep_purging(self._presence, self._lookup, self._desks, self._outbox, privacy, utc_now, *alone),
            keep_erasing(self._presence, self._lookup, self._desks, self._outbox, self._flow, self._outside),
            upkeep.keep_evidence(self.evidence, self._outbox, utc_now),
            self._supervision().run(),
            self._outside.run(),
        ]

    def _rooms(self) -> Rooms:
        """What is measured."""
        rooms = self._flow, self._desks, self._web, self._outbox, self._lookup
        figures = None if self._joined is None else self._joined.figures
        return Rooms(*rooms, self._trunks, self.health, self._outside, self._tested, figures)

    def _tested(self) -> list[str]:
        """The trunks that have a selftest."""
        return [trunk.name for trunk in self.settings.trunk if trunk.selftest is not None]

    def _supervision(self) -> Supervision:
        liveness = Liveness(self.health, {"writer": self._outbox.stuck, "sockets": self._trunks.broken})
        return Supervision(self._notifier, self.health, liveness, lambda: remarks(self.evidence.heard()))

    async def reload(
        self,
        settings: Settings,
        accesses: Mapping[str, TrunkAccess],
        webhooks: Mapping[str, WebhookAccess] | None = None,
    ) -> None:
        """Takes another configuration while it runs; what rings goes on, but on trunks that are gone or become another
        one. Raises StartError, and then nothing has changed. A port that we gave up may be lost to somebody else: the
        health says so, and all the rest of the configuration counts."""
        late = reload.needs_restart(self.settings, settings)
        settings = reload.with_fixed(self.settings, settings)
        change = self._trunks.prepare(settings.trunk, here := self._here(accesses))
        self.settings, self._accesses, self._hooks = settings, accesses, webhooks or {}
        self._retune(settings)
        self.health.well("reload")
        try:
            await self._trunks.change(change, here)
        except StartError as error:
            self.health.ill("reload", str(error))
            log.error("trunk_lost_its_port", why=str(error), mend="then reload again")
        await self._lookup.retune(settings.resolution, settings.language)
        self._say_what_waits(late)
        log.info("reloaded", trunks=len(self._trunks), lines=_lines(accesses))

    def _retune(self, settings: Settings) -> None:
        """What each room can take from one moment to the next, before the first call of a new trunk."""
        self._plans.update(settings.dial_plans())  # of a trunk that is gone calls are still open
        self._views.update(_views(settings))
        self._web.retune(settings.web)
        self._desks.notification = settings.privacy.notification
        keep_for(settings.privacy, self._lookup, self._outbox)
        self._set_lines()
        self._outside.retune(settings.webhook, self._hooks)
        self._web.deliver()

    def _say_what_waits(self, late: list[str]) -> None:
        if not late:
            self.health.well("restart")
            return
        self.health.remark("restart", f"a restart has to take {', '.join(late)}")
        log.warning("reload_needs_restart", keys=", ".join(late), mend="systemctl restart ctibridge")

    async def _drain(self) -> None:
        if self._joined is not None:
            self._notifier.extend(2 * LEAVES_WITHIN)
            await self._joined.leave(LEAVES_WITHIN)
        await self._trunks.stop()
        await self._requests.stop()
        await self._flow.stop()
        upkeep.write_evidence(self.evidence, self._outbox, utc_now(), everything=True)
        self._storing.stop()
        await self._web.stop()
        if self._joined is not None:
            await self._joined.finish()

    def _bind(self) -> None:
        try:
            self._listening = server.bind(self.settings.web)
        except OSError as error:
            raise StartError(not_ours("[web] listen", self.settings.web.listen, error)) from None
        self._closing.callback(self._listening.close)
        joined, instance = self._joined, installation.name(self.settings.node.state_dir)
        self._trunks = Trunks(self._hear, instance, None if joined is None else joined.key)
        self._closing.callback(self._trunks.close)
        self._trunks.bind(self.settings.trunk, self._here(self._accesses))

    async def _join(self) -> None:
        """Raises StartError."""
        if self._redis is not None:
            from ctibridge.joining.begin import begin  # noqa: PLC0415 - a node that is alone loads nothing of it

            self._joined = await begin(self.settings.node, self._redis, self.health, self._accesses)

    def _here(self, accesses: Mapping[str, TrunkAccess]) -> Mapping[str, TrunkAccess]:
        """Of the configuration's lines those that this node registers."""
        return accesses if self._joined is None else self._joined.retune(accesses)

    def _hear(self, event: Event) -> None:
        """The trunks are bound before the flow exists, and start when everything does."""
        (self._joined or self._flow).hear(event)
        if self._joined is None:
            self._keep_evidence(event)

    def _keep_evidence(self, event: Event) -> None:
        """Of several nodes, what any of them heard."""
        self.evidence.hear(event, utc_now())

    def _obey(self, command: DeskCommand) -> None:
        """Web and flow need each other; by the time that a desk says something, both are there."""
        self._obeying.obey(command)

    async def _agents(self) -> Mapping[str, Agent]:
        """As the directory has them now, or last had them where the store fails."""
        await self._lookup.catch_up()
        return self._lookup.snapshot().agents

    async def _ask_for_ivr(self, caller: str, called: str | None) -> Answer | None:
        """Over every shared account, as the first trunk writes numbers."""
        plan = self.settings.first_dial_plan()
        question = Question(typed.signalled(caller, called, "ivr"), plan, None, utc_now())
        found = await self._lookup.find(question, of_administrator)
        read = None if found is None else await self._lookup.records(found)
        return None if read is None else next(iter(read.answers().values()))

    async def _wire(self) -> None:
        privacy, lookup, outbox = self.settings.privacy, self._lookup, self._outbox
        source = f"/ctibridge/{self._service_name()}"
        self._desks = Desks(source, fresh.epoch, outbox.desks, privacy.notification)
        self._set_lines()
        self._web = Web(
            self.settings.web,
            self._desks,
            outbox,
            Admission(self._desks, self._tokens, self._agents, moment),
            CatchingUp(outbox, self._visible, self._as_seen_now),
            self.health.both,
            self._obey,
            Ivr(self._tokens, self._ask_for_ivr),
        )
        if (by := self.settings.web.sign_in) is not None:
            sign_in = SignIn(by, lambda: self._web.origins, self._sign_ins, self._agents, self._proxy_secret)
            self._web.http.sign_in(sign_in.answer)
        self._plans, self._views = self.settings.dial_plans(), _views(self.settings)
        deliver, joined = self._web.deliver, self._joined
        nodes = Nodes(FreshNames(fresh_call_id)) if joined is None else joined.nodes(self._desks, self._keep_evidence)
        say = None if joined is None else joined.say
        self._flow = Flow(lookup, self._desks, outbox, self._plans, moment, nodes, deliver, self._views)
        became = self._flow.calling_back.became
        clocks = time.monotonic, utc_now
        lists = DeskLists(self._desks, outbox, lambda: lookup.snapshot().agents, self._visible, became, *clocks)
        enquiries = Enquiries(lookup, lookup.store, lookup.learned)
        self._requests = DeskRequests(enquiries, self._desks, self._flow, moment, deliver, say)
        self._obeying = Obeying(self._flow, self._requests, lists, say)
        remark = self.health.remark_or_well
        self._outside = Outside(source, outbox, self._desks, lookup, self._flow, remark, utc_now)
        self._storing = Storing(self._desks, self.health, deliver, utc_now)
        outbox.on_state, outbox.on_lost, outbox.on_stored = self._storing.heard, self._desks.lost, self._outside.stored
        outbox.on_replaced = self.evidence.lost
        if joined is not None:
            rooms = self._desks, self._flow, self._web, outbox, self._trunks, self._outside
            await joined.wire(*rooms, lambda: lookup.snapshot().agents, lambda: frozenset(lookup.snapshot().purged))
        await self._restore()
        self._outside.retune(self.settings.webhook, self._hooks)

    def _service_name(self) -> str:
        """Several nodes are one source: an event that another one sends again is the same event."""
        return self.settings.node.name if self._joined is None else self._joined.service

    def _set_lines(self) -> None:
        lines = [Line(trunk, one.user, one.agents) for trunk, access in self._accesses.items() for one in access.lines]
        self._desks.set_lines(lines)
        self.evidence.configure([(line.trunk, line.user) for line in lines], utc_now())
        known = self._lookup.snapshot().agents
        for line in lines:
            for unknown in sorted(set(line.agents) - known.keys()):
                log.warning("agent_unknown", trunk=line.trunk, line=line.user, agent=unknown, mend="import agents.csv")

    async def _restore(self) -> None:
        """What desks still have from before the process began."""
        calls = self._desks.restarted(utc_now())
        await self._flow.restore(calls)
        self._flow.calling_back.restore(await self._outbox.facts(calling_back.KIND), calls)
        self._web.deliver()
        await upkeep.restore_evidence(self.evidence, self._outbox)

    async def _as_seen_now(self, agent: str, call: str) -> Answer | None:
        return await self._flow.as_seen_now(agent, call)

    def _visible(self, agent: str) -> frozenset[str]:
        return self._lookup.visible(agent, utc_now())


def _views(settings: Settings) -> dict[str, Views]:
    return {trunk.name: Views(trunk.watches, trunk.ring == "hold") for trunk in settings.trunk}


def _lines(accesses: Mapping[str, TrunkAccess]) -> int:
    return sum(len(access.lines) for access in accesses.values())
