"""Dialog-info of the PBX about real calls to real telephones, as a watcher of the lines hears it.

What it says here is kept as captures (tests/captures/kamailio/dialog-info-…); these tests show that it still does.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import pytest

from tests.peers.plugin import MakeBaresip, MakeKamailio, MakeSipp, MakeWatcher
from tests.peers.ports import Loopback
from tests.peers.probe import Probe
from tests.peers.process import until
from tests.peers.sipp import Invite
from tests.peers.watcher import Dialog, Notify, Watcher, read

USERS = {"6001": "secret-1", "6002": "secret-2"}
OBSERVERS = {"cti": "secret-cti"}
SERVICE_NUMBER = "+4930123456"
CAPTURES = Path(__file__).parents[1] / "captures" / "kamailio"
PRESENCE = pytest.mark.peer("kamailio", "kamailio/presence.so")
CALLS = pytest.mark.peer("kamailio", "kamailio/presence.so", "baresip", "sipp")


def captured(scenario: str) -> list[Notify]:
    return [read(path.read_bytes()) for path in sorted((CAPTURES / f"dialog-info-{scenario}").glob("*.sip"))]


def story(notifies: list[Notify]) -> list[tuple[str, str, list[tuple[str, ...]]]]:
    """What they say without what differs from run to run: addresses, ids."""
    return [(notify.whole, notify.entity, [_told(dialog) for dialog in notify.dialogs]) for notify in notifies]


def _told(dialog: Dialog) -> tuple[str, ...]:
    return dialog.direction, dialog.state, _user(dialog.local), _user(dialog.remote)


def _user(uri: str) -> str:
    return uri.partition("@")[0]


@CALLS
@pytest.mark.parametrize("ends", ["caller", "callee", "gives up", "declines"])
async def test_a_call_to_a_line(
    kamailio: MakeKamailio,
    baresip: MakeBaresip,
    sipp: MakeSipp,
    watcher: MakeWatcher,
    ends: Literal["caller", "callee", "gives up", "declines"],
) -> None:
    pbx = await kamailio(users=USERS, numbers={SERVICE_NUMBER: "6001"}, presence=True, observers=OBSERVERS)
    phone, watching = await baresip(pbx, "6001"), await watcher(pbx, "6001", "cti")
    call = sipp(pbx).start(Invite(SERVICE_NUMBER, display="Maria Meier"))
    await phone.incoming()
    (early,) = (await watching.says("early")).dialogs
    assert (early.call_id, early.direction) == (call.call_id(), "recipient")
    if ends in ("caller", "callee"):
        await phone.answer()
        (confirmed,) = (await watching.says("confirmed")).dialogs
        assert confirmed.id == early.id
    if ends in ("caller", "gives up"):
        call.end()
    else:
        await phone.hangup()
    await call.done()
    await watching.says("terminated")
    name = {"caller": "answered-caller", "callee": "answered-callee", "gives up": "abandoned", "declines": "declined"}
    assert story(watching.notifies) == story(captured(name[ends]))


@CALLS
async def test_two_calls_on_a_line_stand_in_one_document(
    kamailio: MakeKamailio, baresip: MakeBaresip, sipp: MakeSipp, watcher: MakeWatcher
) -> None:
    pbx = await kamailio(users=USERS, presence=True)
    phone, watching = await baresip(pbx, "6001"), await watcher(pbx, "6001")
    caller = sipp(pbx)
    first = caller.start(Invite("6001"))
    await phone.incoming()
    await phone.answer()
    await watching.says("confirmed")
    second = caller.start(Invite("6001", number="+4915112345678"))
    both = await watching.says("confirmed", "early")
    assert {one.call_id: one.state for one in both.dialogs} == {first.call_id(): "confirmed", second.call_id(): "early"}
    second.end()
    await second.done()
    await watching.says("confirmed", "terminated")
    first.end()
    await first.done()
    await watching.says("terminated", "terminated")
    versions = [notify.version for notify in watching.notifies if notify.version is not None]
    assert versions == list(range(2, 2 + len(versions)))  # the first NOTIFY, which has no body, counts as well


@CALLS
@pytest.mark.parametrize("line_dialogs", [False, True])
async def test_who_of_a_group_answered_is_known_where_each_line_has_its_dialog(
    kamailio: MakeKamailio, baresip: MakeBaresip, sipp: MakeSipp, watcher: MakeWatcher, line_dialogs: bool
) -> None:
    pbx = await kamailio(
        users=USERS, numbers={"201": ["6001", "6002"]}, presence=True, observers=OBSERVERS, line_dialogs=line_dialogs
    )
    ana, ben = await baresip(pbx, "6001"), await baresip(pbx, "6002")
    of_ana, of_ben = await watcher(pbx, "6001", "cti"), await watcher(pbx, "6002", "cti")
    call = sipp(pbx).start(Invite("201"))
    await ana.incoming()
    await ben.incoming()
    (one,), (other,) = (await of_ana.says("early")).dialogs, (await of_ben.says("early")).dialogs
    assert one.call_id == other.call_id == call.call_id()
    assert (one.id == other.id) is not line_dialogs
    await ana.answer()
    await of_ana.says("confirmed")
    await of_ben.says("terminated" if line_dialogs else "confirmed")
    call.end()
    await call.done()
    await of_ana.says("terminated")


@CALLS
async def test_a_call_among_lines_is_told_from_both_ends(
    kamailio: MakeKamailio, baresip: MakeBaresip, watcher: MakeWatcher
) -> None:
    pbx = await kamailio(users=USERS, presence=True)
    ana, ben = await baresip(pbx, "6001"), await baresip(pbx, "6002")
    of_ana, of_ben = await watcher(pbx, "6001"), await watcher(pbx, "6002")
    await ben.dial(f"sip:6001@{pbx.host}")
    await ana.incoming()
    (rings,) = (await of_ana.says("early")).dialogs
    assert (rings.direction, _user(rings.remote)) == ("recipient", "sip:6002")
    (dials,) = (await of_ben.says("early")).dialogs
    assert (dials.direction, _user(dials.remote), dials.id) == ("initiator", "sip:6001", rings.id)
    assert (await of_ben.says("Trying")).whole == "full"  # written so; RFC 4235 has it small
    await ben.hangup()
    await of_ana.says("terminated")


@CALLS
async def test_who_comes_in_the_middle_of_a_call_is_told_at_once(
    kamailio: MakeKamailio, baresip: MakeBaresip, sipp: MakeSipp, watcher: MakeWatcher
) -> None:
    pbx = await kamailio(users=USERS, presence=True)
    phone, before = await baresip(pbx, "6001"), await watcher(pbx, "6001")
    call = sipp(pbx).start(Invite("6001"))
    await phone.incoming()
    await before.says("early")
    late = await watcher(pbx, "6001")
    assert late.notifies[0].states == ["early"]
    call.end()
    await call.done()


@CALLS
async def test_a_caller_can_spoil_the_document(
    kamailio: MakeKamailio, baresip: MakeBaresip, sipp: MakeSipp, watcher: MakeWatcher
) -> None:
    pbx = await kamailio(users=USERS, presence=True)
    phone, watching = await baresip(pbx, "6001"), await watcher(pbx, "6001")
    call = sipp(pbx).start(Invite("6001", from_header="<sip:r&d;x=1@a.test>"))
    await phone.incoming()
    await until(lambda: watching.notifies[-1].whole == "unreadable", "an entity that nobody defined")
    assert b"sip:r&d;x=1@a.test</identity>" in watching.notifies[-1].raw
    assert b'version="0"' in watching.notifies[-1].raw
    call.end()
    await call.done(check=False)


@PRESENCE
async def test_who_may_watch(kamailio: MakeKamailio, loopback: Loopback) -> None:
    pbx = await kamailio(users=USERS, presence=True, observers=OBSERVERS)

    async def answers(line: str, account: str, password: str, **more: str) -> list[int | None]:
        async with Watcher(loopback, pbx, line) as watching:
            return [answer.status for answer in await watching.subscribe(account, password, **more)]  # type: ignore[arg-type]

    assert await answers("6001", "cti", OBSERVERS["cti"]) == [200, 401]
    assert await answers("6001", "6001", USERS["6001"]) == [200, 401]
    assert await answers("6002", "6001", USERS["6001"]) == [403, 401]
    assert await answers("6001", "cti", "wrong") == [401, 401]
    assert await answers("6999", "cti", OBSERVERS["cti"]) == [404]
    assert await answers("6001", "cti", OBSERVERS["cti"], event="message-summary") == [489, 401]


@PRESENCE
async def test_an_observer_registers_no_line(kamailio: MakeKamailio, loopback: Loopback) -> None:
    pbx = await kamailio(users=USERS, presence=True, observers=OBSERVERS)
    async with Probe(loopback) as probe:
        answers = await probe.register(pbx.host, "6001", OBSERVERS["cti"], username="cti")
        assert [answer.status for answer in answers] == [403, 401]


@PRESENCE
@pytest.mark.parametrize("challenge", [401, 407])
@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
async def test_a_subscription_is_granted_refreshed_and_left(
    kamailio: MakeKamailio, loopback: Loopback, challenge: Literal[401, 407], algorithm: Literal["MD5", "SHA-256"]
) -> None:
    pbx = await kamailio(
        users=USERS, presence=True, min_watch=30, max_watch=60, challenge=challenge, algorithm=algorithm
    )
    async with Watcher(loopback, pbx, "6001") as watching:
        brief = (await watching.subscribe("6001", USERS["6001"], expires=10))[0]
        assert (brief.status, brief.get("Min-Expires")) == (423, "30")
        granted = await watching.subscribe("6001", USERS["6001"], expires=120, anew=True)
        assert [answer.status for answer in granted] == [200, challenge]
        assert granted[0].get("Expires") == "60"
        assert await pbx.algorithm_of("6001") == algorithm
        refreshed = (await watching.subscribe("6001", USERS["6001"], expires=45))[0]
        assert (refreshed.status, refreshed.get("Expires")) == (200, "45")
        await watching.subscribe("6001", USERS["6001"], expires=0)
        last = await watching.notify(3)
        assert [notify.subscription for notify in watching.notifies[:2]] == ["active;expires=60", "active;expires=45"]
        assert last.subscription == "terminated;reason=timeout"


@PRESENCE
async def test_a_subscription_runs_out_and_dies_with_the_pbx(kamailio: MakeKamailio, loopback: Loopback) -> None:
    pbx = await kamailio(users=USERS, presence=True)
    async with Watcher(loopback, pbx, "6001") as watching:
        await watching.subscribe("6001", USERS["6001"], expires=1)
        assert (await watching.notify(2)).subscription == "terminated;reason=timeout"
        await watching.subscribe("6001", USERS["6001"], anew=True)
        await pbx.restart()
        assert (await watching.subscribe("6001", USERS["6001"]))[0].status == 481


def test_each_capture_is_whole_and_invented() -> None:
    paths = sorted(CAPTURES.glob("dialog-info-*/*-rx-NOTIFY.sip"))
    assert paths
    for path in paths:
        head, _, body = path.read_bytes().partition(b"\r\n\r\n")
        assert f"Content-Length: {len(body)}".encode() in head.split(b"\r\n"), path
        assert set(re.findall(rb"127(?:\.\d+){3}", head + body)) <= {
            b"127.0.0.%d" % host for host in (20, 30, 41, 42, 43, 50)
        }
        assert set(re.findall(rb"sip:\+(\d+)", body)) <= {b"4989123456", b"4930123456", b"4915112345678"}


def test_what_a_dialog_says_is_read() -> None:
    (notify, *_) = [one for one in captured("ring-group") if one.dialogs]
    (dialog,) = notify.dialogs
    assert isinstance(dialog, Dialog)
    assert (dialog.state, dialog.direction, _user(dialog.local)) == ("early", "recipient", "sip:201")
    assert captured("unreadable")[-1].whole == "unreadable"
