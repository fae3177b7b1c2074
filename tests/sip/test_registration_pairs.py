"""One line facing a registrar, and one facing a registrar that says whatever it likes; both on virtual time."""

import hashlib
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ctibridge.sip import message
from ctibridge.sip.digest import Credentials
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.faults import REFUSED_PAUSE
from ctibridge.sip.hop import datagram
from ctibridge.sip.message import Headers, Request, Response
from ctibridge.sip.registration import (
    MOVE_PAUSE,
    Due,
    Failed,
    Left,
    Registered,
    Registration,
    Say,
    Send,
    State,
)  # fmt: skip
from tests.sip.registering import CONTACT, ELSEWHERE, INSTANCE, new
from tests.sip.registrar import Registrar

HERE = datagram("192.0.2.1", 5066)
MOST_A_MINUTE = 150
"""Requests of one line, at the worst registrar that we could think of: it grants the shortest time we take (27 tries
a minute), and two proxies and an ever stale nonce use up all answers of each try. Chance alone finds fewer than 40."""
Answers = Callable[[Request, float], Response]


class Facing:
    """A line and what answers it, until some time. said: all but requests; asked: each request and when."""

    def __init__(self, line: Registration, answers: Answers) -> None:
        self.line = line
        self.answers = answers
        self.now = 0.0
        self.said: list[Say] = []
        self.asked: list[tuple[float, Request]] = []

    def start(self) -> None:
        self.hear(self.line.start(self.now))

    def run(self, until: float) -> None:
        """Each answer comes at once, each turn as soon as it is due."""
        while (deadline := self.line.deadline) is not None and deadline <= until:
            self.now = max(self.now, deadline)
            self.hear(self.line.wake(self.now))
        self.now = until

    def hear(self, said: list[Say]) -> None:
        waiting = list(said)
        while waiting:
            word = waiting.pop(0)
            if isinstance(word, Send):
                self.asked.append((self.now, word.request))
                waiting += self._answered(self.answers(word.request, self.now))
                continue
            self.said.append(word)
            if isinstance(word, Due):
                waiting += self.line.start(self.now)

    def _answered(self, response: Response) -> list[Say]:
        try:
            return self.line.receive(response, self.now)
        except RemoteFault:
            return self.line.silent(self.now)


def through(registrar: Registrar) -> Answers:
    def answers(asked: Request, now: float) -> Response:
        lines = (("via", f"SIP/2.0/UDP {HERE.host}:{HERE.port};branch=z9hG4bKx"), *asked.headers.lines)
        registrar.receive(bytes(Request(asked.method, asked.uri, Headers(lines))), HERE, now)
        (only,) = registrar.drain()
        response = message.parse(only.data)
        assert isinstance(response, Response)
        return response

    return answers


def facing(registrar: Registrar, **changed: Any) -> Facing:
    pair = Facing(new(**changed), through(registrar))
    pair.start()
    return pair


def of(**changed: Any) -> Registrar:
    return Registrar({"6001": "secret"}, **changed)


# -- the password ------------------------------------------------------------------------------------------------------

KNOWN = ["MD5", "SHA-256", "MD5-sess", "SHA-256-sess"]
if "sha512_256" in hashlib.algorithms_available:
    KNOWN += ["SHA-512-256", "SHA-512-256-sess"]


@pytest.mark.parametrize("algorithm", KNOWN)
def test_each_algorithm_proves_the_password_for_a_day_with_a_count_that_rises(algorithm: str) -> None:
    registrar = of(algorithm=algorithm, grant=600)
    pair = facing(registrar)
    pair.run(86_400.0)
    assert pair.line.holds
    assert {used for used, _, _ in registrar.proved} == {algorithm}
    assert [int(nc, 16) for _, _, nc in registrar.proved] == list(range(1, len(registrar.proved) + 1))
    assert len(registrar.asked) == len(registrar.proved) + 1, "one round trip for each refresh"


