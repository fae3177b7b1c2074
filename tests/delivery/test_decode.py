import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.delivery import frames
from ctibridge.delivery.decode import NoObject, Wrong, client_frame


@pytest.mark.parametrize(
    ("raw", "frame"),
    [
        ('{"type": "auth", "token": "t"}', frames.Auth("t")),
        ('{"type": "auth", "token": "t", "rings": true}', frames.Auth("t", rings=True)),
        ('{"type": "take", "call": "c"}', frames.TakeFrame("c")),
        ('{"type": "done", "call": "c"}', frames.DoneFrame("c")),
        ('{"type": "today", "since": "2026-11-21T00:00:00Z"}', frames.TodayFrame("2026-11-21T00:00:00Z")),
        ('{"type": "colleagues"}', frames.ColleaguesFrame()),
        (
            '{"type":"auth","token":"t","resume":{"epoch":"e","sequence":41},"more":[]}',
            frames.Auth("t", frames.Resume("e", 41)),
        ),
        (b'{"sequence": 7, "call": "c", "type": "shown"}', frames.ShownFrame("c", 7)),
        ('{"type": "ack", "sequence": 0}', frames.AckFrame(0)),
        ('{"type": "ping"}', frames.PingFrame()),
        ('{"type": "sit", "lines": []}', frames.SitFrame([])),
        ('{"type": "search", "call": "c", "account": null, "text": "frei"}', frames.SearchFrame("c", "frei")),
        ('{"type": "note", "call": "c", "text": "two\\nlines"}', frames.NoteFrame("c", "two\nlines")),
        (json.dumps({"type": "note", "call": "c", "text": "😀" * 2000}), frames.NoteFrame("c", "😀" * 2000)),
    ],
)
def test_frames(raw: str | bytes, frame: frames.ClientFrame) -> None:
    assert client_frame(raw) == frame


@pytest.mark.parametrize(
    "raw", ["", "x", "[]", '"auth"', "1", "null", '{"type": "ping"', '{"type":"zz", nonsense}', b"\xff"]
)
def test_what_is_no_object(raw: str | bytes) -> None:
    assert client_frame(raw) == NoObject()


@pytest.mark.parametrize(
    "raw",
    [
        "{}",
        '{"type": 1}',
        '{"type": "nonsense"}',
        '{"type": "ack"}',
        '{"type": "ack", "sequence": "7"}',
        '{"type": "ack", "sequence": -1}',
        '{"type": "ack", "sequence": 1.5}',
        '{"type": "shown", "call": "", "sequence": 1}',
        '{"type": "auth", "token": "t", "rings": 1}',
        '{"type": "take"}',
        '{"type": "done", "call": null}',
        '{"type": "today"}',
        '{"type": "today", "since": 1790000000}',
        '{"type": "today", "since": "' + "2" * 41 + '"}',
        '{"type": "sit", "lines": "6001"}',
        '{"type": "note", "call": "c"}',
        '{"type": "note", "call": "c", "text": ""}',
        '{"type": "note", "call": "c", "text": null}',
        '{"type": "note", "call": "c", "text": "' + "x" * 2001 + '"}',
        '{"type": "note", "text": "whose?"}',
        '{"type": "auth", "token": "' + "x" * 300 + '"}',
        '{"type": "ping", "x": ' + "[" * 20_000 + "]" * 20_000 + "}",
    ],
)
def test_wrong_frames(raw: str) -> None:
    assert isinstance(client_frame(raw), Wrong)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("[" * 30_000 + "]" * 30_000, NoObject),
        (" \r\n\t" + "[" * 30_000, NoObject),
        ('{"x":' * 10_000 + "1" + "}" * 10_000, Wrong),
        (' \n{"type": "ping", "x": ' + "[" * 30_000 + "]" * 30_000 + "}", Wrong),
        (' \n{"type": 1, "x": ' + "[" * 30_000 + "]" * 30_000 + "}", Wrong),
    ],
)
def test_what_is_nested_too_deeply_is_an_object_by_its_first_character(raw: str, expected: type) -> None:
    assert isinstance(client_frame(raw), expected)
    assert isinstance(client_frame(raw.encode()), expected)


def test_an_error_does_not_repeat_the_value() -> None:
    wrong = client_frame('{"type": "Regula Frei"}')
    assert isinstance(wrong, Wrong)
    assert "Regula" not in wrong.message
    too_long = client_frame(json.dumps({"type": "note", "call": "c", "text": "Regula" * 2000}))
    assert isinstance(too_long, Wrong)
    assert "Regula" not in too_long.message


@given(st.text() | st.binary())
def test_no_bytes_can_do_more_than_be_wrong(raw: str | bytes) -> None:
    assert client_frame(raw) is not None


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.sampled_from(["type", "token", "call", "sequence", "lines", "resume"]), _json))
def test_an_object_is_a_frame_or_wrong(value: dict[str, object]) -> None:
    assert not isinstance(client_frame(json.dumps(value)), NoObject)


def test_half_an_emoji_is_a_wrong_frame_and_not_the_end_of_the_connection() -> None:
    """JSON.stringify writes a pair that was cut while somebody types as one half: it closed the desk with 4400."""
    raw = '{"type": "search", "call": "c", "text": "\\ud83d"}'
    assert isinstance(client_frame(raw), Wrong)
    assert isinstance(client_frame(raw.encode()), Wrong)
    assert isinstance(client_frame("[" * 100_000), NoObject)
