"""Who is signed in, and which of an agent's connections rings."""

import json
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from ctibridge.delivery.close_code import CloseCode
from ctibridge.delivery.outputs import Close, Output, Ping, Send
from ctibridge.delivery.session import PING_EVERY, first_ping
from ctibridge.delivery.sessions import BACK_PER_SECOND, Sessions
from ctibridge.delivery.tokens import Kind, Refusal, Token
from ctibridge.domain.moment import Moment
from tests.delivery import examples as ex

REVOKED = Refusal(CloseCode.TOKEN_REFUSED, "the token is revoked")


class House:
    """Connections with what each of them was told of ringing."""

    def __init__(self) -> None:
        self.outputs: list[Output] = []
        self.sessions = Sessions(self.outputs)
        self.leads: dict[int, bool] = {}
        self.clock = 0.0

    def check(self, number: int, *, rings: bool = True, resumes: bool = False) -> None:
        now = Moment(ex.AT, 0.0)
        self.sessions.connected(number, now)
        session = self.sessions.get(number)
        assert session is not None
        resume = {"resume": {"epoch": "e", "sequence": 4}} if resumes else {}
        session.receive(json.dumps({"type": "auth", "token": "t", "rings": rings, **resume}), 0.0)
        self.sessions.settle(session)
        self.outputs.clear()

    def sign_in(self, number: int, agent: str = "ana", *, rings: bool = True, resumes: bool = False) -> None:
        self.check(number, rings=rings, resumes=resumes)
        token = Token(f"t{number}", Kind.DESK, agent, ex.AT, ex.AT + timedelta(hours=1))
        session = self.sessions.admit(number, token, agent, Moment(ex.AT, 0.0))
        assert session is not None
        self.sessions.settle(session)
        self.leads[number] = self.sessions.rings(session)

    def settle(self) -> list[int]:
        """The connections that ring now."""
        for output in self.outputs:
            if isinstance(output, Close):
                self.leads.pop(output.session, None)
            elif isinstance(output, Send):
                self.leads[output.session] = json.loads(output.frame)["data"]["rings"]
        self.outputs.clear()
        return [number for number, leads in self.leads.items() if leads]

    def gone(self, number: int) -> None:
        self.sessions.gone(number)
        self.leads.pop(number, None)


def test_the_first_that_can_ring_rings() -> None:
    house = House()
    house.sign_in(1, rings=False)
    assert house.settle() == []
    house.sign_in(2)
    house.sign_in(3)
    house.sign_in(4, "ben")
    assert house.settle() == [2, 4]


def test_when_the_one_that_rings_goes_the_next_is_told() -> None:
    house = House()
    for number, rings in ((1, True), (2, False), (3, True), (4, True)):
        house.sign_in(number, rings=rings)
    house.gone(1)
    assert house.settle() == [3]
    house.sessions.refuse(3, REVOKED)
    assert house.settle() == [4]
    house.gone(4)
    assert house.settle() == []
    house.sign_in(5)
    assert house.settle() == [5]


def test_a_page_that_comes_back_rings_though_what_it_left_is_not_seen_to_be_dead_yet() -> None:
    """After a change of network nobody rang for up to 60 s: the dead connection led on."""
    house = House()
    house.sign_in(1)
    house.sign_in(2, rings=False, resumes=True)
    assert house.settle() == [1], "a screen that cannot ring takes nothing over"
    house.sign_in(3, resumes=True)
    assert house.settle() == [3]
    house.sign_in(4)
    assert house.settle() == [3], "a second screen does not make the sound jump"
    house.gone(1)
    assert (house.outputs, house.settle()) == ([], [3])
    house.gone(3)
    assert house.settle() == [4]


def test_nobody_is_told_of_ringing_when_another_goes() -> None:
    house = House()
    for number in (1, 2, 3):
        house.sign_in(number)
    house.gone(2)
    assert house.outputs == []


@given(
    st.lists(
        st.one_of(
            st.tuples(st.sampled_from(["in", "back"]), st.sampled_from(["ana", "ben"]), st.booleans()),
            st.tuples(st.sampled_from(["gone", "refused", "wrong"]), st.integers(0, 9), st.just(None)),
        ),
        max_size=30,
    )
)
def test_never_two_and_never_none_where_one_could(story: list[tuple[str, str | int, bool | None]]) -> None:
    house, of = House(), dict[int, tuple[str, bool]]()
    for number, (what, who, rings) in enumerate(story):
        if what in ("in", "back"):
            house.sign_in(number, str(who), rings=bool(rings), resumes=what == "back")
            of[number] = (str(who), bool(rings))
        elif of:
            leaver = sorted(of)[int(who) % len(of)]
            del of[leaver]
            if what == "gone":
                house.gone(leaver)
            elif what == "refused":
                house.sessions.refuse(leaver, REVOKED)
            else:
                for _ in range(3):
                    house.sessions.wrong(leaver, "bad_message", "no")
                house.outputs[:] = [one for one in house.outputs if b'"error"' not in getattr(one, "frame", b"")]
        ringing = [of[number][0] for number in house.settle()]
        assert sorted(ringing) == sorted({agent for agent, can in of.values() if can})


