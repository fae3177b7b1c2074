"""What the entries say, and what they only seem to say: forwards of the RFCs' examples and of real PBXs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.sip import history_info, limits
from ctibridge.sip.history_info import Entry
from ctibridge.sip.message import Headers

FIRST, SECOND = "+4930123456", "+4930123499"


def entries(*values: str, privacy: str = "") -> tuple[Entry, ...]:
    lines = [("history-info", value) for value in values]
    return history_info.read(Headers((*lines, ("privacy", privacy)) if privacy else tuple(lines)))


def forwarder(*values: str) -> str | None:
    found = history_info.forwarder(entries(*values))
    return None if found is None else found.user


@pytest.mark.parametrize(
    ("values", "who"),
    [
        # Kamailio and Asterisk, as captured
        ([f"<sip:{FIRST}@ctibed>;index=1", "<sip:6001@ctibed;cause=302>;index=1.1"], FIRST),
        ([f'"Sales" <sip:{SECOND}@pbx>;index=1', f"<sip:{FIRST}@pbx;cause=408>;index=1.1"], SECOND),
        ([f'"Sales" <sip:{SECOND}@pbx>;index=1'], None),
        (["<sip:6001@pbx>;index=1"], None),
        # one line, several values
        ([f"<sip:{FIRST}@pbx>;index=1, <sip:6001@pbx;cause=480>;index=1.1"], FIRST),
        # the failed one says why (RFC 7044 10.2), encoded as it should be and as it is
        ([f"<sip:{FIRST}@pbx?Reason=SIP%3Bcause%3D486>;index=1", "<sip:6001@pbx>;index=2"], FIRST),
        ([f'<sip:{FIRST}@pbx?Reason=SIP;cause=302;text="Moved, so">;index=1', "<sip:6001@pbx>;index=1.1"], FIRST),
        ([f"<sip:{FIRST}@pbx?Reason=Q.850%3Bcause%3D486>;index=1", "<sip:6001@pbx>;index=2"], None),
        # mapped to another user; a service number's translation is no forward (RFC 8119)
        ([f"<sip:{FIRST}@pbx>;index=1", "<sip:6001@pbx>;index=1.1;mp=1"], FIRST),
        ([f"<sip:{FIRST}@pbx>;index=1", "<sip:6001@pbx;cause=380>;index=1.1;mp=1"], None),
        # the contact of the same user is no forward, whatever its user part is
        ([f"<sip:{FIRST}@pbx>;index=1", "<sip:t0ken@192.0.2.5>;index=1.1;rc=1"], None),
        ([f"<sip:{FIRST}@pbx>;index=1", f"<sip:{FIRST}@proxy>;index=1.1;np=1", "<sip:x@192.0.2.5>;index=1.1.1;rc=1.1"],
         None),
        # after RFC 7131: Bob's phone sends the call to Carol
        (["<sip:bob@example.com>;index=1",
          "<sip:bob@192.0.2.4?Reason=SIP%3Bcause%3D302>;index=1.1;rc=1",
          "<sip:carol@example.com;cause=302>;index=1.2;mp=1",
          "<sip:carol@192.0.2.5>;index=1.2.1;rc=1.2"], "bob"),
        # twice forwarded: the last one
        ([f"<sip:{FIRST}@pbx>;index=1", f"<sip:{SECOND}@pbx;cause=302>;index=1.1",
          "<sip:6001@pbx;cause=408>;index=1.1.1"], SECOND),
        # to himself is nowhere
        (["<sip:6001@pbx>;index=1", "<sip:6001@pbx;cause=408>;index=1.1"], None),
        # several targets and no word of a forward
        ([f"<sip:{FIRST}@pbx>;index=1", "<sip:6001@pbx>;index=1.1"], None),
        # odd ones are left out
        (["nonsense", f"<sip:{FIRST}@pbx>;index=1", "<http://a>", "<sip:6001@pbx;cause=302>;index=1.1"], FIRST),
        ([], None),
    ],
)  # fmt: skip
def test_who_forwarded(values: list[str], who: str | None) -> None:
    assert forwarder(*values) == who


@pytest.mark.parametrize(
    ("value", "privacy", "told"),
    [
        (f"<sip:{FIRST}@pbx>", "", True),
        (f"<sip:{FIRST}@pbx?Privacy=none>", "", True),
        (f"<sip:{FIRST}@pbx?Privacy=history>", "", False),
        (f"<sip:{FIRST}@pbx?Reason=SIP%3Bcause%3D302&privacy=history>", "", False),
        (f"<sip:{FIRST}@pbx>", "history", False),
        (f"<sip:{FIRST}@pbx>", "critical, session", False),
        (f"<sip:{FIRST}@pbx>", "none", True),
    ],
)
def test_who_asks_for_privacy_is_not_told(value: str, privacy: str, told: bool) -> None:
    (first,) = entries(value, privacy=privacy)
    assert (first.user, first.told) == (FIRST, told)


def test_no_history_is_none() -> None:
    assert entries() == ()
    assert entries(",".join(["<sip:a@b>"] * (limits.VALUES + 1))) == ()


def test_the_user_is_not_printed() -> None:
    assert FIRST not in repr(entries(f"<sip:{FIRST}@pbx>;index=1"))


@given(
    st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(["", ";cause=302", ";cause=200"])), max_size=6)
)
def test_whoever_forwarded_stands_before_another_target(targets: list[tuple[str, str]]) -> None:
    found = entries(*(f"<sip:{user}@pbx{cause}>;index={index}" for index, (user, cause) in enumerate(targets)))
    who = history_info.forwarder(found)
    forwards = [
        one.user
        for one, (user, cause) in zip(found, targets[1:], strict=False)
        if cause == ";cause=302" and user != one.user
    ]
    assert (None if who is None else who.user) == (forwards[-1] if forwards else None)