@pytest.mark.parametrize("in_one_line", [True, False])
@pytest.mark.parametrize("order", [("MD5", "SHA-256"), ("SHA-256", "MD5"), ("token", "SHA-256", "MD5-sess")])
def test_the_strongest_challenge_wins_in_whatever_order_and_however_many_lines(
    order: tuple[str, ...], in_one_line: bool
) -> None:
    registrar = of(algorithms=order, in_one_line=in_one_line)
    assert facing(registrar).line.holds
    assert [used for used, _, _ in registrar.proved] == ["SHA-256"]


def test_a_registrar_below_the_minimum_gets_no_answer() -> None:
    registrar = of(algorithms=("MD5", "MD5-sess"))
    pair = facing(registrar, credentials=Credentials("6001", "secret", "SHA-256"))
    assert pair.said == [Failed("registrar asks for a digest weaker than SHA-256 (digest_minimum)", refused=True)]
    assert all(asked.headers.first("authorization") is None for _, asked in pair.asked)


def test_the_next_nonce_is_used_by_the_next_request_and_counted_from_1() -> None:
    registrar = of(renews=True)
    pair = facing(registrar)
    pair.run(1000.0)
    assert [(nonce, nc) for _, nonce, nc in registrar.proved][:3] == [
        ("n1", "00000001"), ("turn1", "00000001"), ("turn2", "00000001")
    ]  # fmt: skip
    assert len(registrar.asked) == len(registrar.proved) + 1


def test_a_registrar_that_takes_each_nonce_once_and_never_says_stale_is_no_wrong_password() -> None:
    registrar = of(one_time=True)
    pair = facing(registrar)
    pair.run(3600.0)
    assert [word for word in pair.said if isinstance(word, Failed)] == []
    assert registrar.wrong == []


def test_a_wrong_password_reaches_the_registrar_at_most_every_ten_minutes() -> None:
    """fail2ban: five within ten minutes, by default."""
    registrar = of()
    pair = facing(registrar, credentials=Credentials("6001", "wrong"))
    pair.run(86_400.0)
    times = [at for at, _ in registrar.wrong]
    assert len(times) > 20
    assert min(later - at for at, later in pairwise(times)) >= REFUSED_PAUSE
    assert all(word.password for word in pair.said if isinstance(word, Failed))


def test_a_password_that_is_changed_at_the_pbx_costs_two_failures_and_comes_back_by_itself() -> None:
    registrar = of()
    pair = facing(registrar)
    registrar.passwords["6001"] = "changed"
    pair.run(300.0)
    assert len(registrar.wrong) == 1
    registrar.passwords["6001"] = "secret"
    pair.run(800.0)
    assert pair.line.holds


def test_a_realm_that_is_renamed_costs_one_round_trip() -> None:
    registrar = of()
    pair = facing(registrar)
    registrar.realm, registrar.nonce = "renamed", "n2"
    pair.run(91.0)
    assert [word for word in pair.said if isinstance(word, Failed)] == []
    assert len(registrar.asked) == 4


# -- contacts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outbound", [None, True, False])
@pytest.mark.parametrize("limit", [1, 10])
@pytest.mark.parametrize("strict", [True, False])
def test_a_contact_that_moves_leaves_nothing_behind(outbound: bool | None, limit: int, strict: bool) -> None:
    registrar = of(outbound=outbound, contacts=limit, strict=strict)
    pair = facing(registrar, instance=INSTANCE)
    assert registrar.of("6001", 0.0) == [CONTACT]
    pair.hear(pair.line.move(ELSEWHERE, 0.0))
    assert registrar.of("6001", 0.0) == [ELSEWHERE]
    pair.run(1000.0)
    assert registrar.of("6001", 1000.0) == [ELSEWHERE]
    assert [word for word in pair.said if isinstance(word, Failed)] == []
    pair.hear(pair.line.leave(1000.0))
    assert registrar.of("6001", 1000.0) == []
    assert registrar.doubled == 0


def test_behind_a_nat_that_the_registrar_shows_our_contact_is_ours_and_the_phone_is_the_other() -> None:
    registrar = of(shows="203.0.113.7:40000")
    registrar.put("6001")
    assert Registered(120, 1) in facing(registrar).said


def test_a_first_hop_without_outbound_costs_one_request_and_only_once() -> None:
    registrar = of(outbound=False)
    pair = facing(registrar, instance=INSTANCE)
    pair.run(200.0)
    assert len(registrar.asked) == 3 + 2
    assert pair.line.holds


