"""The document is AsyncAPI by AsyncAPI's own schema, whole in itself, and its examples are what it says."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from jsonschema import Draft7Validator  # type: ignore[import-untyped]

from ctibridge.delivery import asyncapi, frames, schema, stream_text, webhook_signature, wire
from ctibridge.delivery.close_code import CloseCode
from ctibridge.delivery.webhooks.forms import CLOUDEVENTS
from ctibridge.delivery.wire_control import CONTROL
from ctibridge.delivery.wire_webhook import GapEvent
from tests.delivery.golden_files import GOLDEN
from tests.peers.process import require_program

Json = dict[str, Any]


def written(folder: Path) -> dict[str, Json]:
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


EXAMPLES = asyncapi.Examples(written(GOLDEN), written(GOLDEN / "desk"), written(GOLDEN / "webhook"))
DOCUMENT = asyncapi.document(EXAMPLES)
MESSAGES: Json = {name: one for channel in DOCUMENT["channels"].values() for name, one in channel["messages"].items()}


@pytest.fixture(scope="module")
def judge() -> Draft7Validator:
    """AsyncAPI's own schema, bindings included."""
    return Draft7Validator(json.loads(Path(require_program("asyncapi-specs")).read_text()))


@pytest.mark.peer("asyncapi-specs")
def test_it_is_asyncapi(judge: Draft7Validator) -> None:
    assert [error.message for error in judge.iter_errors(DOCUMENT)] == []


@pytest.mark.peer("asyncapi-specs")
@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("channels.desk.adress", "/v1/desk"),
        ("operations.events.action", "shout"),
        ("channels.desk.bindings.ws.method", "PUT"),
        ("components.securitySchemes.token.in", "header"),
        ("info.version", None),
    ],
)
def test_what_is_not_asyncapi_is_seen(judge: Draft7Validator, place: str, value: object) -> None:
    wrong = deepcopy(DOCUMENT)
    *way, last = place.split(".")
    inner = wrong
    for step in way:
        inner = inner[step]
    inner[last] = value
    assert not judge.is_valid(wrong)


def pointers(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (value for key, value in node.items() if key == "$ref")
    children: list[Any] = [*node.values()] if isinstance(node, dict) else node if isinstance(node, list) else []
    for child in children:
        yield from pointers(child)


def found(pointer: str) -> Any:
    node: Any = DOCUMENT
    for step in pointer.removeprefix("#/").split("/"):
        node = node[step]
    return node


def test_everything_that_is_pointed_at_is_there() -> None:
    named = set(pointers(DOCUMENT))
    assert all(found(pointer) for pointer in named)
    parts = {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]}
    assert parts - named == set(), "nobody points at these"


def test_an_operation_has_messages_of_its_own_channel() -> None:
    """The specification asks for that in words; its schema cannot."""
    every = [operation | (operation.get("reply") or {}) for operation in DOCUMENT["operations"].values()]
    every += [operation["reply"] for operation in DOCUMENT["operations"].values() if "reply" in operation]
    for one in every:
        channel = one["channel"]["$ref"]
        assert all(message["$ref"].startswith(f"{channel}/messages/") for message in one["messages"])


def test_each_frame_of_both_sides_stands_in_one_operation() -> None:
    said = [*wire.EVENTS, *(schema.word_of(one) for one in CONTROL)]
    asked = [schema.word_of(one) for one in get_args(frames.ClientFrame)]
    for action, words in (("send", said), ("receive", asked)):
        listed = [
            found(message["$ref"])["name"]
            for operation in DOCUMENT["operations"].values()
            if operation["action"] == action and operation["channel"]["$ref"] == "#/channels/desk"
            for message in operation["messages"]
        ]
        assert sorted(listed) == sorted(words)
    assert set(stream_text.SERVER) == set(said)
    assert set(stream_text.DESK) == set(asked)


def test_a_receiver_of_webhooks_hears_of_every_event_and_of_what_was_lost() -> None:
    posted = [found(message["$ref"]) for message in DOCUMENT["operations"]["webhook"]["messages"]]
    assert [message["name"] for message in posted] == [*wire.EVENTS, "webhook.gap"]
    for message in posted:
        assert message["contentType"] == CLOUDEVENTS
        assert set(message["headers"]["required"]) == set(webhook_signature.headers(b"key", "id", 1, b""))
        assert all(example["payload"]["desk"] == "ana" for example in message["examples"])
        assert "desk" in found(message["payload"]["$ref"])["required"]


def test_the_example_of_a_gap_is_one() -> None:
    for frame in EXAMPLES.gaps.values():
        assert msgspec.to_builtins(msgspec.convert(frame, GapEvent)) == frame


def test_each_close_code_says_what_to_do() -> None:
    codes = DOCUMENT["channels"]["desk"]["x-close-codes"]
    assert {int(code) for code in codes} == set(CloseCode)
    assert all(code["meaning"].endswith(".") for code in codes.values())


def validator(name: str) -> Draft7Validator:
    """Of one message's payload."""
    return Draft7Validator({"allOf": [MESSAGES[name]["payload"]], "components": DOCUMENT["components"]})


@pytest.mark.parametrize("name", MESSAGES)
def test_each_message_has_examples_and_they_follow_it(name: str) -> None:
    examples = [example["payload"] for example in MESSAGES[name]["examples"]]
    assert examples
    checker = validator(name)
    for example in examples:
        assert [error.message for error in checker.iter_errors(example)] == []
        assert not checker.is_valid(example | {"type": "nonsense"})


def test_no_example_is_left_out() -> None:
    shown = {example["name"] for message in MESSAGES.values() for example in message["examples"]}
    assert shown == {name for kind in EXAMPLES for name in kind}


def test_nothing_in_it_came_after_draft_7() -> None:
    later = {"$defs", "prefixItems", "dependentRequired", "unevaluatedProperties", "$dynamicRef", "minContains"}
    assert [word for word in later if f'"{word}"' in json.dumps(DOCUMENT)] == []


def test_as_text_it_is_the_same() -> None:
    assert json.loads(asyncapi.text(EXAMPLES)) == DOCUMENT
