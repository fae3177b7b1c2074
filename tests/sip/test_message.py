"""Requests and responses from bytes and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.sip import limits, message
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.message import Headers, Request, Response

START = b"INVITE sip:a@b SIP/2.0\r\n"
NAME = st.sampled_from(["via", "from", "call-id", "x-called-number", "www-authenticate", "subject"])
VALUE = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\n"), max_size=30).map(
    lambda text: text.strip(" \t")
)
HEADERS = st.lists(st.tuples(NAME, VALUE), max_size=8).map(lambda lines: Headers(tuple(lines)))
REASON = st.text("abcdefghij KLMNOP-/0123456789", max_size=20).map(str.strip)


def with_length(read: Request | Response) -> tuple[str, ...]:
    return tuple(value for name, value in read.headers.lines if name == "content-length")


def without_length(headers: Headers) -> Headers:
    return Headers(tuple(line for line in headers.lines if line[0] != "content-length"))


@given(HEADERS, st.binary(max_size=50))
def test_a_request_is_printed_and_read_again(headers: Headers, body: bytes) -> None:
    request = Request("INVITE", "sip:6001@192.0.2.1", headers, body)
    read = message.parse(bytes(request))
    assert isinstance(read, Request)
    assert with_length(read) == (str(len(body)),)
    assert Request(read.method, read.uri, without_length(read.headers), read.body) == request


@given(st.integers(100, 699), REASON, HEADERS, st.binary(max_size=50))
def test_a_response_is_printed_and_read_again(status: int, reason: str, headers: Headers, body: bytes) -> None:
    response = Response(status, reason, headers, body)
    read = message.parse(bytes(response))
    assert isinstance(read, Response)
    assert Response(read.status, read.reason, without_length(read.headers), read.body) == response


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda tail: START + tail + b"\r\n\r\n"))
def test_any_bytes_are_a_message_or_a_fault(data: bytes) -> None:
    try:
        read = message.parse(data)
    except RemoteFault:
        return
    message.parse(bytes(read))


@pytest.mark.parametrize(
    ("line", "header"),
    [
        (b"Subject: hello", ("subject", "hello")),
        (b"SUBJECT:hello", ("subject", "hello")),
        (b"s \t:\t hello \t", ("subject", "hello")),
        (b"i: 1@2", ("call-id", "1@2")),
        (b"X-Called-Number: +49", ("x-called-number", "+49")),
        (b"Subject:", ("subject", "")),
        (b"Subject: a\r\n b\r\n\t c", ("subject", "a b c")),
        ("Subject: Söhne".encode(), ("subject", "Söhne")),
        ("Subject: Söhne".encode("latin-1"), ("subject", "Söhne")),
        (b"Subject: a: b", ("subject", "a: b")),
        (b'To: "\\\x00"', ("to", '"\\\x00"')),
    ],
)
def test_a_header_line(line: bytes, header: tuple[str, str]) -> None:
    assert message.parse(START + line + b"\r\n\r\n").headers.lines == (header,)


def test_one_latin_1_line_does_not_turn_the_utf_8_of_the_others() -> None:
    read = message.parse(START + "f: Müller\r\n".encode() + "t: Söhne\r\n\r\n".encode("latin-1"))
    assert read.headers.lines == (("from", "Müller"), ("to", "Söhne"))


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 400),
        (b"\r\n\r\n", 400),
        (b"\0", 400),
        (START, 400),
        (START.replace(b"\r\n", b"\n") + b"\n", 400),
        (START + b"From: a\rb\r\n\r\n", 400),
        (START + b"v: a\nb\r\n\r\n", 400),
        (START + b"v: a\nb" + b" " * limits.LINE + b"\r\n\r\n", 413),
        (START + b" folded from the start line\r\n\r\n", 400),
        (b"INVITE  sip:a@b SIP/2.0\r\n\r\n", 400),
        (b"INVITE sip:a@b\r\n\r\n", 400),
        (b"INV\xc3\xa4TE sip:a@b SIP/2.0\r\n\r\n", 400),
        (b"INVITE sip:a@b SIP/3.0\r\n\r\n", 505),
        (b"INVITE  sip:a@b  SIP/3.0 \r\n\r\n", 505),
        (b"INVITE sip:a@b  SIP/2.0\r\n\r\n", 400),
        (b"INVITE sip:a@b SIP/2.0 \r\n\r\n", 400),
        (b"INVITE sip:a@b; lr SIP/2.0\r\n\r\n", 400),
        (b"INVITE  SIP/2.0\r\n\r\n", 400),
        (b"INVITE SIP/2.0\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"SIP/2.0 99 Early\r\n\r\n", 400),
        (b"SIP/2.0 700 Late\r\n\r\n", 400),
        (b"SIP/2.0 +200 OK\r\n\r\n", 400),
        (b"SIP/2.0 0200 OK\r\n\r\n", 400),
        (b"SIP/2.0 20 OK\r\n\r\n", 400),
        (b"SIP/3.0 200 OK\r\n\r\n", 400),
        (START + b"v: SIP/2.0/UDP a\r\n" * (limits.VALUES + 1) + b"\r\n", 400),
        (START + b"l: 5\r\n\r\nabc", 400),
        (START + b"l: -1\r\n\r\nabc", 400),
        (START + b"l: 3\r\nl: 2\r\n\r\nabc", 400),
        (START + b"l: 99999\r\n\r\nabc", 400),
        (START + b"l:\r\n\r\nabc", 400),
        (START + b"l: 3, 3\r\n\r\nabc", 400),
        (START + b"l: 3\nl: 2\r\n\r\nabc", 400),
        (START + b"l: " + b"0" * limits.LINE + b"\r\n\r\nabc", 400),
    ],
)
def test_what_is_no_message(data: bytes, status: int) -> None:
    with pytest.raises(RemoteFault) as fault:
        message.parse(data)
    assert fault.value.status == status


@pytest.mark.parametrize(
    "odd",
    [
        b"no colon",
        b": no name",
        b"two words: x",
        b"X-\xff\xfe: y",
        "\u212a: 100rel".encode(),  # the Kelvin sign, whose small letter is k
        b"Via\0: x",
        b"(comment): x",
        b"Subject: a\rb",
        b"Subject: a\nb",
        b"x" * (limits.NAME + 1) + b": y",
        b"P-Asserted-Identity: " + b"x" * limits.LINE,
        b"Diversion:" + b"\r\n x" * limits.LINE,
    ],
)
def test_a_line_that_cannot_be_read_costs_itself_and_not_the_call(odd: bytes) -> None:
    read = message.parse(START + b"f: a\r\n" + odd + b"\r\nt: b\r\n\r\n")
    assert read.headers.lines == (("from", "a"), ("to", "b"))


IANA = {
    "a": "accept-contact", "b": "referred-by", "c": "content-type", "d": "request-disposition", "e": "content-encoding",
    "f": "from", "i": "call-id", "j": "reject-contact", "k": "supported", "l": "content-length", "m": "contact",
    "n": "identity-info", "o": "event", "r": "refer-to", "s": "subject", "t": "to", "u": "allow-events", "v": "via",
    "x": "session-expires", "y": "identity",
}  # fmt: skip
"""The compact forms that IANA has registered."""


@pytest.mark.parametrize(("compact", "name"), IANA.items())
def test_a_compact_form_in_any_case_is_its_long_form(compact: str, name: str) -> None:
    read = message.parse(START + f"{compact}: 0\r\n{compact.upper()} : 0\r\n{name.upper()}: 0\r\n\r\n".encode())
    assert read.headers.lines == ((name, "0"),) * 3


def test_a_message_in_bare_line_feeds_is_none_because_another_hop_may_read_other_headers_in_it() -> None:
    with pytest.raises(RemoteFault) as fault:
        message.parse((START + b"f: a\r\nt: b\r\n\r\n").replace(b"\r\n", b"\n"))
    assert not isinstance(fault.value, message.Refused)


@pytest.mark.parametrize("half", [b"\n", b"\r", b"\n\n", b"\r\r", b"\n\r"])
def test_no_header_can_be_smuggled_in_behind_half_a_line_end(half: bytes) -> None:
    read = message.parse(START + b"f: a\r\ns: x" + half + b"P-Asserted-Identity: <sip:boss@b>\r\nt: b\r\n\r\n")
    assert read.headers.lines == (("from", "a"), ("to", "b"))


def test_the_parts_of_a_body_are_not_read_so_nothing_nests() -> None:
    inner = START + b"f: inner\r\n\r\n"
    body = b"--x\r\nContent-Type: multipart/mixed;boundary=x\r\n\r\n" * 50 + inner
    read = message.parse(START + b"c: multipart/mixed;boundary=x\r\n\r\n" + body)
    assert (read.headers.each_line("from"), read.body) == ([], body)


@pytest.mark.parametrize(
    ("lines", "length"),
    [((), None), (("3",), 3), (("3", "03"), 3), (("65535",), limits.MESSAGE)],
)
def test_the_stated_length(lines: tuple[str, ...], length: int | None) -> None:
    assert message.stated_length(Headers(tuple(("content-length", line) for line in lines))) == length


@pytest.mark.parametrize("lines", [("65536",), ("3", "4"), ("3", ""), ("-3",), ("1_0",), ("٣",), ("9" * 5000,)])
def test_a_length_that_is_none(lines: tuple[str, ...]) -> None:
    with pytest.raises(RemoteFault):
        message.stated_length(Headers(tuple(("content-length", line) for line in lines)))


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (START + b"f: a\r\nl: 5\r\n\r\nabc", 400),
        (START + b"f: a\r\nl: 3\n\r\n\r\nabc", 400),
        (START.replace(b" sip", b"  sip") + b"f: a\r\n\r\n", 400),
        (START.replace(b"2.0", b"3.0") + b"f: a\r\nl: 5\r\n\r\n", 505),
        (START + b"f: a\r\n" + b"s: x\r\n" * limits.HEADERS + b"\r\n", 413),
        (START.replace(b"2.0", b"3.0") + b"f: a\r\n\r\n", 505),
    ],
)
def test_a_fault_brings_what_could_be_read_so_that_it_can_be_answered(data: bytes, status: int) -> None:
    with pytest.raises(message.Refused) as fault:
        message.parse(data)
    assert (fault.value.status, fault.value.request.headers.first("from")) == (status, "a")


@pytest.mark.parametrize(
    ("tail", "body"),
    [
        (b"\r\nabc", b"abc"),
        (b"l: 2\r\n\r\nabc", b"ab"),
        (b"Content-Length:   3\r\nl: 3\r\n\r\nabc", b"abc"),
        (b"l: 0\r\n\r\n\r\n\r\n", b""),
    ],
)
def test_the_body_is_as_long_as_it_says(tail: bytes, body: bytes) -> None:
    assert message.parse(START + tail).body == body


def test_empty_lines_before_the_start_are_a_keep_alive_that_came_too_close() -> None:
    assert isinstance(message.parse(b"\r\n\r\n" + START + b"\r\n"), Request)


@pytest.mark.parametrize("data", [b"SIP/2.0 200 OK\r\n\r\n", b"sip/2.0 200 OK\r\n\r\n", b"SIP/2.0 200\r\n\r\n"])
def test_a_response_in_any_case_and_without_a_reason(data: bytes) -> None:
    read = message.parse(data)
    assert isinstance(read, Response)
    assert read.status == 200


def test_headers_by_name() -> None:
    headers = Headers((("via", "a, b"), ("to", "x"), ("via", "c")))
    assert headers.first("via") == "a, b"
    assert headers.first("from") is None
    assert headers.all("via") == ["a", "b", "c"]
    assert headers.each_line("via") == ["a, b", "c"]
    assert headers.all("from") == headers.each_line("from") == []
    assert headers.need("to") == "x"


@pytest.mark.parametrize("name", ["via", "from"])
def test_a_needed_header_stands_there_once(name: str) -> None:
    with pytest.raises(RemoteFault):
        Headers((("via", "a"), ("via", "b"))).need(name)


def test_many_lines_do_not_pass_the_limit_of_values_either() -> None:
    lines = tuple(("contact", ",".join(["<sip:a@b>"] * 60)) for _ in range(2))
    with pytest.raises(RemoteFault):
        Headers(lines).all("contact")
    assert len(lines) * 60 > limits.VALUES


def test_what_was_handed_out_cannot_change_the_headers() -> None:
    headers = Headers((("via", "a"),))
    headers.each_line("via").append("b")
    assert headers.each_line("via") == ["a"]


@pytest.mark.parametrize(
    ("name", "spelling"),
    [("call-id", "Call-ID"), ("cseq", "CSeq"), ("www-authenticate", "WWW-Authenticate"), ("x-key", "X-Key")],
)
def test_spelling(name: str, spelling: str) -> None:
    assert message.spelled(name) == spelling


def test_print_shows_nobody() -> None:
    request = Request("INVITE", "sip:secret@b", Headers((("from", "secret"),)), b"secret")
    assert "secret" not in repr(request)
