"""Several receivers, and what a reload makes of them."""

from pathlib import Path
from urllib.parse import parse_qs

import pytest

from ctibridge.delivery import encode
from tests.delivery.adapters.hooked import hooked, sequences, settings, taken
from tests.delivery.examples import call, ended
from tests.delivery.kept_examples import pop_data
from tests.peers.process import until
from tests.peers.receiver import Reply, receiver

pytestmark = pytest.mark.usefixtures("short_waits")


async def test_one_receiver_that_hangs_does_not_hold_up_the_other(tmp_path: Path) -> None:
    async with receiver() as slow, receiver() as quick:
        slow.otherwise = Reply(end="hang")
        async with hooked(tmp_path, settings(slow.url, "slow", timeout=0.2), settings(quick.url, "quick")) as one:
            one.tell(1, 20)
            await until(lambda: sequences(taken(quick)) == list(range(1, 21)), "all at the quick one")
            assert one.webhooks.running["slow"].webhook.behind == 20
            slow.let_go()


async def test_what_is_changed_goes_on_where_it_stood_and_the_rest_does_not_notice(tmp_path: Path) -> None:
    async with (
        receiver() as before,
        receiver() as behind,
        receiver() as other,
        hooked(tmp_path, settings(before.url), settings(other.url, "other")) as one,
    ):
        one.tell(1, 3)
        await until(lambda: len(before.came) == len(other.came) == 3, "three at both")
        untouched = one.webhooks.running["other"].webhook
        one.retune(settings(behind.url), settings(other.url, "other"))
        one.tell(4, 5)
        await until(lambda: sequences(taken(behind)) == [4, 5], "the rest at the new place")
        await until(lambda: sequences(taken(other)) == [1, 2, 3, 4, 5], "all at the other")
        assert one.webhooks.running["other"].webhook is untouched
        assert len(before.came) == 3


async def test_an_authority_that_is_none_is_said_and_costs_that_one_alone(tmp_path: Path) -> None:
    async with receiver() as to:
        wrong = settings("https://127.0.0.1:9/hook", "wrong", ca_file=str(tmp_path / "absent.pem"))
        async with hooked(tmp_path, settings(to.url)) as one:
            one.retune(wrong, settings(to.url))
            await until(lambda: "webhook wrong" in one.remarks, "a remark")
            one.tell(1, 1)
            await until(lambda: sequences(taken(to)) == [1], "it goes on")
            one.retune(settings(to.url))
            one.tell(2, 2)
            await until(lambda: sequences(taken(to)) == [1, 2], "it goes on")


async def test_zammad_hears_a_call_of_two_desks_once_and_after_a_restart_goes_on(tmp_path: Path) -> None:
    async with receiver() as to:
        hook = settings(to.url, format="zammad", secret=None)
        ring = {"kind": "call.ringing", "call": call().id, "data": pop_data()}
        over = {"call": call().id, "data": encode.call_data(ended(call()))}
        async with hooked(tmp_path, hook) as one:
            one.tell(1, 1, "ana", **ring)
            one.tell(1, 1, "ben", **ring)
            await until(lambda: len(to.came) == 1 and one.webhooks.running["tool"].webhook.behind == 0, "a call")
        to.replies(Reply(503), Reply(503))
        async with hooked(tmp_path, hook) as one:
            one.tell(2, 2, "ana", **over)
            one.tell(2, 2, "ben", **over)
            await until(lambda: len(to.came) == 4, "the hangup, three times", 15)
            await until(lambda: one.webhooks.running["tool"].webhook.behind == 0, "all said")
    assert [parse_qs(body.decode())["event"] for body in to.bodies] == [["newCall"], *[["hangup"]] * 3]
    assert "webhook-id" not in to.came[0].headers
