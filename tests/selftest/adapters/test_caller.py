"""The caller on real sockets, at a PBX that follows a script."""

import asyncio

import pytest

from ctibridge.selftest.adapters.caller import Plan, aor, calling
from ctibridge.selftest.adapters.news import News
from ctibridge.selftest.timeline import Cast, Stopped, Timeline
from ctibridge.sip.outgoing import CallEnd
from ctibridge.sip.settings import SelftestSettings, TrunkSettings
from tests.selftest.adapters.scripted_pbx import ScriptedPbx, over_tcp, over_udp

MARK = "ctibridge selftest a1b2c3"
TEST = SelftestSettings("60@99", "+4930")


def plan(pbx: ScriptedPbx | int, transport: str = "udp", host: str = "127.0.0.1") -> Plan:
    port = pbx if isinstance(pbx, int) else pbx.port
    listen = "[::1]:0" if ":" in host else "127.0.0.1:0"
    trunk = TrunkSettings("pbx", f"sip:{host}:{port};transport={transport}", domain="pbx.test", listen=listen)
    return Plan(trunk, TEST, None, MARK)


def made() -> Timeline:
    return Timeline(Cast("we", "ana"))


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
async def test_it_dials_and_takes_back(host: str) -> None:
    timeline, news = made(), News()
    async with over_udp(host.strip("[]"), INVITE=[100, 180], CANCEL=[200]) as pbx:
        async with calling(plan(pbx, host=host), timeline, news) as caller:
            assert await news.until(lambda: timeline.ringing is not None, 5)
            caller.hang_up()
            assert await news.until(lambda: caller.over, 5)
        assert [each for each in pbx.methods() if each != "ACK"] == ["INVITE", "CANCEL"]
        invite = pbx.heard[0]
    assert invite.uri == "sip:+4930@pbx.test"
    assert invite.headers.need("from").startswith(f'"{MARK}" <sip:60%4099@pbx.test>;tag=')
    assert (timeline.ended, timeline.cast.pbx) == (CallEnd.CANCELLED, "scripted")
    assert timeline.to.endswith("over UDP")


async def test_over_tcp_the_connection_stands_first() -> None:
    timeline, news = made(), News()
    async with over_tcp("127.0.0.1", INVITE=[180, 200], BYE=[200]) as pbx:
        async with calling(plan(pbx, "tcp"), timeline, news) as caller:
            assert await news.until(lambda: timeline.picked_up is not None, 5)
            caller.hang_up()
            assert await news.until(lambda: caller.over, 5)
        assert pbx.methods() == ["INVITE", "ACK", "BYE"]
        assert ";transport=tcp" in pbx.heard[0].headers.need("contact")
    assert timeline.ended is CallEnd.HUNG_UP_HERE


async def test_who_is_interrupted_leaves_no_phone_ringing() -> None:
    timeline, news = made(), News()

    async def interrupted(pbx: ScriptedPbx) -> None:
        async with calling(plan(pbx), timeline, news):
            await asyncio.Event().wait()

    async with over_udp("127.0.0.1", INVITE=[180], CANCEL=[200]) as pbx:
        running = asyncio.create_task(interrupted(pbx))
        assert await news.until(lambda: timeline.ringing is not None, 5)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert "CANCEL" in pbx.methods()


async def test_there_is_no_way() -> None:
    async with over_udp("127.0.0.1") as taken:
        free = taken.port
    with pytest.raises(Stopped, match="does not listen at port"):
        async with calling(plan(free, "tcp"), made(), News()):
            pass
    nowhere = TrunkSettings("pbx", "sip:nowhere.invalid:5060", listen="127.0.0.1:0")
    with pytest.raises(Stopped, match=r"nowhere\.invalid has no address"):
        async with calling(Plan(nowhere, TEST, None, MARK), made(), News()):
            pass
    foreign = TrunkSettings("pbx", "sip:127.0.0.1:5060", listen="192.0.2.77:0")
    with pytest.raises(Stopped, match="no route"):
        async with calling(Plan(foreign, TEST, None, MARK), made(), News()):
            pass


def test_no_password_stands_where_a_plan_is_shown() -> None:
    assert "geheim" not in repr(Plan(plan(5060).trunk, TEST, "geheim", MARK))


def test_an_address_of_record_is_escaped() -> None:
    trunk = TrunkSettings("pbx", "sip:[2001:db8::9]", listen="[::]:5066")
    assert aor(trunk, "a b@c") == "sip:a%20b%40c@[2001:db8::9]"
