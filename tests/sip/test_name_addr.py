"""name-addr, and the tag that stands in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.sip import name_addr
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.grammar import quote
from tests.sip.scripts import NAME, NUMBER

NAMES = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\n")).filter(str.strip)


@pytest.mark.parametrize(
    ("text", "name", "uri", "tag"),
    [
        ("<sip:a@b>", None, "sip:a@b", None),
        ("sip:a@b;tag=x", None, "sip:a@b", "x"),
        ("Maria Meier <sip:a@b>;tag=x", "Maria Meier", "sip:a@b", "x"),
        ('"Meier, Maria" <sip:a@b;user=phone>;x;Tag=y', "Meier, Maria", "sip:a@b;user=phone", "y"),
        (r'"Maria \"Mimi\" Meier"<sip:a@b>', 'Maria "Mimi" Meier', "sip:a@b", None),
        ('Maria "Mimi" Meier <sip:a@b>', 'Maria "Mimi" Meier', "sip:a@b", None),
        ('"" <sip:a@b>', None, "sip:a@b", None),
        (" < sip:a@b > ; tag = x ", None, "sip:a@b", "x"),
        ("<sip:a@b;tag=inside>", None, "sip:a@b;tag=inside", None),
    ],
)
def test_parse(text: str, name: str | None, uri: str, tag: str | None) -> None:
    read = name_addr.parse(text)
    assert (read.display_name, read.uri, read.tag) == (name, uri, tag)
    assert name_addr.tag_of(text) == tag


@pytest.mark.parametrize("text", ["", ";tag=x", '"Maria"', '"Maria <sip:a@b>', "<sip:a@b", '"Maria" sip:a@b'])
def test_what_is_none(text: str) -> None:
    with pytest.raises(RemoteFault):
        name_addr.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "Boss <sip:+491@evil> <sip:+492@real>",
        '"Boss" <sip:+491@evil>" <sip:+492@real>',
        'Boss "<sip:+491@evil>" <sip:+492@real>',
        "Boss <sip:+491@evil>;x=y <sip:+492@real>",
        "Boss <sip:+491@evil>, <sip:+492@real>",
    ],
)
def test_a_name_that_a_careless_pbx_did_not_quote_does_not_say_who_calls(text: str) -> None:
    with pytest.raises(RemoteFault):
        name_addr.parse(text)


@given(NAMES)
def test_no_quoted_name_moves_the_address_or_the_tag(name: str) -> None:
    text = f"{quote(name)} <sip:{NUMBER}@b>;tag=x"
    read = name_addr.parse(text)
    assert (read.display_name, read.uri, read.tag) == (name.strip(), f"sip:{NUMBER}@b", "x")
    assert name_addr.tag_of(text) == "x"


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("<sip:never closed;tag=x", "x"), ('"never closed <sip:a@b>;tag=x', "x"), ("<>;tag=x;y", "x"), ("odd", None),
        ('<sip:a@b>;tag=x;y="never closed', "x"), ('Maria "Mimi" Meier>;tag=x', "x"), ("", None), ('"', None),
        ('<sip:a@b>;x="y";tag=', None), ("<sip:a@b>;tag=", None),
    ],
)  # fmt: skip
def test_the_tag_of_an_odd_caller_is_still_a_tag(text: str, tag: str | None) -> None:
    assert name_addr.tag_of(text) == tag


@pytest.mark.parametrize(
    "behind",
    [
        ';tag=x;+sip.instance="<urn:uuid:1>"', ';+sip.instance="<urn:uuid:1>";tag=x', ';text="a;tag=not this;b";tag=x',
        r';text="\";tag=not this";tag=x', ';tag=x;text=">;tag=not this"',
    ],
)  # fmt: skip
def test_a_quoted_parameter_hides_no_tag_and_is_none(behind: str) -> None:
    text = f"<sip:{NUMBER}@b>{behind}"
    assert (name_addr.tag_of(text), name_addr.parse(text).tag) == ("x", "x")


def test_print_shows_nobody() -> None:
    printed = repr(name_addr.parse(f'"{NAME}" <sip:{NUMBER}@b>'))
    assert NAME not in printed
    assert NUMBER not in printed
