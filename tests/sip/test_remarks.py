"""What the PBX knows besides, as a page may show it and a directory may be asked for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.sip import identity, remarks
from ctibridge.sip.events import Remark
from ctibridge.sip.message import HeaderList, Headers

NAMES = {"X-Employee-Number": "employee_id", "X-Queue": "queue", "User-to-User": "employee_id"}


def read(*lines: tuple[str, str]) -> list[tuple[str, str, str]]:
    return [(one.means, one.value, one.source) for one in remarks.read(Headers(lines), NAMES)]


def test_only_what_the_configuration_names_is_told() -> None:
    assert read(("x-secret", "1"), ("x-queue", "Sales"), ("x-employee-number", "E-4711")) == [
        ("employee_id", "E-4711", "X-Employee-Number"),
        ("queue", "Sales", "X-Queue"),
    ]
    assert read() == []


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("E-4711", "E-4711"),
        ("  4711 ", "4711"),
        ('"4711"', "4711"),
        (r'"a \"b\""', 'a "b"'),
        ("K%C3%B6ln%20S%C3%BCd", "Köln Süd"),
        ("%2534", "%34"),
        ('"%34"', "%34"),
        ("50 % off", "50 % off"),
        ("\u202e4711\x00", "4711"),
        ("%E2%80%AE4711", "4711"),
        ("x" * 1000, "x" * remarks.LONGEST_VALUE),
    ],
)
def test_a_value_is_plain_text_resolved_once(line: str, value: str) -> None:
    assert read(("x-queue", line)) == [("queue", value, "X-Queue")]


@pytest.mark.parametrize("line", ["", "  ", '""', "%00", "\u202e"])
def test_nothing_is_no_remark(line: str) -> None:
    assert read(("x-queue", line)) == []


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("4537313137;encoding=hex", "E7117"),
        ("4537313137", "E7117"),
        ("044537313137;encoding=hex;purpose=isdn-uui;content=isdn-uui", "E7117"),
        ("00453731;purpose=isdn-interwork", "E71"),
        ("c3a4c3b6;encoding=hex", "äö"),
        ("E-4711", "E-4711"),  # no hex: as it came
        ("4711", "4711"),  # hex, and no text behind it
        ("453731;encoding=ascii", "453731"),
        ('"E 4711";encoding=text', "E 4711"),
        ('"E;4711";encoding=text', "E;4711"),
        ("ff00ff;encoding=hex", "ff00ff"),
        ("45" * remarks.LONGEST_UUI, "E" * remarks.LONGEST_UUI),
    ],
)
def test_user_to_user_is_decoded(line: str, value: str) -> None:
    assert read(("user-to-user", line)) == [("employee_id", value, "User-to-User")]


@pytest.mark.parametrize("line", ["", ";encoding=hex", "45" * (remarks.LONGEST_UUI + 1), "x" * 200])
def test_user_to_user_that_is_empty_or_too_long_is_left_out(line: str) -> None:
    """Half an id is another id."""
    assert read(("user-to-user", line)) == []


def test_several_values_are_told_each_and_equal_ones_once() -> None:
    found = read(
        ("user-to-user", "453731;encoding=hex, 453732"), ("user-to-user", "453731"), ("x-queue", "a"), ("x-queue", "a")
    )
    assert [value for _, value, _ in found] == ["a", "E71", "E72"]


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        (["<http://www.notused.example>;info=alert-internal;x-line-id=0"], "internal"),
        (["<http://127.0.0.1>;info=internal"], "internal"),
        (['<http://127.0.0.1>;info="alert-external"'], "external"),
        (["info=alert-external"], "external"),
        (["alert-internal"], "internal"),
        (["<urn:alert:source:internal>"], "internal"),
        (["<urn:alert:source:external>, <urn:alert:service:call-waiting>"], "external"),
        (["<urn:alert:service:call-waiting>", "<URN:ALERT:SOURCE:Internal@example.org>"], "internal"),
        (["<urn:alert:source:internally>"], None),
        (["<urn:alert:source:friend>"], None),
        (["<http://pbx/internal.wav>"], None),
        (["Bellcore-dr2"], None),
        (["info=alert-internal", "info=alert-external"], None),
        ([""], None),
        ([], None),
    ],
)
def test_from_inside_or_outside(lines: list[str], value: str | None) -> None:
    found = read(*(("alert-info", line) for line in lines))
    assert found == ([] if value is None else [("alert", value, "Alert-Info")])


def test_no_pbx_can_fill_the_page() -> None:
    names = {f"X-{number}": "label" for number in range(50)}
    lines: HeaderList = tuple((name.lower(), name) for name in names)
    found = remarks.read(Headers((*lines, ("alert-info", "alert-internal"))), names)
    assert len(found) == remarks.MOST
    assert found[-1].value == "internal"


def test_a_value_is_not_printed() -> None:
    assert "4711" not in repr(remarks.read(Headers((("x-queue", "4711"),)), NAMES))


ODD = st.one_of(
    st.text(max_size=80),
    st.text(st.sampled_from([*'<>"@;:,?=%\\', *"04cfEe", "\ud800", "\u202e", "\n"]), max_size=80),
)
HEADERS = st.sampled_from(["x-queue", "x-employee-number", "user-to-user", "alert-info"])


@given(st.lists(st.tuples(HEADERS, ODD), max_size=20))
def test_no_value_raises(lines: HeaderList) -> None:
    """Whatever stands there, what comes out is bounded, and nothing in it turns the page round."""
    found = remarks.read(Headers(tuple(lines)), NAMES)
    assert len(found) <= remarks.MOST
    for remark in found:
        assert isinstance(remark, Remark)
        assert 0 < len(remark.value) <= remarks.LONGEST_VALUE
        assert identity.seen(remark.value) == remark.value
