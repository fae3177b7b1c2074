"""What compares the versions of the stream bites: on every part of the real document, and, where it says that nobody
breaks, nobody does (JSON Schema itself is the judge)."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import product
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator  # type: ignore[import-untyped]

from tests.delivery.stream.compatibility import Change, Json, Unknown, changes
from tests.delivery.stream.document import STREAM

SCHEMAS: dict[str, Json] = STREAM["components"]["schemas"]


def breaks(found: list[Change]) -> bool:
    return any(change.breaks for change in found)


# -- on the real document ----------------------------------------------------------------------------------------------


def reached(action: str) -> set[str]:
    """The schemas of what is sent, or of what is received."""
    names: set[str] = set()
    waiting = [
        message["$ref"]
        for operation in STREAM["operations"].values()
        if operation["action"] == action
        for message in operation["messages"]
    ]
    while waiting:
        node: Any = STREAM
        pointer = waiting.pop()
        for step in pointer.removeprefix("#/").split("/"):
            node = node[step]
        inside = json.dumps(node.get("payload", node))
        new = {name for name in SCHEMAS if f'"#/components/schemas/{name}"' in inside} - names
        names |= new
        waiting += [f"#/components/schemas/{name}" for name in new]
    return names


SAID, ASKED = sorted(reached("send")), sorted(reached("receive"))


def fields(names: list[str]) -> Iterator[tuple[str, str]]:
    return ((name, field) for name in names for field in SCHEMAS[name].get("properties", {}))


def changed(name: str, change: Callable[[Json], None]) -> list[Change]:
    edited = deepcopy(SCHEMAS[name])
    change(edited)
    return changes(STREAM, STREAM | {"components": {"schemas": SCHEMAS | {name: edited}}})


def test_every_schema_belongs_to_a_side() -> None:
    assert {*SAID, *ASKED} == set(SCHEMAS)
    assert (len(SAID), len(ASKED)) > (30, 10)


def test_the_same_is_the_same() -> None:
    assert changes(STREAM, deepcopy(STREAM)) == []


def test_a_field_that_goes_breaks() -> None:
    for name, field in fields([*SAID, *ASKED]):
        found = changed(name, lambda shape, field=field: shape["properties"].pop(field))  # type: ignore[misc]
        assert Change(f"{name}.{field}", "has gone", breaks=True) in found


def test_a_field_of_another_type_breaks() -> None:
    for name, field in fields([*SAID, *ASKED]):
        assert breaks(changed(name, lambda shape, field=field: shape["properties"].update({field: {"type": "number"}})))  # type: ignore[misc]


def test_a_field_that_may_be_null_breaks_readers_alone() -> None:
    def nullable(shape: Json, field: str) -> None:
        was = shape["properties"][field]
        shape["properties"][field] = {"anyOf": [*was.get("anyOf", [was]), {"type": "null"}]}

    for name, field in fields([*SAID, *ASKED]):
        if '"null"' not in json.dumps(SCHEMAS[name]["properties"][field]) and SCHEMAS[name]["properties"][field]:
            found = changed(name, lambda shape, field=field: nullable(shape, field))  # type: ignore[misc]
            assert breaks(found) == (name in SAID), (name, field)


def test_what_is_no_longer_always_there_breaks_readers_alone() -> None:
    for name, field in fields([*SAID, *ASKED]):
        if field in SCHEMAS[name].get("required", []):
            found = changed(name, lambda shape, field=field: shape["required"].remove(field))  # type: ignore[misc]
            assert found == [Change(f"{name}.{field}", "may be absent", breaks=name in SAID)]


def test_a_new_field_is_told_and_breaks_only_a_desk_that_has_to_send_it() -> None:
    for name, needed in product([*SAID, *ASKED], (False, True)):
        if "properties" in SCHEMAS[name]:

            def grow(shape: Json, needed: bool = needed) -> None:
                shape["properties"]["mood"] = {"type": "string"}
                shape.setdefault("required", []).extend(["mood"] * needed)

            assert changed(name, grow) == [Change(f"{name}.mood", "new", breaks=needed and name in ASKED)]


def test_values_that_go_break_and_new_ones_break_readers_alone() -> None:
    seen = 0
    for name, field in fields([*SAID, *ASKED]):
        text = json.dumps(SCHEMAS[name]["properties"][field])
        if '"enum": [' not in text:
            continue
        seen += 1
        more, less = text.replace('"enum": [', '"enum": ["lost", '), json.loads(text)
        next(part for part in less.get("anyOf", [less]) if "enum" in part)["enum"].pop()
        assert breaks(changed(name, lambda s, f=field, m=more: s["properties"].update({f: json.loads(m)}))) == (  # type: ignore[misc]
            name in SAID
        )
        assert breaks(changed(name, lambda s, f=field, m=less: s["properties"].update({f: m})))  # type: ignore[misc]
    assert seen > 20


def test_a_limit_breaks_who_is_bound_by_it() -> None:
    note = "NoteFrame"
    assert breaks(changed(note, lambda shape: shape["properties"]["text"].update(maxLength=1999)))
    assert changed(note, lambda shape: shape["properties"]["text"].update(maxLength=4000)) == [
        Change("NoteFrame.text", "maxLength: more is allowed", breaks=False)
    ]
    assert breaks(changed("CallBody", lambda shape: shape["properties"]["round"].update(minimum=1)))
    assert not breaks(changed("CallBody", lambda shape: shape["properties"]["round"].update(minimum=3)))
    assert breaks(changed("CallRinging", lambda shape: shape["properties"]["sequence"].update(pattern="^[a-f]$")))
    assert breaks(changed("Auth", lambda shape: shape["properties"]["rings"].update(default=True)))


EDITS: dict[str, tuple[Callable[[Json], object], bool]] = {
    "an event's type goes": (lambda doc: doc["operations"]["events"]["messages"].pop(), True),
    "an answer goes": (lambda doc: doc["operations"]["ping_by_desk"].pop("reply"), True),
    "a frame of a desk goes": (lambda doc: doc["operations"].pop("take_by_desk"), True),
    "who says it": (lambda doc: doc["operations"]["take_by_desk"].update(action="send"), True),
    "another address": (lambda doc: doc["channels"]["desk"].update(address="/v2/desk"), True),
    "no channel": (lambda doc: doc["channels"].pop("desk"), True),
    "another content type": (
        lambda doc: doc["channels"]["desk"]["messages"]["Pong"].update(contentType="text/plain"),
        True,
    ),
    "a close code goes": (lambda doc: doc["channels"]["desk"]["x-close-codes"].pop("4403"), True),
    "a close code comes": (
        lambda doc: doc["channels"]["desk"]["x-close-codes"].update({"4429": {"name": "too_many"}}),
        False,
    ),
    "a channel comes": (lambda doc: doc["channels"].update(wall={"address": "/v1/wall"}), False),
    "an operation comes": (lambda doc: doc["operations"].update(hum={"action": "send", "messages": []}), False),
    "an event's type comes": (
        lambda doc: doc["operations"]["events"]["messages"].append({"$ref": "#/channels/desk/messages/Hum"}),
        False,
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_what_stands_around_the_schemas(name: str) -> None:
    edit, broken = EDITS[name]
    new = deepcopy(STREAM)
    edit(new)
    found = changes(STREAM, new)
    assert found
    assert breaks(found) == broken


def test_texts_examples_and_names_of_schemas_are_nobodys_business() -> None:
    text = json.dumps(STREAM).replace('"CallBody"', '"CallShape"').replace("/CallBody", "/CallShape")
    text = text.replace("A call rings", "It rings").replace("description", "title")
    assert changes(STREAM, json.loads(text)) == []


def test_a_word_that_nobody_compares_is_refused() -> None:
    with pytest.raises(Unknown, match="multipleOf"):
        changed("CallBody", lambda shape: shape["properties"]["round"].update(multipleOf=2))
    with pytest.raises(Unknown, match="one kind"):
        changed("CallBody", lambda shape: shape["properties"].update(line={"anyOf": [{"type": "string"}] * 2}))


# -- any schema: who is said not to break does not ---------------------------------------------------------------------


def document(action: str, shape: Json) -> Json:
    message = {"contentType": "application/json", "payload": shape}
    operation = {"action": action, "channel": "desk", "messages": [{"$ref": "#/channels/desk/messages/one"}]}
    return {
        "channels": {"desk": {"address": "/", "messages": {"one": message}}},
        "operations": {"one": operation},
    }


LIMITED = st.builds(lambda low, more: (low, low + more), st.integers(0, 2), st.integers(0, 2))
OF_LEAF: dict[str, st.SearchStrategy[Json]] = {
    "integer": st.builds(lambda x: {"type": "integer", "minimum": x[0], "maximum": x[1]}, LIMITED),
    "string": st.builds(lambda x: {"type": "string", "minLength": x[0], "maxLength": x[1]}, LIMITED)
    | st.just({"type": "string"}),
    "enum": st.builds(lambda x: {"enum": sorted(x)}, st.sets(st.sampled_from("abc"), min_size=1)),
    "boolean": st.just({"type": "boolean"}),
    "anything": st.just({}),
}
LEAVES = st.one_of(*OF_LEAF.values())


def _object(properties: dict[str, Json], required: set[str]) -> Json:
    return {"type": "object", "properties": properties, "required": sorted(required & properties.keys())}


def _bigger(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    plain = inner.filter(lambda shape: "anyOf" not in shape and shape != {})
    return st.one_of(
        st.builds(lambda shape: {"anyOf": [shape, {"type": "null"}]}, plain),
        st.builds(lambda shape, most: {"type": "array", "items": shape, "maxItems": most}, inner, st.integers(0, 2)),
        st.builds(_object, st.dictionaries(st.sampled_from("xyz"), inner), st.sets(st.sampled_from("xyz"))),
    )


SHAPES = st.recursive(LEAVES, _bigger, max_leaves=6)


@st.composite
def edited(draw: st.DrawFn, shape: Json) -> Json:
    """The same with one place of it made anew."""
    if "properties" in shape and draw(st.integers(0, 3)):
        properties, required = dict(shape["properties"]), set(shape["required"])
        name = draw(st.sampled_from([*properties, *properties, *"xyz"]))
        properties[name] = draw(edited(properties[name])) if name in properties else draw(SHAPES)
        return _object(properties, required ^ draw(st.sets(st.sampled_from("xyz"), max_size=1)))
    if "items" in shape and draw(st.booleans()):
        return shape | {"items": draw(edited(shape["items"]))}
    if "anyOf" in shape and draw(st.booleans()):
        return draw(st.sampled_from([shape["anyOf"][0], shape]))
    if shape and "anyOf" not in shape and not draw(st.integers(0, 4)):
        return {"anyOf": [shape, {"type": "null"}]}
    kind = "enum" if "enum" in shape else shape.get("type")
    return draw(OF_LEAF[kind] if kind in OF_LEAF and draw(st.integers(0, 3)) else SHAPES)


def values(shape: Json) -> st.SearchStrategy[Any]:
    """What follows that schema, and has no fields besides."""
    if "anyOf" in shape:
        return st.one_of([values(part) for part in shape["anyOf"]])
    if "enum" in shape:
        return st.sampled_from(shape["enum"])
    return OF_TYPE[shape.get("type", "")](shape)


def _objects(shape: Json) -> st.SearchStrategy[Any]:
    inner = {name: values(part) for name, part in shape["properties"].items()}
    needed = {name: inner.pop(name) for name in shape["required"]}
    return st.fixed_dictionaries(needed, optional=inner)


OF_TYPE: dict[str, Callable[[Json], st.SearchStrategy[Any]]] = {
    "object": _objects,
    "array": lambda shape: st.lists(values(shape["items"]), max_size=shape["maxItems"]),
    "string": lambda shape: st.text("abc", min_size=shape.get("minLength", 0), max_size=shape.get("maxLength", 4)),
    "integer": lambda shape: st.integers(shape["minimum"], shape["maximum"]),
    "boolean": lambda _: st.booleans(),
    "null": lambda _: st.none(),
    "": lambda _: st.sampled_from([None, True, 7, "a", [], {}]),
}


def several(shape: Json) -> st.SearchStrategy[list[Any]]:
    return st.lists(values(shape), min_size=6, max_size=6)


PAIRS = st.one_of(
    SHAPES.flatmap(lambda shape: st.tuples(st.just(shape), edited(shape))),
    st.sampled_from(["enum", "integer", "string"]).flatmap(lambda kind: st.tuples(OF_LEAF[kind], OF_LEAF[kind])),
)


def harmless(action: str, pair: tuple[Json, Json]) -> tuple[Json, Json] | None:
    """The pair as an older and a newer one by which nobody breaks: an edit that breaks often does not, taken back."""
    for old, new in (pair, pair[::-1]):
        if not breaks(changes(document(action, old), document(action, new))):
            return old, new
    return None


@settings(max_examples=200)
@given(st.data(), PAIRS)
def test_a_reader_who_does_not_break_can_read_all_that_is_said(data: st.DataObject, pair: tuple[Json, Json]) -> None:
    if found := harmless("send", pair):
        old, new = found
        assert all(map(Draft7Validator(old).is_valid, data.draw(several(new))))


@settings(max_examples=200)
@given(st.data(), PAIRS)
def test_a_desk_that_does_not_break_is_understood(data: st.DataObject, pair: tuple[Json, Json]) -> None:
    if found := harmless("receive", pair):
        old, new = found
        assert all(map(Draft7Validator(new).is_valid, data.draw(several(old))))


@pytest.mark.parametrize("action", ["send", "receive"])
def test_these_two_have_something_to_say(action: str) -> None:
    def differ(pair: tuple[Json, Json]) -> bool:
        found = harmless(action, pair)
        return found is not None and found[0] != found[1]

    find(PAIRS, differ, settings=settings(phases=[Phase.generate]))
