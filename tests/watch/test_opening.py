from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ctibridge.lookup import links
from ctibridge.watch.opening import APART, Opening, address
from tests.watch.said import URL, answered, data, ended, event, ring, updated, welcome


def page_of(opening: Opening, now: float) -> str | None:
    due = opening.due()
    return opening.page(now) if due is not None and due <= now else None


def test_a_call_opens_its_page_at_once_and_once() -> None:
    opening = Opening()
    opening.hear(ring(1, "a"))
    assert page_of(opening, 100.0) == URL
    for said in (updated(2, "a", url="https://other.example/"), ended(3, "a"), ring(4, "a", round_=2)):
        opening.hear(said)
        assert opening.due() is None
        assert opening.page(200.0) is None


def test_links_that_come_later_are_opened_then() -> None:
    opening = Opening()
    opening.hear(ring(1, "a", url=None))
    assert opening.due() is None
    opening.hear(updated(2, "a"))
    assert page_of(opening, 100.0) == URL


def test_not_when_they_come_after_the_call() -> None:
    opening = Opening()
    for said in (ring(1, "a", url=None), answered(2, "a"), updated(3, "a", state="answered")):
        opening.hear(said)
        assert opening.due() is None


def test_of_many_calls_only_the_newest_and_never_two_at_once() -> None:
    opening = Opening()
    opening.hear(ring(1, "a"))
    assert page_of(opening, 100.0) == URL
    for number in range(2, 12):
        opening.hear(ring(number, str(number), url=f"https://tool.example/{number}"))
        assert page_of(opening, 100.1) is None
    assert opening.due() == 100.0 + APART
    assert page_of(opening, 102.0) == "https://tool.example/11"
    assert opening.due() is None, "the others ring on, and nobody looks at them"


def test_one_that_stops_before_its_turn_is_not_opened_and_the_one_before_it_is() -> None:
    opening = Opening()
    for said in (ring(1, "a"), ring(2, "b", url="https://b.example/")):
        opening.hear(said)
        page_of(opening, 100.0)
    opening.hear(ring(3, "c", url="https://c.example/"))
    opening.hear(ended(4, "c"))
    assert page_of(opening, 102.0) == "https://b.example/"


def test_a_replay_opens_only_what_still_rings() -> None:
    opening = Opening()
    opening.welcome(welcome(4, (data("b", url="https://b.example/"),), resumed=True))
    assert page_of(opening, 10.0) == "https://b.example/"
    for said in (ring(1, "a"), ended(2, "a"), ring(3, "b", url="https://b.example/")):
        opening.hear(said)
        assert page_of(opening, 20.0) is None


def test_an_unsound_link_is_passed_over() -> None:
    opening = Opening()
    wrong = [{"title": "x", "url": "javascript:alert(1)"}, {"title": "y", "url": "https://tool.example/"}]
    opening.hear(event(1, "call.ringing", data("a", url=None) | {"links": wrong}))
    assert page_of(opening, 1.0) == "https://tool.example/"


def test_what_is_remembered_is_bounded() -> None:
    opening = Opening()
    for number in range(500):
        opening.hear(ring(number + 1, str(number)))
        assert page_of(opening, number * APART) == URL
        opening.hear(ended(number + 1, str(number)))
    assert len(opening._opened) == 200


@pytest.mark.parametrize(
    "url",
    [
        "https://acme.xurrent.com/sd?telephone=%2B4915112345678",
        "https://acme.service-now.com/cti.do?sysparm_caller_phone=%2B49301234567",
        "http://127.0.0.1:8080/a/b;c=d?x=1&y=a+b#/route/7",
        "https://[2001:db8::1]:8443/x",
        "HTTPS://Intra_net.example",
    ],
)
def test_addresses_of_tools_stay_as_they_are(url: str) -> None:
    assert address(url) == url


@pytest.mark.parametrize(
    ("url", "opened"),
    [
        ("https://tool.example/x?$filter='a'(b)*!", "https://tool.example/x?%24filter=%27a%27%28b%29%2A%21"),
        ('https://tool.example/`id`"<>\\^|{}', "https://tool.example/%60id%60%22%3C%3E%5C%5E%7C%7B%7D"),
        ("https://tool.example/büro?q=ß", "https://tool.example/b%C3%BCro?q=%C3%9F"),
    ],
)
def test_what_a_start_script_could_trip_over_is_escaped(url: str, opened: str) -> None:
    assert address(url) == opened


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "JaVaScRiPt:https://tool.example/",
        "data:text/html,x",
        "file:///etc/passwd",
        "vbscript:x",
        "tel:+4930",
        "https:tool.example",
        "https:///path",
        "https://",
        "https://-x.example/",
        "-https://tool.example/",
        "--remote-debugging-port=1",
        "//tool.example/",
        "https://tool.example@evil.example/",
        "https://tool.example:x@evil.example/",
        "https://tool.example\\@evil.example/",
        "https://tool.example:99999999/",
        "https://tool.example:80:80/",
        "https://bücher.example/",
        "https://tool.example/a b",
        "https://tool.example/\nhttps://evil.example/",
        "https://tool.example/\x00",
        "https://tool.example/\x1b[2J",
        "https://tool.example/\u202egnp",
        "https://tool.example/\u200b",
        " https://tool.example/",
        "\thttps://tool.example/",
        "https://tool.example/\ud800",
        "https://tool.example/" + "x" * 2048,
        "https://tool.example/" + "ß" * 1000,
    ],
)
def test_nothing_else_is_opened(url: str) -> None:
    assert address(url) is None


@given(st.text())
@example("$(reboot)")
@example("';reboot;'")
@example("https://evil.example/")
@example("&x=y#/\x00\n\x1b]")
def test_whatever_a_caller_brings_stays_one_value_of_the_authors_address(value: str) -> None:
    template = "https://acme.service-now.com/cti.do?sysparm_caller_phone={number}"
    for link in links.links([("Open", template)], {"number": value.encode("utf-8", "replace").decode()}):
        opened = address(link.url)
        if opened is None:
            assert len(link.url) > 2048
            continue
        parts = urlsplit(opened)
        assert (parts.hostname, parts.path, parts.fragment) == ("acme.service-now.com", "/cti.do", "")
        assert parts.query.count("&") == parts.query.count(";") == 0
        assert not set(opened) & set("'\"`$()<>\\|*! \n")
