"""What legs have in common."""

from dataclasses import replace

import pytest

from ctibridge.calls import keys
from ctibridge.calls.facts import LegRang
from tests.calls.legs import rang, signalled

INVITE = rang("i", dialog=("k", "tag"))
STATE = replace(INVITE, leg="s", dialog=("k", ""))


def found(leg: LegRang, by: LegRang) -> bool:
    return not set(keys.certain(by)).isdisjoint(keys.own(leg))


def test_a_call_id_without_its_tag_finds_and_is_found() -> None:
    assert found(INVITE, by=STATE)
    assert found(STATE, by=INVITE)
    assert found(STATE, by=replace(STATE, leg="t"))
    assert found(INVITE, by=replace(INVITE, leg="j"))


def test_two_invites_need_both_to_be_equal() -> None:
    assert not found(INVITE, by=replace(INVITE, dialog=("k", "other")))
    assert not found(INVITE, by=replace(STATE, dialog=("other", "")))


def test_where_no_dialog_is_known_nothing_is_certain() -> None:
    unknown = replace(STATE, dialog=("", ""))
    assert (keys.certain(unknown), keys.own(unknown)) == ([], [])
    assert keys.certain(replace(unknown, key="linked")) == [("header", "pbx", "linked")]


def test_a_call_id_alone_counts_on_its_trunk_only() -> None:
    assert not found(STATE, by=replace(STATE, trunk="second"))


def test_a_withheld_caller_has_nothing_in_common_with_another() -> None:
    assert keys.pairs(rang("1", who=signalled(None)), frozenset({"ana"})) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("+4989123456", "4989123456", True),
        ("+49 89 123-456", "004989123456", True),
        ("6001", "6002", False),
        (None, "+4989123456", True),
        ("ana", "ANA", True),
    ],
)
def test_one_caller_in_the_spelling_of_two_views(one: str | None, other: str | None, same: bool) -> None:
    assert keys.same_caller(signalled(one), signalled(other)) is same
    assert keys.same_caller(signalled(other), signalled(one)) is same
