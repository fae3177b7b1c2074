from ctibridge.watch.notification import Note
from ctibridge.watch.standing import Close, Show, Standing

A, B, C = Note("a", ""), Note("b", ""), Note("c", "")


def standing(*shown: str) -> Standing:
    """Keys with the numbers 7, 8, …, all of them saying A."""
    made = Standing()
    for number, key in enumerate(shown, 7):
        made.shown(Show(key, A, 0), number)
    return made


def test_the_newest_first_and_again_until_it_is_shown() -> None:
    wanted, made = {"x": A, "y": B}, Standing()
    assert made.step(wanted) == made.step(wanted) == Show("y", B, 0)
    made.shown(Show("y", B, 0), 7)
    assert made.step(wanted) == Show("x", A, 0)
    made.shown(Show("x", A, 0), 8)
    assert made.step(wanted) is None


def test_what_is_wanted_no_more_is_closed_once_and_before_others_are_shown() -> None:
    made = standing("x")
    assert made.step({"y": B}) == Close(7)
    assert made.step({"y": B}) == Show("y", B, 0)


def test_what_says_something_else_replaces() -> None:
    made = standing("x")
    assert made.step({"x": B}) == Show("x", B, 7)
    made.shown(Show("x", B, 7), 9)
    assert made.step({"x": B}) is None
    assert made.step({}) == Close(9)


def test_what_was_pushed_away_comes_only_with_news_and_replaces_nobody_elses() -> None:
    made = standing("x", "y")
    made.gone(7)
    made.gone(12)
    assert made.step({"x": A, "y": A}) is None
    assert made.step({"x": C, "y": A}) == Show("x", C, 0)
    assert made.step({"y": A}) is None, "there is nothing to close"


def test_a_desktop_that_begins_anew_is_shown_all() -> None:
    made = standing("x")
    made.forget()
    assert made.step({"x": A}) == Show("x", A, 0)
    assert made.step({}) is None
