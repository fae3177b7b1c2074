"""RFC 4475: every message, as an observer meets it."""

import pytest

from ctibridge.sip import message, name_addr, transaction, uri
from ctibridge.sip.grammar import split_list
from ctibridge.sip.message import Request, Response
from tests.sip.torture import notation, verdict
from tests.sip.torture.verdict import SILENCE, Aimed, Stream, Vector

POPS, REFUSED = Aimed.POPS, Aimed.REFUSED

# fmt: off
VALID = (
    Vector("wsinv", "3.1.1.1", True, 481, "sound; its To tag names a dialog that we do not have (12.2.2)", REFUSED),
    Vector("intmeth", "3.1.1.2", True, 501, "sound; nobody knows the method (8.2.1, 21.5.2)"),
    Vector("esc01", "3.1.1.3", True, 404, "sound; %40 in a user part is no @ (19.1.2)", POPS),
    Vector("escnull", "3.1.1.4", True, 405, "sound; we are no registrar (8.2.1)"),
    Vector("esc02", "3.1.1.5", True, 501, "% is a plain character of a method, a header name and a quoted string"),
    Vector("lwsdisp", "3.1.1.6", True, 404, "a name may touch the bracket (25.1)"),
    Vector("longreq", "3.1.1.7", True, 404, "all lengths are within our limits; no branch at all is RFC 2543", POPS),
    Vector("dblreq", "3.1.1.8", True, 405, "what follows Content-Length in a datagram is ignored (18.3)",
           stream=Stream.TWO),
    Vector("semiuri", "3.1.1.9", True, 404, "a user part may hold semicolons (19.1.1)"),
    Vector("transports", "3.1.1.10", True, 404, "only the topmost Via is ours to understand (18.2.1)"),
    Vector("mpart01", "3.1.1.11", True, 405, "the body is bytes, with NULs; MESSAGE is known and not allowed (8.2.1)"),
    Vector("unreason", "3.1.1.12", True, SILENCE, "a response that answers nothing of ours (17.1.3)"),
    Vector("noreason", "3.1.1.13", True, SILENCE, "the reason may be empty (7.2)"),
)

INVALID = (
    Vector("badinv01", "3.1.2.1", False, 400, "Via has empty parts: the transaction is not sound (25.1)", REFUSED),
    Vector("clerr", "3.1.2.2", False, 400, "a datagram that ends before its body does (18.3)", REFUSED, Stream.WAITS),
    Vector("ncl", "3.1.2.3", False, 400, "a length is never negative (20.14)", REFUSED, Stream.LOST),
    Vector("scalar02", "3.1.2.4", False, 400, "CSeq is 2**31 or more (8.1.1.5)"),
    Vector("scalarlg", "3.1.2.5", False, SILENCE, "a CSeq that cannot be ours answers nothing of ours (17.1.3)"),
    Vector("quotbal", "3.1.2.6", True, 404, "on purpose no 400: a name is odd, the transaction is sound", POPS),
    Vector("ltgtruri", "3.1.2.7", False, 400, "brackets are no part of a Request-URI (7.1)"),
    Vector("lwsruri", "3.1.2.8", False, 400, "no space in a Request-URI (7.1)"),
    Vector("lwsstart", "3.1.2.9", False, 400, "single spaces in a request line (7.1)", REFUSED),
    Vector("trws", "3.1.2.10", False, 400, "nothing between version and line end (7.1)"),
    Vector("escruri", "3.1.2.11", False, 400, "a Request-URI has no headers (19.1.1)"),
    Vector("baddate", "3.1.2.12", True, 404, "on purpose no 400: nobody here reads Date", POPS),
    Vector("regbadct", "3.1.2.13", True, 405, "on purpose no 400: a REGISTER is not for us, whatever its Contact"),
    Vector("badaspec", "3.1.2.14", True, 404, "on purpose no 400: spaces within the brackets of To change nothing"),
    Vector("baddn", "3.1.2.15", True, 404, "on purpose no 400: PBXs forget to quote names that have commas"),
    Vector("badvers", "3.1.2.16", False, 505, "another version of SIP (8.2.6, 21.5.6)"),
    Vector("mismatch01", "3.1.2.17", False, 400, "CSeq names another method (8.1.1.5)"),
    Vector("mismatch02", "3.1.2.18", False, 400, "the same; the RFC takes 400 and 501"),
    Vector("bigcode", "3.1.2.19", False, SILENCE, "a status of ten digits is no response, and nobody answers one"),
)

