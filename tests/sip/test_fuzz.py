"""Invariant: whatever bytes arrive, only RemoteFault leaves the readers and nothing is raised by the trunk; a message
costs at most its answers, which go back where it came from; and no call of another transaction ends or changes.

`make test` tries some thousands of messages, CTIBRIDGE_FUZZ=1000000 (`make soak`) as many as it says. What is found is
kept in `torture/seeds`, and is among the messages that everything begins with.
"""

import os
from collections.abc import Iterator
from contextlib import suppress

import pytest

from ctibridge.sip import acceptance, cseq, digest, identity, limits, message, name_addr, reason, transaction, uri, via
from ctibridge.sip.digest import Credentials
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.events import Datagram, RingEnded, RingStarted
from ctibridge.sip.framing import Framing, FramingFault
from ctibridge.sip.message import Headers, Request, Response
from ctibridge.sip.trunk import Trunk
from tests.sip import scripts
from tests.sip.scripts import PBX, request
from tests.sip.torture import mutator
from tests.sip.torture.mutator import Mutator

MESSAGES = int(os.environ.get("CTIBRIDGE_FUZZ", "20000"))
TARGETS = 4
SEED = 4475
ORDER = ("P-Asserted-Identity", "Remote-Party-ID", "From")
CALLED = ("Request-URI", "To", "Diversion", "History-Info", "X-Called-Number")
MOST_ANSWERS = 2
"""A CANCEL is answered 200, and its INVITE 487; everything else is answered once."""
CALLS = 500
"""Messages for one trunk, until it has to be empty again."""
CHALLENGES = (
    b'Digest realm="r", nonce="n", algorithm=SHA-256, qop="auth,auth-int", opaque="o", stale=TRUE',
    b'Digest username="u", realm="r", nonce="n", uri="sip:r", response="x", algorithm=MD5, cnonce="c", nc=0000000a',
    b'Digest realm="a\\"b", nonce=n, qop=auth',
)  # fmt: skip


def messages(seed: int, number: int = MESSAGES // TARGETS) -> Iterator[tuple[Mutator, bytes]]:
    made = Mutator(SEED + seed)
    return ((made, made.message()) for _ in range(number))


def read_all(headers: Headers) -> None:
    """Every reader of a header, on every line: the fault of one is no reason to leave out the next."""
    for _, value in headers.lines:
        for read in (
            name_addr.parse, name_addr.tag_of, uri.parse, via.parse, cseq.parse, digest.read_answer,
            lambda text: digest.strongest([text], proxy=False), lambda text: reason.completed_elsewhere([text]),
        ):  # fmt: skip
            with suppress(RemoteFault):
                read(value)
    for name in {name for name, _ in headers.lines}:
        with suppress(RemoteFault):
            headers.all(name)


def test_a_message_is_read_and_printed_or_it_is_a_fault() -> None:
    for _, data in messages(1):
        try:
            read = message.parse(data)
        except RemoteFault:
            continue
        if not has_room(bytes(read)):
            continue
        again = message.parse(bytes(read))
        assert type(again) is type(read)
        assert again.body == read.body
        assert without_length(again.headers) == without_length(read.headers)


def has_room(data: bytes) -> bool:
    """Not past a limit: what is printed is longer than what was read, by long names, a length, a tag."""
    head = data.partition(b"\r\n\r\n")[0].split(b"\r\n")
    return len(data) <= limits.MESSAGE and len(head) <= limits.HEADERS and max(map(len, head)) <= limits.LINE


def without_length(headers: Headers) -> list[tuple[str, str]]:
    return [line for line in headers.lines if line[0] != "content-length"]


def test_how_a_stream_is_cut_on_its_way_changes_nothing() -> None:
    for made, data in messages(2):
        whole, cut = Framing(), Framing()
        at_once = said(whole, [data])
        assert said(cut, made.pieces(data)) == at_once
        assert whole.is_half is cut.is_half


def said(framing: Framing, pieces: list[bytes]) -> list[object]:
    found = [each for piece in pieces for each in framing.feed(piece)]
    return [each.status if isinstance(each, FramingFault) else each for each in found]


def test_every_reader_of_a_header_reads_or_refuses() -> None:
    made = Mutator(SEED)
    who = Credentials("u", "p")
    for _, data in messages(3):
        with suppress(RemoteFault):
            read = message.parse(data)
            read_all(read.headers)
            identity.caller(read.headers, ORDER)
            if isinstance(read, Request):
                identity.called(read.headers, read.uri, CALLED)
                transaction.read(read)
                acceptance.check(read)
                acceptance.refusal(read)
        line = made.vary(CHALLENGES).decode("latin-1")
        challenge = digest.strongest([line], proxy=False)
        with suppress(RemoteFault):
            digest.read_answer(line)
        if challenge is not None:
            digest.answer(challenge, who, "REGISTER", "sip:r", "c", 1)


def test_a_trunk_answers_and_forgets() -> None:
    legs: set[str] = set()
    trunk, left = busy(), CALLS
    for _, data in messages(4):
        feed(trunk, data, legs)
        left -= 1
        if not left:
            all_ends(trunk)
            trunk, left, legs = busy(), CALLS, set()
    all_ends(trunk)


def busy() -> Trunk:
    """A trunk on which one call rings, whose branch no message knows."""
    trunk = scripts.trunk()
    scripts.feed(trunk, request(branch="nobody-knows", call="nobody-knows"))
    return trunk


def feed(trunk: Trunk, data: bytes, legs: set[str]) -> None:
    """legs: those that rang before."""
    trunk.receive(data, PBX, 0.0)
    out = trunk.drain()
    answers = [each for each in out if isinstance(each, Datagram)]
    assert len(answers) <= MOST_ANSWERS
    for each in answers:
        assert each.data.startswith(b"SIP/2.0 ")
        assert not has_room(each.data) or isinstance(message.parse(each.data), Response)
        assert each.to.host == PBX.host
    started = [each.leg for each in out if isinstance(each, RingStarted)]
    assert len(started) <= 1
    assert not legs & set(started)
    legs.update(started)
    assert {each.leg for each in out if isinstance(each, RingEnded)} <= legs


def all_ends(trunk: Trunk) -> None:
    """The call that rang before still does; then every timer runs out, and nothing is left."""
    ours = request("CANCEL", "nobody-knows", call="nobody-knows")
    assert scripts.statuses(scripts.feed(trunk, ours, 0.5)) == [200, 487]
    for _ in range(100_000):
        deadline = trunk.deadline
        if deadline is None:
            break
        trunk.wake(deadline)
        trunk.drain()
    assert trunk.deadline is None


def test_the_mutator_gives_the_same_messages_for_the_same_seed_and_reaches_calls() -> None:
    once, again = ([data for _, data in messages(9, 300)] for _ in range(2))
    assert once == again
    assert len(set(once)) > 250
    trunk = scripts.trunk()
    for data in once:
        trunk.receive(data, PBX, 0.0)
    assert any(isinstance(each, RingStarted) for each in trunk.drain())


@pytest.mark.parametrize("finding", mutator.findings())
def test_what_was_found_once_is_harmless_now(finding: str) -> None:
    everything(mutator.findings()[finding])


def everything(data: bytes) -> None:
    """All of the above with one message; what atheris calls (`tests/fuzz`)."""
    trunk = busy()
    feed(trunk, data, set())
    all_ends(trunk)
    said(Framing(), [data])
    with suppress(RemoteFault):
        read_all(message.parse(data).headers)
