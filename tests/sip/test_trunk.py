"""A trunk facing a PBX, strangers and noise."""

import copy
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctibridge.sip import limits
from ctibridge.sip.events import Datagram, Hearing, LineChanged, RingEnd, RingEnded, RingStarted
from ctibridge.sip.hop import Hop, datagram
from ctibridge.sip.message import HeaderList, Headers, Request
from ctibridge.sip.settings import LineAccess, TrunkAccess, TrunkSettings
from ctibridge.sip.trunk import Trunk
from tests.sip import scripts
from tests.sip.network import Network
from tests.sip.registrar import Registrar
from tests.sip.scripts import HERE, PBX, facts, feed, request, responses, statuses


def state(trunk: Trunk) -> tuple[int, int, float | None, int]:
    """What noise may not change."""
    return len(trunk._ringings), trunk.in_flight, trunk.deadline, len(trunk._ringings._times._heap)


def test_a_call_from_the_first_to_the_last_message() -> None:
    trunk = scripts.trunk()
    rang = feed(trunk, request())
    assert isinstance(rang[0], RingStarted)
    assert (rang[0].trunk, rang[0].line) == ("pbx", "6001")
    assert (statuses(rang), trunk.transactions) == ([180], 1)
    ended = feed(trunk, request("CANCEL"), 1.0)
    assert facts(ended) == [RingEnded(rang[0].leg, RingEnd.CANCELLED)]
    assert statuses(ended) == [200, 487]
    assert feed(trunk, request("ACK"), 1.1) == []
    trunk.wake(7.0)
    assert (trunk.transactions, trunk.deadline) == (0, None)


def test_each_line_has_its_own_contact() -> None:
    trunk = scripts.trunk("6001", "6002")
    rang = feed(trunk, request(target="sip:t2@192.0.2.1:5066"))[0]
    assert isinstance(rang, RingStarted)
    assert rang.line == "6002"


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (request("OPTIONS"), [200]),
        (request("OPTIONS", target="sip:192.0.2.1:5066"), [200]),
        (request("OPTIONS", target="sip:scanner@192.0.2.1:5066"), [404]),
        (request(target="sip:6001@192.0.2.1:5066"), [404]),
        (request(target="sip:192.0.2.1:5066"), [404]),
        (request(target="http://192.0.2.1"), [416]),
        (request(target="nonsense"), [400]),
        (request(to="<sip:6001@pbx>;tag=x"), [481]),
        (request("CANCEL"), [481]),
        (request("BYE"), [481]),
        (request("NOTIFY"), [481]),
        (request("MESSAGE"), [405]),
        (request("invite"), [501]),
        (request("BREW"), [501]),
        (request("ACK"), []),
        (request(tag=""), [400]),
        (request("ACK", tag=""), []),
    ],
)
def test_what_is_no_call_gets_an_answer_and_no_fact(asked: Request, answer: list[int]) -> None:
    trunk = scripts.trunk()
    before = state(trunk)
    said = feed(trunk, asked)
    assert (statuses(said), facts(said)) == (answer, [])
    assert state(trunk) == before


@pytest.mark.parametrize("method", ["OPTIONS", "MESSAGE"])
def test_what_we_understand_is_said(method: str) -> None:
    (answer,) = responses(feed(scripts.trunk(), request(method)))
    assert answer.headers.need("allow") == "INVITE, ACK, CANCEL, OPTIONS, NOTIFY"


def test_the_same_question_gets_the_same_answer() -> None:
    trunk = scripts.trunk()
    asked = request(target="sip:scanner@192.0.2.1")
    assert feed(trunk, asked) == feed(trunk, asked)


@pytest.mark.parametrize("source", [("192.0.2.8", 5060), ("203.0.113.1", 5060), ("::1", 5060), ("not an address", 1)])
def test_a_stranger_hears_nothing_and_rings_nobody(source: tuple[str, int]) -> None:
    trunk = scripts.trunk()
    trunk.receive(bytes(request()), datagram(*source), 0.0)
    assert (trunk.drain(), trunk.strangers) == ([], 1)


