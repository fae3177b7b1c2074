"""Our own requests on their way."""

import pytest

from ctibridge.sip import message
from ctibridge.sip.events import Datagram
from ctibridge.sip.hop import Hop, Transport, datagram
from ctibridge.sip.message import Headers, Request, Response
from ctibridge.sip.requests import Requests
from ctibridge.sip.transaction import reply
from tests.sip.scripts import HERE, PBX, counted

TCP = Hop(Transport.TCP, "192.0.2.9", 5060)


def asked(method: str = "REGISTER", number: int = 1) -> Request:
    lines = (("from", "<sip:a@x>;tag=a"), ("to", "<sip:a@x>"), ("call-id", "c"), ("cseq", f"{number} {method}"))
    return Request(method, "sip:x", Headers(lines), b"body")


def answered(sent: Datagram, status: int) -> Response:
    request = message.parse(sent.data)
    assert isinstance(request, Request)
    return reply(request, status, datagram(*HERE), "pbx")


def test_the_via_goes_on_top_and_the_rest_stays() -> None:
    sent = Requests[str](counted()).send("a", asked(), TCP, HERE, 0.0)
    request = message.parse(sent.data)
    assert isinstance(request, Request)
    assert request.headers.lines[0] == ("via", "SIP/2.0/TCP 192.0.2.1:5066;rport;branch=z9hG4bKt1")
    assert (request.body, sent.to) == (b"body", TCP)


def test_the_final_response_ends_it_and_says_whose_it_was() -> None:
    requests = Requests[str](counted())
    sent = requests.send("a", asked(), PBX, HERE, 0.0)
    assert requests.receive(answered(sent, 100)) is None
    assert requests.receive(answered(sent, 200)) == ("a", PBX)
    assert requests.receive(answered(sent, 200)) is None
    assert (len(requests), requests.deadline) == (0, None)


def test_a_response_to_another_method_of_that_branch_is_none_of_ours() -> None:
    requests = Requests[str](counted())
    sent = requests.send("a", asked(), PBX, HERE, 0.0)
    right = answered(sent, 200)
    lines = tuple((name, "1 CANCEL" if name == "cseq" else value) for name, value in right.headers.lines)
    assert requests.receive(Response(200, "OK", Headers(lines))) is None
    assert len(requests) == 1


@pytest.mark.parametrize(("hop", "sendings"), [(PBX, 11), (TCP, 1)])
def test_datagrams_are_sent_again_for_32_seconds_streams_never(hop: Hop, sendings: int) -> None:
    requests = Requests[str](counted())
    sent, now = [requests.send("a", asked(), hop, HERE, 0.0)], 0.0
    silent: list[tuple[str, Hop]] = []
    while (deadline := requests.deadline) is not None:
        now = deadline
        again, ended = requests.wake(now)
        sent, silent = sent + again, silent + ended
    assert (len(sent), silent, now) == (sendings, [("a", hop)], 32.0)


def test_a_connection_that_breaks_takes_along_what_was_on_it() -> None:
    requests = Requests[str](counted())
    requests.send("a", asked(), TCP, HERE, 0.0)
    requests.send("b", asked(), PBX, HERE, 0.0)
    assert requests.broken(Hop(Transport.TCP, "192.0.2.9", 5060, 7)) == ["a"]
    assert requests.abandon() == ["b"]
    assert (len(requests), requests.deadline) == (0, None)


def test_a_response_with_a_second_via_is_somebody_elses() -> None:
    requests = Requests[str](counted())
    right = answered(requests.send("a", asked(), PBX, HERE, 0.0), 200)
    strange = Response(200, "OK", Headers((*right.headers.lines, ("via", "SIP/2.0/UDP elsewhere;branch=z9hG4bKx"))))
    assert requests.receive(strange) is None
    assert requests.receive(right) == ("a", PBX)


def test_who_is_dropped_is_not_answered_and_who_is_renamed_by_his_new_name() -> None:
    requests = Requests[str](counted())
    one, other = (requests.send(who, asked(), PBX, HERE, 0.0) for who in ("a", "b"))
    requests.drop(lambda who: who == "a")
    requests.rename(lambda who: who.upper())
    assert len(requests) == 1
    assert requests.receive(answered(one, 200)) is None
    assert requests.receive(answered(other, 200)) == ("B", PBX)
    assert requests.deadline is None
