import pytest

from ctibridge.watch.once import NOTHING, is_asked, leading_to, once

ASKED = b"GET /secret HTTP/1.1\r\nHost: 127.0.0.1:7\r\nAccept: */*"


def asked(head: bytes) -> bool:
    return is_asked(head, "127.0.0.1:7", "secret")


def test_an_address_that_says_nothing() -> None:
    assert once("127.0.0.1:7", "secret") == "http://127.0.0.1:7/secret"


def test_what_a_browser_asks() -> None:
    assert asked(ASKED)
    assert asked(ASKED.replace(b"Host: ", b"hOST:\t "))


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\xff" * 100,
        b"GET /secret HTTP/1.1",
        ASKED.replace(b"GET", b"POST"),
        ASKED.replace(b"GET", b"HEAD"),
        ASKED.replace(b"/secret", b"/secret?x"),
        ASKED.replace(b"/secret", b"//secret"),
        ASKED.replace(b"/secret", b"/%73ecret"),
        ASKED.replace(b"/secret", b"http://127.0.0.1:7/secret"),
        ASKED.replace(b"/secret", b"/other"),
        ASKED.replace(b"HTTP/1.1", b"HTTP/1.0"),
        ASKED.replace(b"127.0.0.1", b"localhost"),
        ASKED.replace(b"127.0.0.1:7", b"rebound.example:7"),
        ASKED.replace(b":7", b""),
        ASKED + b"\r\nHost: 127.0.0.1:7",
        ASKED + b"\r\nHost: rebound.example",
    ],
)
def test_anything_else_is_none(head: bytes) -> None:
    assert not asked(head)


def test_neither_answer_is_kept_or_names_where_it_came_from() -> None:
    answer = leading_to("https://tool.example/sd?telephone=%2B4930")
    assert answer.startswith(b"HTTP/1.1 302 Found\r\nLocation: https://tool.example/sd?telephone=%2B4930\r\n")
    for one in (answer, NOTHING):
        assert b"\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nContent-Length: 0\r\n" in one
        assert one.endswith(b"\r\nConnection: close\r\n\r\n")
    assert NOTHING.startswith(b"HTTP/1.1 404 ")
