"""Limits that fit together, and what a message costs that is as large as they allow."""

from time import process_time

import pytest

from ctibridge.sip import limits, message
from ctibridge.sip.errors import RemoteFault
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