@pytest.mark.parametrize("source", [("192.0.2.9", 40000), ("10.0.0.7", 1), ("2001:db8::7", 5060)])
def test_the_trunk_is_trusted_from_any_port_and_from_its_networks(source: tuple[str, int]) -> None:
    trunk = scripts.trunk(also_from=("10.0.0.0/28", "2001:db8::/64"))
    trunk.receive(bytes(request()), datagram(*source), 0.0)
    assert len(facts(trunk.drain())) == 1


def test_an_address_that_is_no_longer_the_registrars_becomes_a_stranger() -> None:
    trunk = scripts.trunk()
    assert statuses(feed(trunk, request("OPTIONS"))) == [200]
    trunk.reach((datagram("192.0.2.77", 5060),), frozenset({"192.0.2.77"}))
    assert feed(trunk, request("OPTIONS")) == []


@pytest.mark.parametrize("data", [b"", b"\r\n", b"\r\n\r\n", b"\0\0\0\0"])
def test_a_keep_alive_is_no_message(data: bytes) -> None:
    trunk = scripts.trunk()
    trunk.receive(data, PBX, 0.0)
    assert trunk.drain() == []


def test_a_response_that_answers_nothing_changes_nothing() -> None:
    trunk = scripts.trunk()
    trunk.start(0.0)
    trunk.drain()
    before = state(trunk)
    trunk.receive(b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP x;branch=z9hG4bKmine\r\nCSeq: 1 REGISTER\r\n\r\n", PBX, 0.0)
    assert (trunk.drain(), state(trunk)) == ([], before)


def test_stop_ends_what_rings_and_signs_off() -> None:
    trunk, registrar, network = facing()
    trunk.receive(bytes(request()), PBX, network.now)
    trunk.stop(network.now)
    said = trunk.drain()
    assert [fact.how for fact in facts(said) if isinstance(fact, RingEnded)] == [RingEnd.UNSEEN]
    assert 480 in statuses(said)
    assert any(b"Expires: 0" in each.data for each in said if isinstance(each, Datagram))
    assert registrar.asked


def facing(loss: float = 0.0, *lines: str, **changed: Any) -> tuple[Trunk, Registrar, Network]:
    """A trunk that has registered at a registrar."""
    trunk = scripts.trunk(*lines, **changed)
    registrar = Registrar({line: f"secret-{line}" for line in lines or ("6001",)})
    network = Network(loss, seed=7)
    network.join(HERE, trunk)
    network.join(PBX, registrar)
    trunk.start(0.0)
    network.run(1.0)
    return trunk, registrar, network


def test_a_trunk_registers_and_says_so() -> None:
    _, _, network = facing()
    changes = [fact for _, _, fact in network.facts if isinstance(fact, LineChanged)]
    assert [change.hearing for change in changes] == [Hearing.REGISTERING, Hearing.REGISTERED]


def test_ipv6_and_odd_line_names_make_sound_addresses() -> None:
    trunk = Trunk(
        TrunkSettings(name="pbx", registrar="sip:[2001:db8::9]", listen="[::]:5066"),
        TrunkAccess((LineAccess("a b@c", "a", "x"),)), ("2001:db8::1", 5066), scripts.counted(),
    )  # fmt: skip
    trunk.reach((datagram("2001:db8::9", 5060),), frozenset({"2001:db8::9"}))
    trunk.start(0.0)
    (asked,) = [each for each in trunk.drain() if isinstance(each, Datagram)]
    assert asked.data.startswith(b"REGISTER sip:[2001:db8::9] SIP/2.0\r\nVia: SIP/2.0/UDP [2001:db8::1]:5066;rport")
    assert b"\r\nTo: <sip:a%20b%40c@[2001:db8::9]>\r\n" in asked.data
    assert b"\r\nContact: <sip:t1@[2001:db8::1]:5066>;expires=120\r\n" in asked.data


@pytest.mark.parametrize(
    ("extra", "answer"),
    [
        ((("x-odd name", "y"), ("diversion", "x" * limits.LINE)), [180]),
        ((("p-asserted-identity", "x" * limits.LINE),), [180]),
    ],
)
def test_an_odd_line_beside_a_sound_transaction_costs_no_pop(extra: HeaderList, answer: list[int]) -> None:
    rang = feed(scripts.trunk(), request(extra=extra))
    assert isinstance(rang[0], RingStarted)
    assert statuses(rang) == answer


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ((b"Content-Length: 0", b"Content-Length: 7"), [400]),
        ((b"Content-Length: 0", b"Content-Length: seven"), [400]),
        ((b"SIP/2.0\r\n", b"SIP/3.0\r\n"), [505]),
        ((b"Max-Forwards", b"s: x\r\n" * limits.HEADERS + b"Max-Forwards"), [413]),
        ((b";tag=a", b";tag=a" + b" " * limits.LINE), []),
    ],
)
def test_a_request_that_cannot_be_taken_is_answered_where_it_can_be(
    change: tuple[bytes, bytes], answer: list[int]
) -> None:
    trunk = scripts.trunk()
    before = state(trunk)
    trunk.receive(bytes(request(extra=(("max-forwards", "70"),))).replace(*change, 1), PBX, 0.0)
    said = trunk.drain()
    assert (statuses(said), facts(said), state(trunk)) == (answer, [], before)


