"""Which call this one continues, as far as the signalling says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.sip import hand_over
from ctibridge.sip.events import HandOver
from ctibridge.sip.message import HeaderList, Headers


@pytest.mark.parametrize(
    ("line", "user"),
    [
        ("<sip:6001@pbx>", "6001"),
        ("sip:6001@pbx", "6001"),
        ('"Ana" <sip:6001@pbx>;cid="x@y"', "6001"),
        ("sip:6001@pbx;cid=x", "6001"),
        ("<tel:+4930123456>", "+4930123456"),
        ("<sip:anonymous@anonymous.invalid>", None),
        ("<sip:pbx>", None),
        ("nonsense", None),
        ("<sip:6001@pbx", None),
        ("", None),
    ],
)
def test_who_referred_the_caller_to_us(line: str, user: str | None) -> None:
    assert hand_over.read(Headers((("referred-by", line),))) == HandOver(user)


@pytest.mark.parametrize(
    ("line", "dialog"),
    [
        ("98732@pbx;from-tag=r33th4x0r;to-tag=ff87ff", ("98732@pbx", "ff87ff", "r33th4x0r")),
        ("98732@pbx ; to-tag=7743 ; from-tag=6472;early-only", ("98732@pbx", "7743", "6472")),
        ("a84b4c76e66710;TO-TAG=Ab;from-tag=0", ("a84b4c76e66710", "Ab", "0")),
        ("98732@pbx;to-tag=7743", None),
        ("98732@pbx;to-tag=;from-tag=1", None),
        (";to-tag=1;from-tag=2", None),
        ("two words;to-tag=1;from-tag=2", None),
        ("a@b@c;to-tag=1;from-tag=2", None),
        ("a@b, c@d;to-tag=1;from-tag=2", None),
        (f"{'x' * 300};to-tag=1;from-tag=2", None),
        (f"x;to-tag={'1' * 300};from-tag=2", None),
        ("", None),
    ],
)
def test_which_dialog_it_replaces(line: str, dialog: tuple[str, str, str] | None) -> None:
    assert hand_over.read(Headers((("replaces", line),))) == HandOver(None, dialog)


def test_of_two_neither_can_be_believed() -> None:
    lines: HeaderList = (
        ("referred-by", "<sip:6001@pbx>"), ("referred-by", "<sip:6002@pbx>"),
        ("replaces", "a;to-tag=1;from-tag=2"), ("replaces", "b;to-tag=1;from-tag=2"),
    )  # fmt: skip
    assert hand_over.read(Headers(lines)) == HandOver()


def test_most_calls_continue_nothing() -> None:
    assert hand_over.read(Headers(())) == HandOver()


def test_nothing_personal_is_printed() -> None:
    found = hand_over.read(Headers((("referred-by", "<tel:+4930123456>"), ("replaces", "a@b;to-tag=1;from-tag=2"))))
    assert repr(found) == "HandOver()"


ODD = st.text(st.sampled_from([*'<>"@;:,?=%\\ ', *"abto-tagfrom", "\ud800"]), max_size=60)


@given(st.lists(st.tuples(st.sampled_from(["referred-by", "replaces"]), ODD), max_size=3))
def test_no_value_raises(lines: HeaderList) -> None:
    """Whatever stands there, what comes out is whole or absent."""
    found = hand_over.read(Headers(tuple(lines)))
    assert found.replaces is None or all(found.replaces)
