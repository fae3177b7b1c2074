from typing import Any

import pytest

from ctibridge.watch.notification import Note, Notifications, markup
from ctibridge.watch.plain import plain
from tests.watch.said import answered, ended, ring, updated, welcome

POP: dict[str, Any] = {
    "called": {"name": "ACME IT Service Desk", "account": {"id": "acme", "name": "ACME AG"}},
    "language": {"tag": "de-CH", "endonym": "Deutsch (Schweiz)"},
}
FREI: dict[str, Any] = {"status": "identified", "candidates": [{"person": {"account": "acme", "name": "Regula Frei"}}]}


def shown(allowed: str = "company", **more: Any) -> list[Note]:
    notifications = Notifications()
    notifications.welcome(welcome(notification=allowed))
    notifications.hear(ring(1, "a", **(POP | more)))
    return list(notifications.wanted().values())


def test_company_and_language_and_nothing_of_the_caller() -> None:
    assert shown(resolution=FREI) == [Note("ACME IT Service Desk", "Deutsch (Schweiz)")]


def test_full_names_who_is_identified() -> None:
    assert shown("full", resolution=FREI) == [Note("ACME IT Service Desk", "Deutsch (Schweiz) · Regula Frei")]


@pytest.mark.parametrize("allowed", ["none", "", "everything"])
def test_none_and_words_that_are_not_known_show_nothing(allowed: str) -> None:
    assert shown(allowed) == []


def test_before_the_daemon_has_said_what_may_be_shown_nothing_is() -> None:
    notifications = Notifications()
    notifications.hear(ring(1, "a", **POP))
    assert notifications.wanted() == {}


@pytest.mark.parametrize(
    ("caller", "who"),
    [
        ({"number": "+49301234567"}, "+49301234567"),
        ({"extension": "4711"}, "4711"),
        ({"raw": "*31#4930"}, "*31#4930"),
        ({"raw": "www.evil.example"}, "unknown number"),
        ({"raw": "４９３０"}, "unknown number"),
        ({"raw": "1" * 33}, "unknown number"),
        ({"display_name": "https://evil.example"}, "unknown number"),
        ({"number": None, "presentation": "restricted"}, "number withheld"),
    ],
)
@pytest.mark.parametrize("status", ["ambiguous", "unknown"])
def test_of_others_only_what_can_be_dialled(caller: dict[str, Any], who: str, status: str) -> None:
    (note,) = shown("full", caller=caller, resolution=FREI | {"status": status})
    assert note.body == f"Deutsch (Schweiz) · {who}"


def test_without_a_service_number_the_title_says_so() -> None:
    assert shown(called={}) == [Note("No service number", "Deutsch (Schweiz)")]
    assert shown(called={"name": "\u202e\u200b"}, language={}) == [Note("No service number", "")]


@pytest.mark.parametrize(
    ("name", "title", "body"),
    [
        ("<b>x</b>", "‹b›x‹/b›", "&lt;b&gt;x&lt;/b&gt;"),
        ('<a href="https://evil.example">', '‹a href="https://evil.example"›', '&lt;a href="https://evil.example"&gt;'),
        ("Müller & Söhne &lt;", "Müller & Söhne &lt;", "Müller &amp; Söhne &amp;lt;"),
        (r"\074b\076\n\\", r"\074b\076\n\\", r"\074b\076\n\\"),
        ("\x1b]0;x\x07\nzwei", "�]0;x� zwei", "�]0;x� zwei"),
        ("-u critical", "-u critical", "-u critical"),
        ("x" * 10_000, "x" * 79 + "…", "x" * 79 + "…"),
    ],
)
def test_names_stay_text(name: str, title: str, body: str) -> None:
    person = {"status": "identified", "candidates": [{"person": {"name": name}}]}
    (note,) = shown("full", called={"name": name}, language={}, resolution=person)
    assert (note.title, markup(note.body)) == (title, body)
    assert note.body == plain(name, 80), "where nobody reads markup, nothing is escaped"


def test_it_goes_when_the_call_is_answered_or_over_and_comes_again_with_each_round() -> None:
    notifications = Notifications()
    notifications.welcome(welcome())
    keys = []
    for said in (ring(1, "a"), updated(2, "a"), ended(3, "a"), ring(4, "a", round_=2), answered(5, "a")):
        notifications.hear(said)
        keys.append(list(notifications.wanted()))
    assert keys == [["a 1"], ["a 1"], [], ["a 2"], []]


def test_of_a_flood_the_newest_five() -> None:
    notifications = Notifications()
    notifications.welcome(welcome())
    for number in range(20):
        notifications.hear(ring(number + 1, str(number)))
    assert list(notifications.wanted()) == ["15 1", "16 1", "17 1", "18 1", "19 1"]