# -- whatever a registrar says -----------------------------------------------------------------------------------------

TEXTS = st.sampled_from([
    'Digest realm="a", nonce="n1"', 'Digest realm="a", nonce="n2", qop="auth"',
    'Digest realm="b", nonce="n3", stale=true',
    'Digest realm="a", nonce="n4", algorithm=SHA-256, qop="auth", stale=true', 'Basic realm="x"', "Digest", "",
    'Digest realm="c", nonce="n5", algorithm=MD5-sess, qop="auth,auth-int"',
    'Basic realm="x", Digest realm="a", nonce="z"',
    'Digest realm="a", nonce="' + "n" * 2000 + '"', "Digest " + "a," * 200, 'Digest realm="a\\"b", nonce="\\\\"',
])  # fmt: skip
NUMBERS = st.sampled_from(["", "0", "1", "2", "3", "30", "120", "300", "9999999999", "-1", "soon", "1_0", "٣"])
LINE = st.one_of(
    st.tuples(st.sampled_from(["www-authenticate", "proxy-authenticate"]), TEXTS),
    st.tuples(st.sampled_from(["expires", "min-expires", "retry-after", "flow-timer"]), NUMBERS),
    st.tuples(st.just("contact"), NUMBERS.map(lambda text: f"<{CONTACT}>;expires={text}")),
    st.tuples(
        st.sampled_from(["contact", "service-route", "require", "authentication-info"]),
        st.sampled_from([
            "<sip:6001@192.0.2.50>", "*", "<", "outbound", 'nextnonce="next"', "a," * 200, f"<{ELSEWHERE}>;expires=60",
        ]),
    ),
)  # fmt: skip
STATUS = st.sampled_from([100, 200, 200, 200, 302, 401, 401, 407, 403, 404, 408, 423, 439, 480, 500, 503, 600, 603])
ANSWER = st.builds(
    lambda status, lines: Response(status, "", Headers(tuple(lines))), STATUS, st.lists(LINE, max_size=5)
)


def said(status: int, name: str, text: str) -> Response:
    return Response(status, "", Headers(((name, text),)))


WORST = [
    said(200, "contact", f"<{CONTACT}>;expires=3"),
    said(407, "proxy-authenticate", 'Digest realm="a", nonce="1", stale=true'),
    said(407, "proxy-authenticate", 'Digest realm="b", nonce="2", stale=true'),
    said(401, "www-authenticate", 'Digest realm="c", nonce="3", stale=true'),
    said(401, "www-authenticate", 'Digest realm="c", nonce="4", stale=true'),
]


@example(WORST, [], False)
@given(st.lists(ANSWER, min_size=1, max_size=8), st.lists(st.floats(0, 300), max_size=4), st.booleans())
def test_whatever_is_answered_the_line_asks_soberly_and_for_ever(
    script: list[Response], moves: list[float], instance: bool
) -> None:
    """The script is answered again and again. No more than MOST_A_MINUTE requests in any minute, each with a Contact,
    none with Basic; nothing is raised but RemoteFault; there is always a next time until it has left."""
    asked = 0

    def answers(request: Request, now: float) -> Response:
        nonlocal asked
        asked += 1
        return script[asked % len(script)]

    pair = Facing(new(instance=INSTANCE if instance else None), answers)
    pair.start()
    for turn, at in enumerate(sorted(moves)):
        pair.run(at)
        assert pair.line.deadline is not None
        pair.hear(pair.line.move(f"sip:token@203.0.113.{turn}:5066", at))
    pair.run(400.0)
    assert pair.line.deadline is not None
    times = [at for at, _ in pair.asked]
    assert all(times[index + MOST_A_MINUTE] - at >= 60 for index, at in enumerate(times[:-MOST_A_MINUTE]))
    for _, request in pair.asked:
        assert request.headers.first("contact")
        for name in ("authorization", "proxy-authorization"):
            assert all(value.startswith("Digest ") for value in request.headers.each_line(name))
    pair.hear(pair.line.leave(400.0))
    pair.run(400.0 + 2 * MOVE_PAUSE + 40)
    assert pair.line.state is State.IDLE
    assert Left() in pair.said
