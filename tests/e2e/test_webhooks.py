"""Webhooks of a daemon in a process of its own, with calls through a real PBX: over a reload, a stop and a kill."""

import base64
from pathlib import Path
from typing import Any

import pytest

from tests.delivery.adapters.hooked import KEY, taken
from tests.e2e.daemon import Daemon
from tests.e2e.desk import Desk
from tests.e2e.house import ACME, FLEURON, REGULA, House, MakeHouse, trunk_of
from tests.peers.process import until
from tests.peers.receiver import Receiver, receiver
from tests.peers.sipp import Invite
from tests.peers.zammad import Zammad

pytestmark = [pytest.mark.e2e, pytest.mark.peer("kamailio", "baresip", "sipp")]


def hook(folder: Path, name: str, to: Receiver, keys: str = "") -> str:
    """As TOML."""
    secret = folder / f"secret-{name}"
    secret.write_text("whsec_" + base64.b64encode(KEY).decode())
    secret.chmod(0o600)
    return f'[[webhook]]\nname = "{name}"\nurl = "{to.url}"\nsecret = {{ file = "{secret.name}" }}\n{keys}\n'


async def call(of: House, number: str = ACME) -> None:
    """Rings, is given up, and all of it is at the desk and in the store."""
    ended = of.ana.count("call.ended")
    of.sipp.start(Invite(number, number=REGULA), patience=0.3)
    await until(lambda: of.ana.count("call.ended") > ended, "its end")
    await of.ana.stored()


async def back(of: House) -> None:
    """Its desk too, behind what it has."""
    newest = of.ana.events[-1]["sequence"]
    again = Desk(of.daemon.web, of.daemon.token("ana"), {"epoch": of.ana.welcome["epoch"], "sequence": int(newest)})
    await again.__aenter__()
    assert again.welcome["resumed"]
    again.events[:0] = of.ana.events
    await of.ana.__aexit__()
    of.desks["ana"] = again
    await again.lines({"6001": "registered"})


async def same_as_at_the_desk(of: House, to: Receiver) -> list[dict[str, Any]]:
    newest = of.ana.events[-1]["id"]
    await until(lambda: any(event["id"] == newest for event in taken(to)), "the newest event", 20)
    got = taken(to)
    assert [event["id"] for event in got] == list(dict.fromkeys(event["id"] for event in of.ana.events))
    assert {event["id"]: event["data"] for event in got} == {event["id"]: event["data"] for event in of.ana.events}
    return got


def says(daemon: Daemon, event: str) -> int:
    return sum(line["event"] == event for line in daemon.log)


def heard_of_its_own_alone(fleuron: Receiver, said: list[dict[str, Any]]) -> None:
    """said: all that the desk heard."""
    subjects = {event["subject"] for event in taken(fleuron)}
    assert subjects == {event["subject"] for event in said if "Fleuron" in str(event["data"].get("called"))}
    assert len(subjects) == 1
    named = {event["id"]: event["sequence"] for event in taken(fleuron)}
    assert list(named.values()) == ["1", "2"], "one that was taken just before the kill may come twice, as the same"
    assert b"Regula" not in b"".join(fleuron.bodies)


async def test_every_event_once_over_a_reload_a_stop_and_a_kill_and_none_of_another_customer(house: MakeHouse) -> None:
    async with receiver() as tool, receiver() as fleuron, receiver() as desk_tool:
        desk_tool.otherwise = zammad = Zammad()
        service = await house("6001")
        hooks = hook(service.daemon.folder, "tool", tool)
        hooks += hook(service.daemon.folder, "fleuron", fleuron, 'accounts = ["fleuron"]')
        hooks += f'[[webhook]]\nname = "zammad"\nformat = "zammad"\nurl = "{desk_tool.url}"\n'
        service.daemon.configure(trunk_of(service.pbx, ("6001",)), more=hooks)
        await service.daemon.reload()
        await call(service)
        await same_as_at_the_desk(service, tool)
        # Receivers begin one after the other; on a slow machine the last had not begun when the service was stopped.
        await desk_tool.has(1)

        await tool.stop()
        await call(service)
        await until(lambda: says(service.daemon, "webhook_not_taken") == 1, "that it fails")
        await service.daemon.stop()
        await service.ana.closed()
        await tool.start()
        await service.daemon.restart()
        await back(service)
        await same_as_at_the_desk(service, tool)
        await desk_tool.has(5)
        # She has dialled again within a minute: one call, of which the newest round is still to be looked at.
        assert [(one.number, one.done, one.cause) for one in zammad.log.values()] == [
            (REGULA.removeprefix("+"), True, "normalClearing"),
            (REGULA.removeprefix("+"), False, "cancel"),
        ]

        await tool.stop()
        await call(service, FLEURON)
        service.daemon.process.kill()
        await tool.start()
        await service.daemon.restart()
        await back(service)
        await call(service)
        got = await same_as_at_the_desk(service, tool)
        assert sum(event["type"] == "call.ringing" for event in got) == 4
        await service.ana.__aexit__()
        heard_of_its_own_alone(fleuron, got)
