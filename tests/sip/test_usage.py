"""One subscription's dialog: who makes it, along which way its requests go, which NOTIFYs are news."""

import pytest

from ctibridge.sip import notification
from ctibridge.sip.digest import Credentials
from ctibridge.sip.message import HeaderList, Headers, Request, Response
from ctibridge.sip.subscriber import Subscriber
from ctibridge.sip.usage import Usage
from tests.sip.documents import AOR, notify

WHO = Subscriber("6001", AOR, "sip:cti@pbx", "sip:token@192.0.2.1:5066", Credentials("cti", "secret"), 300)
ROUTES = (("record-route", "<sip:p1;lr>"), ("record-route", "<sip:p2;lr>"))


def new() -> Usage:
    return Usage(WHO, "t3", "t4")


def ok(asked: Request, tag: str = "p1", *extra: tuple[str, str]) -> Response:
    to = f"{asked.headers.need('to')};tag={tag}" if tag else asked.headers.need("to")
    lines = (("from", asked.headers.need("from")), ("to", to), ("call-id", "t3"), *extra)
    return Response(200, "OK", Headers(lines))


def heard(usage: Usage, theirs: str = "p1", contact: str = "<sip:n@192.0.2.9>", extra: HeaderList = ()) -> None:
    usage.learn_notification(notification.parse(notify(1, theirs=theirs, contact=contact, extra=extra)))


def path(request: Request) -> tuple[str, list[str], str]:
    return request.uri, request.headers.each_line("route"), request.headers.need("to")


def test_the_first_request_names_the_line_and_who_asks() -> None:
    first = new().subscribe(1, 300, WHO.contact)
    assert first.uri == AOR
    assert dict(first.headers.lines) == {
        "max-forwards": "70", "from": "<sip:cti@pbx>;tag=t4", "to": f"<{AOR}>", "call-id": "t3", "cseq": "1 SUBSCRIBE",
        "contact": "<sip:token@192.0.2.1:5066>", "event": "dialog", "accept": "application/dialog-info+xml",
        "expires": "300",
    }  # fmt: skip


def test_a_notify_makes_the_dialog_with_its_target_and_route() -> None:
    usage = new()
    heard(usage, extra=ROUTES)
    assert path(usage.subscribe(2, 300, WHO.contact)) == (
        "sip:n@192.0.2.9",
        ["<sip:p1;lr>", "<sip:p2;lr>"],
        f"<{AOR}>;tag=p1",
    )


def test_each_notify_may_move_the_target_and_never_the_route() -> None:
    usage = new()
    heard(usage, extra=ROUTES[:1])
    heard(usage, contact="<sip:elsewhere@192.0.2.9>", extra=ROUTES)
    heard(usage, contact="unreadable>")
    assert path(usage.subscribe(2, 300, WHO.contact))[:2] == ("sip:elsewhere@192.0.2.9", ["<sip:p1;lr>"])


def test_a_200_alone_makes_no_dialog_and_is_enough_to_leave() -> None:
    usage = new()
    usage.learn_answer(
        usage.subscribe(1, 300, WHO.contact),
        ok(usage.subscribe(1, 300, WHO.contact), "p1", ("contact", "<sip:n@192.0.2.9>")),
    )
    assert path(usage.subscribe(2, 300, WHO.contact)) == (AOR, [], f"<{AOR}>")
    assert path(usage.subscribe(2, 0, WHO.contact)) == ("sip:n@192.0.2.9", [], f"<{AOR}>;tag=p1")
    assert usage.is_named(("t3", "t4", "another fork"))


def test_a_proxy_on_the_way_of_the_subscribe_alone_stays_on_the_way() -> None:
    for notify_first in (False, True):
        usage = new()
        asked = usage.subscribe(1, 300, WHO.contact)
        if notify_first:
            heard(usage)
        usage.learn_answer(asked, ok(asked, "p1", *ROUTES))
        if not notify_first:
            heard(usage)
        assert path(usage.subscribe(2, 300, WHO.contact))[1] == ["<sip:p2;lr>", "<sip:p1;lr>"]


def test_the_200_of_another_fork_lends_no_route() -> None:
    usage = new()
    asked = usage.subscribe(1, 300, WHO.contact)
    heard(usage)
    usage.learn_answer(asked, ok(asked, "p2", *ROUTES))
    assert path(usage.subscribe(2, 300, WHO.contact)) == ("sip:n@192.0.2.9", [], f"<{AOR}>;tag=p1")
    other = new()
    other.learn_answer(asked, ok(asked, "p2", *ROUTES))
    heard(other)
    assert path(other.subscribe(2, 300, WHO.contact)) == ("sip:n@192.0.2.9", [], f"<{AOR}>;tag=p1")


def test_a_200_that_cannot_be_read_changes_nothing() -> None:
    usage = new()
    usage.learn_answer(usage.subscribe(1, 300, WHO.contact), Response(200, "OK", Headers(())))
    assert usage.dialog is None


@pytest.mark.parametrize(
    ("named", "ours"),
    [(("t3", "t4", "p1"), True), (("t3", "t4", "p2"), False), (("t3", "x", "p1"), False), (("x", "t4", "p1"), False)],
)
def test_which_notify_belongs_here(named: tuple[str, str, str], ours: bool) -> None:
    usage = new()
    heard(usage)
    assert usage.is_named(named) is ours


def test_what_was_answered_is_answered_again_and_what_is_older_is_out_of_order() -> None:
    usage = new()
    heard(usage)
    usage.answer(7, 415)
    assert [usage.earlier_answer(number) for number in (6, 7, 8)] == [500, 415, None]


def test_a_notify_that_made_no_dialog_counts_for_no_other_fork() -> None:
    usage = new()
    usage.answer(7, 489)
    assert usage.earlier_answer(1) is None


def test_a_strict_router_gets_the_request_itself() -> None:
    usage = new()
    heard(usage, extra=(("record-route", "<sip:old.example>"),))
    assert path(usage.subscribe(2, 300, WHO.contact))[:2] == ("sip:old.example", ["<sip:n@192.0.2.9>"])