def test_unreachable_makes_all_lines_deaf() -> None:
    trunk = scripts.trunk("6001", "6002")
    trunk.unreachable("no name")
    assert [fact.hearing for fact in trunk.drain() if isinstance(fact, LineChanged)] == [Hearing.DEAF] * 2


def test_the_earliest_deadline_of_calls_and_lines_counts() -> None:
    trunk = scripts.trunk()
    deadlines = [trunk.deadline]
    feed(trunk, request(), 10.0)
    deadlines.append(trunk.deadline)
    trunk.start(10.0)
    deadlines.append(trunk.deadline)
    assert deadlines == [None, 11.0, 10.5]


class Pbx:
    """Rings 200 times, sends an INVITE until it hears 1xx and a CANCEL until it hears 200, as UDP demands."""

    def __init__(self) -> None:
        self.deadline: float | None = 0.0
        self._calls: dict[str, list[float]] = {}
        self._heard: set[tuple[str, int]] = set()
        self._out: list[Datagram] = []

    def receive(self, data: bytes, source: Hop, now: float) -> None:
        for answer in responses([Datagram(data, source)]):
            branch = answer.headers.need("via").partition("z9hG4bK")[2].partition(";")[0]
            self._heard.add((branch, answer.status))
            if answer.status >= 300:
                self._say(request("ACK", branch, call=branch))

    def wake(self, now: float) -> None:
        for number in range(200):
            begin, branch = number * 0.1, f"b{number}"
            for pause in (0.0, 0.5, 1.5, 3.5):
                if now == begin + pause and not {(branch, 180), (branch, 480)} & self._heard:
                    self._say(request(branch=branch, call=branch))
                if now == begin + 10.0 + pause and (branch, 180) in self._heard and (branch, 200) not in self._heard:
                    self._say(request("CANCEL", branch, call=branch))
        self.deadline = self._next(now)

    def _next(self, now: float) -> float | None:
        times = {n * 0.1 + at + pause for n in range(200) for at in (0.0, 10.0) for pause in (0.0, 0.5, 1.5, 3.5)}
        return min((time for time in times if time > now), default=None)

    def _say(self, asked: Request) -> None:
        self._out.append(Datagram(bytes(asked), datagram(*HERE)))

    def drain(self) -> list[Datagram]:
        out, self._out = self._out, []
        return out


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_with_15_percent_loss_both_ways_each_ringing_ends_once_and_nothing_is_left(seed: int) -> None:
    trunk = scripts.trunk()
    network = Network(0.15, seed)
    network.join(HERE, trunk)
    network.join(PBX, Pbx())
    network.run(400.0)
    started = [fact.leg for _, _, fact in network.facts if isinstance(fact, RingStarted)]
    ended = [fact.leg for _, _, fact in network.facts if isinstance(fact, RingEnded)]
    assert len(started) >= 199
    assert len(set(started)) == len(started)
    assert sorted(ended) == sorted(started)
    assert (len(trunk._ringings), trunk.deadline) == (0, None)


