"""The page of the stream explains each field, and shows what is really sent."""

import json
import re

import pytest

from ctibridge.delivery.wire_control import CONTROL
from ctibridge.meanings import meaning
from tools.reference import events

MADE = events.made()
EXAMPLES = [json.loads(block) for block in re.findall(r"^```json\n(.*?)^```", MADE, re.MULTILINE | re.DOTALL)]


@pytest.mark.parametrize("struct", sorted(events.shown() - set(CONTROL), key=str))
def test_each_field_is_explained(struct: events.Struct) -> None:
    assert set(struct.__struct_fields__) - meaning(struct).fields.keys() == set()
    for name in struct.__struct_fields__:
        assert f"| `{name}` |" in MADE


def test_each_link_to_a_part_leads_to_its_table() -> None:
    parts = set(re.findall(r"^### (\w+)$", MADE, re.MULTILINE))
    linked = set(re.findall(r"\[(\w+)\]\(#\w+\)", MADE))
    assert linked == parts


def test_each_type_has_an_example() -> None:
    headings = re.findall(r"^### `([a-z._]+)`", MADE, re.MULTILINE)
    assert sorted(one["type"] for one in EXAMPLES) == sorted(headings)


def test_what_may_be_missing_and_what_may_be_null_is_said() -> None:
    assert "| `ended_at` | time (RFC 3339), may be missing |" in MADE
    assert "| `display_name` | text or null |" in MADE
    assert "| `account` | text (at most 400 characters) or null, may be missing |" in MADE