def test_what_is_sent_to_an_agent_reaches_his_signed_in_connections() -> None:
    house = House()
    house.sign_in(1)
    house.sign_in(2, "ben")
    house.check(3)
    house.sign_in(4)
    house.sessions.send("ana", b"x")
    assert house.outputs == [Send(1, b"x"), Send(4, b"x")]
    assert [house.sessions.listens(agent) for agent in ("ana", "ben", "cleo")] == [True, True, False]
    assert [house.sessions.live_one(number) is not None for number in (1, 3, 9)] == [True, False, False]


def test_a_revoked_connection_hears_nothing_more_and_is_forgotten() -> None:
    house = House()
    house.sign_in(1)
    house.sessions.refuse(1, REVOKED)
    house.sessions.refuse(1, REVOKED)
    house.sessions.refuse(99, REVOKED)
    house.sessions.send("ana", b"x")
    assert house.outputs == [Close(1, CloseCode.TOKEN_REFUSED, "the token is revoked")]
    assert (list(house.sessions.live()), house.sessions.listens("ana"), house.sessions.get(1)) == ([], False, None)
    assert house.sessions.deadline is None


def test_a_verdict_is_for_who_waits_for_one() -> None:
    house = House()
    token = Token("t1", Kind.DESK, "ana", ex.AT)
    house.sessions.connected(1, Moment(ex.AT, 0.0))
    assert house.sessions.admit(1, token, "ana", Moment(ex.AT, 0.0)) is None, "it has not said who it is"
    house.sign_in(2)
    assert house.sessions.admit(2, token, "ben", Moment(ex.AT, 0.0)) is None, "it has one"
    assert house.sessions.admit(3, token, "ana", Moment(ex.AT, 0.0)) is None, "it has gone"
    assert [agent for _, _, agent in house.sessions.live()] == ["ana"]


def test_ten_thousand_desks_are_asked_back_within_half_a_minute_and_never_all_at_once() -> None:
    house = House()
    now = Moment(ex.AT, 0.0)
    for number in range(10_000):
        house.sessions.connected(number, now)
    house.sessions.close_all(CloseCode.RESTART, "restart")
    reasons = [output.reason for output in house.outputs if isinstance(output, Close)]
    seconds = [int(reason.removeprefix("restart; retry in ").removesuffix(" s")) for reason in reasons]
    assert len(seconds) == 10_000
    assert max(seconds.count(one) for one in set(seconds)) == BACK_PER_SECOND
    assert (min(seconds), max(seconds)) == (1, 25)
    assert house.sessions.deadline is None


def test_time_ends_what_does_not_sign_in_and_pings_the_others() -> None:
    house = House()
    house.sign_in(1)
    house.outputs.clear()
    house.sessions.connected(2, Moment(ex.AT, 0.0))
    assert house.sessions.deadline == first_ping(1)
    house.sessions.tick(Moment(ex.AT, first_ping(1)))
    assert house.sessions.deadline == 5.0
    house.sessions.tick(Moment(ex.AT, 5.0))
    assert [type(output).__name__ for output in house.outputs] == ["Ping", "Close"]
    assert house.sessions.get(2) is None
    assert house.sessions.deadline == first_ping(1) + PING_EVERY


def test_ten_thousand_that_came_in_one_moment_are_not_pinged_in_one() -> None:
    """All their pings were due in one turn of the loop, 262 ms long, every twenty seconds."""
    house = House()
    for number in range(10_000):
        house.sign_in(number, f"agent{number}")
    for _ in range(2):
        pinged = []
        for tenth in range(int(PING_EVERY * 10)):
            house.outputs.clear()
            house.sessions.tick(Moment(ex.AT, house.clock + (tenth + 1) / 10))
            pinged.append(sum(isinstance(output, Ping) for output in house.outputs))
        assert sum(pinged) == 10_000
        assert max(pinged) < 100
        house.clock += PING_EVERY


def test_connections_are_counted_with_those_that_are_signed_in_and_their_agents() -> None:
    house = House()
    house.check(1)
    house.sign_in(2)
    house.sign_in(3)
    house.sign_in(4, "ben")
    assert house.sessions.connections == (4, 3, 2)
    house.sessions.gone(2)
    house.sessions.gone(4)
    assert house.sessions.connections == (2, 1, 1)
