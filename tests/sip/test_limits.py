"""Limits that fit together, and what a message costs that is as large as they allow."""

from collections.abc import Callable
from contextlib import suppress
from time import process_time

import pytest

from ctibridge.sip import digest, grammar, limits, message, name_addr, reason, uri, via
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.events import RingStarted
from ctibridge.sip.identity import LONGEST_NAME
from tests.sip import scripts

HEAD = b"OPTIONS sip:a@b SIP/2.0\r\n"
SECOND = 1.0
"""Far more than any of these takes in linear time (about a millisecond), far less than quadratic time needs."""


def test_what_one_line_may_be_fits_into_a_message() -> None:
    assert limits.LINE < limits.MESSAGE


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (HEAD + b"x" * limits.MESSAGE, 413),
        (HEAD + b"From: " + b"x" * limits.LINE + b"\r\n\r\n", 413),
        (HEAD + b"From:\r\n" + b" x\r\n" * limits.LINE + b"\r\n", 413),
        (HEAD + b"s:\r\n" * (limits.HEADERS + 1) + b"\r\n", 413),
    ],
    ids=["message", "line", "folded line", "header lines"],
)
def test_what_is_past_a_limit_is_refused(data: bytes, status: int) -> None:
    with pytest.raises(RemoteFault) as fault:
        message.parse(data)
    assert fault.value.status == status


def test_who_calls_with_a_name_of_10_kb_calls() -> None:
    trunk = scripts.trunk()
    named = bytes(scripts.request()).replace(b"From: ", b'From: "' + b"A" * 10_240 + b'" ', 1)
    trunk.receive(named, scripts.PBX, 0.0)
    rang = trunk.drain()[0]
    assert isinstance(rang, RingStarted)
    assert rang.identity.display_name == "A" * LONGEST_NAME


@pytest.mark.parametrize(
    "filler",
    [b"<", b'"', b'\\"', b";", b"; tag", b",", b"a=", b" ", b"\t", b"%", b":", b"@", b'";', b"(", b"<>", b'="'],
)
def test_reading_a_whole_message_of_one_odd_thing_takes_linear_time(filler: bytes) -> None:
    trunk = scripts.trunk()
    line = filler * ((limits.LINE - 20) // len(filler))
    heads = [b"Via", b"From", b"To", b"CSeq", b"P-Asserted-Identity", b"Contact", b"Diversion"]
    start = process_time()
    for head in heads:
        sound = bytes(scripts.request()).replace(b"\r\n\r\n", b"\r\n" + head + b": " + line + b"\r\n\r\n", 1)
        trunk.receive(sound, scripts.PBX, 0.0)
    assert process_time() - start < SECOND


FILLERS = [
    "<", ">", "<>", '"', '\\"', '"\\', "\\", ";", "; tag", "; tag=",
    ";a=b", ';a="b"', ';a="\\"', '";', '="', ",", "a,", "a=",
    " ", "\t", "a ", "%", "%41", ":", "@", "(", "?", "[", "[:",
]  # fmt: skip
READERS: dict[str, tuple[str, Callable[[str], object]]] = {
    "list": ("", grammar.split_list),
    "parameters": (";a", grammar.parameters),
    "quoted parameter": (';a="', grammar.parameters),
    "end of a quoted string": ('"', lambda text: grammar.end_of_quoted(text, 0)),
    "quoted string": ('"', grammar.unquote),
    "without quoted strings": ("", grammar.without_quoted),
    "empty part": ("a;b", grammar.has_empty_part),
    "address": ("", name_addr.parse),
    "behind an address": ("<sip:a@b>;x=", name_addr.parse),
    "tag": ("<sip:a@b>;x=", name_addr.tag_of),
    "tag of nothing": ("", name_addr.tag_of),
    "URI": ("sip:", uri.parse),
    "host": ("sip:a@", uri.parse),
    "tel": ("tel:", uri.parse),
    "Via": ("SIP/2.0/UDP a", via.parse),
    "parameters of Via": ("SIP/2.0/UDP a;b", via.parse),
    "Reason": ("SIP;", lambda text: reason.completed_elsewhere([text])),
    "challenge": ("Digest ", lambda text: digest.strongest([text], proxy=False)),
    "header lines": ("OPTIONS sip:a@b SIP/2.0\r\nf: ", lambda text: message.parse(f"{text}\r\n\r\n".encode())),
}
SHORT = 4_000
RATIO = 10
"""Four times the text takes four times as long where time is linear, sixteen times where it is quadratic."""
IMMEASURABLE = 0.004
"""Seconds: what four times the text takes in any linear reader; below, the ratio is that of noise."""


def cost(read: Callable[[str], object], text: str) -> float:
    """The best of three, in seconds of this process."""
    times = []
    for _ in range(3):
        start = process_time()
        with suppress(RemoteFault):
            read(text)
        times.append(process_time() - start)
    return min(times)


@pytest.mark.parametrize("name", READERS)
def test_four_times_the_text_takes_no_more_than_about_four_times_as_long(name: str) -> None:
    head, read = READERS[name]
    for filler in FILLERS:
        for end in ("", "x"):
            long = cost(read, head + filler * (4 * SHORT // len(filler)) + end)
            if long > IMMEASURABLE:
                assert long / cost(read, head + filler * (SHORT // len(filler)) + end) < RATIO, filler


@pytest.mark.parametrize("filler", ["\r\n", "s: x\r\n", "s:\r\n x\r\n", "\r\n ", " \r\n\t", "\r", "\n", "s: \xff\r\n"])
def test_four_times_the_lines_take_no_more_than_about_four_times_as_long(filler: str) -> None:
    def read(text: str) -> object:
        return message.parse(f"OPTIONS sip:a@b SIP/2.0\r\nf: {text}\r\n\r\n".encode("latin-1"))

    long = cost(read, filler * (60_000 // len(filler)))
    if long > IMMEASURABLE:
        assert long / cost(read, filler * (15_000 // len(filler))) < RATIO
