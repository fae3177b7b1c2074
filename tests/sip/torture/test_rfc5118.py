"""RFC 5118: every message with IPv6 in it."""

import pytest

from ctibridge.sip import message, transaction, uri
from ctibridge.sip.message import Request
from tests.sip.torture import notation, verdict
from tests.sip.torture.verdict import Aimed, Stream, Vector

# fmt: off
ALL = (
    Vector("ipv6-good", "4.1", True, 405, "sound; we are no registrar (8.2.1)"),
    Vector("ipv6-bad", "4.2", False, 400, "an IPv6 address stands in brackets (25.1)"),
    Vector("port-ambiguous", "4.3", True, 405, "sound, and 5070 is no port here; we are no registrar"),
    Vector("port-unambiguous", "4.4", True, 405, "sound, and 5070 is the port; we are no registrar"),
    Vector("via-received-param-with-delim", "4.5", True, 481, "brackets in `received` are tolerated; no such dialog"),
    Vector("via-received-param-no-delim", "4.5", True, 200, "this is how the grammar has it"),
    Vector("ipv6-in-sdp", "4.6", False, 400, "as printed it states 268 octets and has 251 (18.3); mended below",
           Aimed.REFUSED, Stream.WAITS),
    Vector("mult-ip-in-header", "4.7", True, 481, "only the topmost Via matters to us; no such dialog"),
    Vector("mult-ip-in-sdp", "4.8", True, 404, "as printed it states 181 octets and has 189: cut (18.3)",
           Aimed.POPS, Stream.REST),
    Vector("ipv4-mapped-ipv6", "4.9", True, 404, "as printed it states 236 octets and has 245: cut (18.3)",
           Aimed.POPS, Stream.REST),
    Vector("ipv6-bug-abnf-3-colons", "4.10", True, 404, "RFC 3261's grammar asks for it, so it is tolerated"),
    Vector("ipv6-correct-abnf-2-colons", "4.10", True, 404, "as RFC 3986 has it"),
)
# fmt: on


def read(name: str) -> bytes:
    return notation.read("rfc5118", name)


def request(name: str) -> Request:
    parsed = message.parse(read(name))
    assert isinstance(parsed, Request)
    return parsed


def test_every_message_has_its_row() -> None:
    assert sorted(row.name for row in ALL) == notation.names("rfc5118")


@pytest.mark.parametrize("vector", verdict.parameters(ALL))
def test_it_is_read_or_refused(vector: Vector) -> None:
    verdict.check_reading(read(vector.name), vector)


@pytest.mark.parametrize("vector", verdict.parameters(ALL))
def test_it_gets_its_answer_and_changes_nothing(vector: Vector) -> None:
    verdict.check_trunk(read(vector.name), vector.answer)


@pytest.mark.parametrize("vector", verdict.parameters(tuple(row for row in ALL if row.aimed)))
def test_an_invite_to_our_contact_pops_where_its_transaction_is_sound(vector: Vector) -> None:
    verdict.check_aimed(read(vector.name), vector)


@pytest.mark.parametrize("vector", ALL, ids=str)
def test_a_connection_is_cut_where_the_length_says(vector: Vector) -> None:
    verdict.check_stream(read(vector.name), vector.stream)


@pytest.mark.parametrize("name", ["ipv6-in-sdp", "mult-ip-in-sdp", "ipv4-mapped-ipv6"])
def test_with_the_length_that_it_has_it_is_sound(name: str) -> None:
    head, _, body = read(name).partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")]
    mended = b"\r\n".join([*lines, b"Content-Length: %d" % len(body), b"", body])
    vector = Vector(name, "4", True, 404, "no contact of ours", Aimed.POPS)
    verdict.check_reading(mended, vector)
    verdict.check_trunk(mended, vector.answer)
    verdict.check_aimed(mended, vector)
    verdict.check_stream(mended, vector.stream)


def test_brackets_decide_what_is_the_port() -> None:
    ambiguous, clear = uri.parse(request("port-ambiguous").uri), uri.parse(request("port-unambiguous").uri)
    assert (ambiguous.host, ambiguous.port) == ("2001:db8::10:5070", None)
    assert (clear.host, clear.port) == ("2001:db8::10", 5070)


def test_the_topmost_via_is_read_whatever_family_the_others_have() -> None:
    top = transaction.top_via(request("mult-ip-in-header").headers)
    assert (top.host, top.port) == ("2001:db8::9:1", 6050)
    mapped = transaction.top_via(request("ipv4-mapped-ipv6").headers)
    assert (mapped.host, mapped.port) == ("::ffff:192.0.2.10", 19823)


@pytest.mark.parametrize("name", ["with", "no"])
def test_a_received_parameter_is_read_with_brackets_and_without(name: str) -> None:
    top = transaction.top_via(request(f"via-received-param-{name}-delim").headers)
    assert (top.params["received"] or "").strip("[]") == "2001:db8::9:255"