# -- noise -------------------------------------------------------------------------------------------------------------

SEEDS = [bytes(request(method)) for method in ("INVITE", "CANCEL", "ACK", "OPTIONS")]
SEEDS.append(b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\nCSeq: 1 REGISTER\r\nContact: <sip:a@b>\r\n\r\n")
ODD = st.sampled_from(
    [b"", b"\0", b"\r\n", b"\xff", b'"', b"<", b">", b";", b",", b":", b"%", b"\\", b"\r\n ", b"z" * 99]
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A sound message with a few pieces cut out and odd ones put in."""
    data = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        data = data[:start] + draw(ODD | st.binary(max_size=8)) + data[start + draw(st.integers(0, 12)) :]
    return data


@settings(max_examples=300)
@given(st.lists(st.binary(max_size=400) | mutated(), max_size=6), st.booleans())
def test_no_bytes_raise_and_all_that_they_start_ends(noise: list[bytes], registering: bool) -> None:
    # Invariant: whatever arrives, `receive` returns, says datagrams and facts, and after the longest timer all is gone.
    trunk = scripts.trunk()
    if registering:
        trunk.start(0.0)
    legs: list[str] = []
    for data in noise:
        trunk.receive(data, PBX, 0.0)
    legs += [fact.leg for fact in facts(trunk.drain()) if isinstance(fact, RingStarted)]
    for _ in range(200):
        deadline = trunk._ringings.deadline
        if deadline is None:
            break
        trunk._ringings.wake(deadline)
    assert (len(trunk._ringings), trunk._ringings.deadline) == (0, None)
    assert len(set(legs)) == len(legs)


@given(mutated())
def test_noise_neither_ends_nor_doubles_a_call_of_another_branch(noise: bytes) -> None:
    trunk = scripts.trunk()
    feed(trunk, request(branch="other"))
    trunk.receive(noise.replace(b"z9hG4bKother", b""), PBX, 0.5)
    ended = [fact for fact in facts(trunk.drain()) if isinstance(fact, RingEnded)]
    assert len(ended) <= len(trunk._ringings)
    assert trunk._ringings.again(scripts.read(request(branch="other"))[1])


def test_ten_thousand_mutations_with_a_seed() -> None:
    # Invariant: no exception, ever. The generator is plain and fast, to go where shrinking does not matter.
    dice = random.Random(42)
    trunk = scripts.trunk()
    for _ in range(10_000):
        data = bytearray(dice.choice(SEEDS))
        for _ in range(dice.randrange(1, 6)):
            data[dice.randrange(len(data))] = dice.choice(b'\r\n \t"<>;,:@%\\=\0\xff') if dice.random() < 0.7 else 65
        trunk.receive(bytes(data), PBX, 0.0)
        trunk.drain()


@pytest.mark.parametrize(
    "lines",
    [
        (("via", ""),),
        (("via", ","), ("via", "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1")),
        (("via", ",".join(["SIP/2.0/UDP a;branch=z9hG4bK1"] * 101)),),
        (),
    ],
    ids=["empty", "only a comma", "a hundred and one", "none"],
)
def test_a_request_without_a_way_back_is_dropped(lines: HeaderList) -> None:
    base = request()
    asked = Request("INVITE", base.uri, Headers((*lines, *base.headers.lines[1:])))
    trunk = scripts.trunk()
    before = copy.copy(state(trunk))
    assert feed(trunk, asked) == []
    assert state(trunk) == before
