"""What fields mean is read from docstrings as people write them, and reaches every JSON Schema."""

import msgspec
import pytest

from ctibridge import config
from ctibridge.meanings import describe, meaning, structs


class Chair(msgspec.Struct):
    """A thing to sit on. legs: how many; at
    least three. colour, cloth: as the maker calls them, like `colour: red`. name: of who made it (name: Ana).
    """

    legs: int
    colour: str
    cloth: str
    name: str | None = None


class Rocker(Chair):
    """legs: two bows. chairs: others beside it."""

    chairs: tuple[Chair, ...] = ()


class Bare(msgspec.Struct):
    one: int


def test_a_field_is_said_from_its_name_to_the_next_one() -> None:
    said = meaning(Chair)
    assert said.whole == "A thing to sit on."
    assert said.fields == {
        "legs": "how many; at least three",
        "colour": "as the maker calls them, like `colour: red`",
        "cloth": "as the maker calls them, like `colour: red`",
        "name": "of who made it (name: Ana)",
    }


def test_what_is_inherited_keeps_its_meaning_until_it_is_said_anew() -> None:
    said = meaning(Rocker)
    assert (said.whole, said.fields["legs"], said.fields["chairs"]) == ("", "two bows", "others beside it")
    assert said.fields["colour"] == meaning(Chair).fields["colour"]


def test_nothing_is_said_of_what_nobody_wrote_of() -> None:
    assert (meaning(Bare).whole, meaning(Bare).fields) == ("", {})


def test_a_schema_says_it_at_each_property() -> None:
    _, parts = msgspec.json.schema_components([Rocker])
    describe(parts, Rocker)
    assert parts["Chair"]["description"] == "A thing to sit on."
    assert parts["Chair"]["properties"]["legs"]["description"] == "how many; at least three"
    assert "description" not in parts["Rocker"]
    assert parts["Rocker"]["properties"]["cloth"]["description"].startswith("as the maker")


SECTIONS = {"node", "web", "provider", "language", "resolution", "privacy", "sign_in"}
"""Keys whose class says what they are."""


@pytest.mark.parametrize("struct", list(structs(config.Settings)), ids=lambda struct: struct.__name__)
def test_each_key_of_the_configuration_is_explained(struct: type[msgspec.Struct]) -> None:
    assert set(struct.__struct_fields__) - meaning(struct).fields.keys() - SECTIONS == set()


def test_the_printed_schema_explains_each_key() -> None:
    parts = config.schema()["$defs"]
    assert "NAPTR" in parts["TrunkSettings"]["properties"]["registrar"]["description"]
    bare = {
        f"{name}.{key}"
        for name, part in parts.items() for key, said in part["properties"].items()
        if "description" not in said and key not in SECTIONS
    }  # fmt: skip
    assert bare == set()