LAYERS = (
    Vector("badbranch", "3.2.1", True, 404, "a cookie with nothing behind it: as a peer of RFC 2543 (17.2.3)"),
    Vector("insuf", "3.3.1", False, 400, "no From, To and Call-ID (8.1.1)", REFUSED),
    Vector("unkscm", "3.3.2", True, 416, "a scheme that nobody knows (8.2.2.1)"),
    Vector("novelsc", "3.3.3", True, 416, "a scheme that others know (8.2.2.1)"),
    Vector("unksm2", "3.3.4", True, 405, "From and To may be of any scheme (8.2.2.1); we are no registrar"),
    Vector("bext01", "3.3.5", True, 420, "Require is not ours; Proxy-Require is the proxies' (8.2.2.3)"),
    Vector("invut", "3.3.6", True, 404, "no contact of ours; at ours it pops, and gets 415 (8.2.3)",
           Aimed.POPS_AND_REFUSED),
    Vector("regaut01", "3.3.7", True, 405, "we are no registrar; the scheme is not looked at (22.3)"),
    Vector("multi01", "3.3.8", False, 400, "From, To, Call-ID and CSeq stand there once (7.3.1)", REFUSED),
    Vector("mcl01", "3.3.9", False, 400, "two lengths are none (20.14)", stream=Stream.LOST),
    Vector("bcast", "3.3.10", True, SILENCE, "answers nothing of ours; no response is ever passed on (18.1.2)"),
    Vector("zeromf", "3.3.11", True, 404, "it has arrived: 483 is for who would pass it on (16.3, 11)"),
    Vector("cparam01", "3.3.12", True, 405, "we are no registrar (8.2.1)"),
    Vector("cparam02", "3.3.13", True, 405, "the same"),
    Vector("regescrt", "3.3.14", True, 405, "the same; a Contact may have headers (19.1.1)"),
    Vector("sdp01", "3.3.15", True, 404, "on purpose no 406: we send no body that Accept could refuse", POPS),
    Vector("inv2543", "3.4.1", True, 404, "a peer of RFC 2543: no From tag is a null tag (12.1.1)", POPS, Stream.LOST),
)
# fmt: on
ALL = (*VALID, *INVALID, *LAYERS)


def read(name: str) -> bytes:
    return notation.read("rfc4475", name)


def request(name: str) -> Request:
    parsed = message.parse(read(name))
    assert isinstance(parsed, Request)
    return parsed


def test_every_message_has_its_row() -> None:
    assert sorted(row.name for row in ALL) == notation.names("rfc4475")


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


def test_wsinv_is_read_as_if_it_were_not_folded_at_all() -> None:
    asked = request("wsinv")
    caller = name_addr.parse(asked.headers.need("from"))
    assert (caller.display_name, caller.uri, caller.tag) == ('J Rosenberg \\"', "sip:jdrosen@example.com", "98asjd8")
    assert name_addr.tag_of(asked.headers.need("to")) == "1918181833n"
    sound = transaction.read(asked)
    assert (sound.cseq.number, sound.via.transport, sound.via.branch) == (9, "UDP", "390skdjuw")
    assert len(asked.headers.all("via")) == 3
    assert asked.headers.need("subject") == ""
    assert asked.headers.need("unknownheaderwithunusualvalue") == ";;,,;;,;"
    (contact,) = map(name_addr.parse, asked.headers.all("contact"))
    assert contact.display_name == 'Quoted string ""'
    assert contact.params == {"newparam": "newvalue", "secondparam": None, "q": "0.33"}


def test_intmeth_keeps_every_odd_character() -> None:
    asked = request("intmeth")
    assert asked.method == "!interesting-Method0123456789_*+`.%indeed'~"
    target = uri.parse(asked.uri)
    assert (target.user, target.host) == ("1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/", "example.com")
    caller = name_addr.parse(asked.headers.need("from"))
    assert caller.display_name == "token1~` token2'+_ token3*%!.-"
    assert caller.params == {"fromparam''~+*_!.-%": "работающий", "tag": "_token~1'+`*%!-."}
    assert name_addr.parse(asked.headers.need("to")).display_name == "BEL:\x07 NUL:\x00 DEL:\x7f"
    assert asked.headers.need("extensionheader-!.%*+_`'~") == "\ufeff大停電"
    assert asked.headers.need("call-id") == "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{"


def test_escapes_are_resolved_once_and_only_where_they_are_escapes() -> None:
    assert uri.parse(request("esc01").uri).user == "sips:user@example.com"
    assert uri.parse(request("esc01").headers.need("to")).user == "user"
    contacts = [name_addr.parse(each) for each in request("escnull").headers.all("contact")]
    assert [uri.parse(contact.uri).user for contact in contacts] == ["\0", "\0\0"]
    esc02 = request("esc02")
    assert name_addr.parse(esc02.headers.need("to")).display_name == "%Z%45"
    assert [name_addr.parse(each).uri for each in esc02.headers.all("contact")] == [
        "sip:alias1@host1.example.com", "sip:alias3@host3.example.com",
    ]  # fmt: skip


def test_a_long_request_is_kept_whole() -> None:
    asked = request("longreq")
    assert len(asked.headers.all("via")) == 34
    assert len(asked.headers.lines) == 43
    assert transaction.read(asked).from_tag == "12" + "982" * 50 + "424"


def test_the_second_message_of_a_datagram_is_not_there() -> None:
    asked = request("dblreq")
    assert (asked.method, asked.body) == ("REGISTER", b"")


def test_a_multipart_body_is_kept_byte_by_byte() -> None:
    body = request("mpart01").body
    assert len(body) == 553
    assert body.count(b"--7a9cbec02ceef655") == 3
    assert b"\0" in body


def test_an_unusual_reason_is_read_and_an_empty_one_is_none() -> None:
    unreason, noreason = message.parse(read("unreason")), message.parse(read("noreason"))
    assert isinstance(unreason, Response)
    assert isinstance(noreason, Response)
    assert unreason.reason == "= 2**3 * 5**2 но сто девяносто девять - простое"
    assert (noreason.status, noreason.reason) == (100, "")


def test_an_unquoted_name_with_a_comma_is_one_address() -> None:
    caller = name_addr.parse(request("baddn").headers.need("from"))
    assert (caller.display_name, caller.tag) == ("Bell, Alexander", "43")


def test_what_nobody_supports_is_named_in_the_answer() -> None:
    required = request("bext01").headers.all("require")
    assert required == split_list("nothingSupportsThis, nothingSupportsThisEither")
