"""`docs/reference/events.md`: every frame of the stream and every part, from the structs of both sides."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import msgspec
from msgspec import inspect as shapes

from ctibridge.delivery import adapters, frames, schema, stream_text, wire
from ctibridge.delivery.close_code import MEANING, CloseCode
from ctibridge.delivery.wire_control import CONTROL
from ctibridge.delivery.wire_webhook import GapData, GapEvent, WebhookEvent
from ctibridge.meanings import meaning, structs
from tools.reference.markdown import anchor, code, sentence, table

EXAMPLES = Path(str(adapters.__file__)).parent / "examples"
_LONG = 40
"""Lines of an example that is folded up."""
_WORDS: Mapping[type, str] = {
    shapes.StrType: "text",
    shapes.BoolType: "`true` or `false`",
    shapes.IntType: "whole number",
    shapes.RawType: "object",
}
Struct = type[msgspec.Struct]
ASKED: tuple[Struct, ...] = get_args(frames.ClientFrame)


def made() -> str:
    answers = {schema.word_of(one): _data_of(one) for one in CONTROL}
    sections = [
        "## The envelope of an event\n",
        _struct(wire.Event),
        "## Events\n",
        *_frames(wire.EVENTS, stream_text.SERVER, "", ""),
        "## What a desk is greeted with and answered\n",
        *_frames(answers, stream_text.SERVER, "", " (to the desk)"),
        "## What a desk sends\n",
        "Beside `type`; what is not required may be left out.\n",
        *_frames({schema.word_of(one): one for one in ASKED}, stream_text.DESK, "desk", " (from the desk)"),
        "## What only a webhook is posted\n",
        _struct(WebhookEvent, only={"desk"}),
        *_frames({"webhook.gap": GapData}, {"webhook.gap": meaning(GapData).whole}, "webhook", ""),
        "## Why a connection ends\n",
        "The close code of the websocket. Any other end: come back after a while, and resume.\n",
        table(("code", "means"), ((code(str(int(one))), MEANING[one]) for one in CloseCode)),
        "## Parts\n",
        "By the names that they have in `ctibridge schema events`.\n",
        *_parts(),
    ]
    return "\n".join(sections)


def shown() -> set[Struct]:
    """All that is sent or read."""
    return set(structs(wire.Event, *wire.EVENTS.values(), *CONTROL, frames.ClientFrame, WebhookEvent, GapEvent))


def _parts() -> Iterator[str]:
    """What stands in the frames; those themselves have their own sections."""
    own = {wire.Event, WebhookEvent, GapEvent, GapData, *wire.EVENTS.values(), *ASKED, *CONTROL}
    own |= {_data_of(one) for one in CONTROL}
    for one in sorted(shown() - own, key=lambda struct: struct.__name__):
        yield f"### {one.__name__}\n"
        yield _struct(one)


def _frames(kinds: Mapping[str, Struct], when: Mapping[str, str], folder: str, behind: str) -> Iterator[str]:
    """kinds: by word. behind: of a heading, where a word is used in both directions."""
    first: dict[Struct, str] = {}
    for word, struct in kinds.items():
        yield f"### {code(word)}{behind}\n\n{when[word]}\n"
        if struct in first:
            yield f"Its data is that of [{code(first[struct])}]({anchor(code(first[struct]) + behind)}).\n"
        else:
            yield _struct(struct, whole=meaning(struct).whole != when[word])

        first.setdefault(struct, word)
        yield _example(EXAMPLES / folder / f"{word}.json")


def _data_of(frame: Struct) -> Struct:
    (field,) = shapes.type_info(frame).fields  # type: ignore[attr-defined]
    found: Struct = field.type.cls
    return found


def _struct(struct: Struct, *, whole: bool = True, only: Iterable[str] = ()) -> str:
    said = meaning(struct)
    fields = [one for one in shapes.type_info(struct).fields if not only or one.name in only]  # type: ignore[attr-defined]
    rows = [
        (code(one.encode_name), _value(one, asked=struct in ASKED), sentence(said.fields.get(one.name, "")))
        for one in fields
    ]
    text = f"{said.whole}\n\n" if whole and said.whole else ""
    return text + (table(("field", "value", "meaning"), rows) if rows else "")


def _value(field: shapes.Field, *, asked: bool) -> str:
    """asked: a client writes it, and may leave out what has a default; we leave out what is UNSET."""
    unset = field.default is msgspec.NODEFAULT and field.default_factory is msgspec.NODEFAULT
    missing = not field.required and (asked or unset)
    return kind(field.type) + ", may be missing" * missing


def kind(found: shapes.Type) -> str:
    """What the value is, in words, parts as links."""
    if isinstance(found, shapes.Metadata):
        return _described(found)
    if isinstance(found, shapes.UnionType):
        one = [each for each in found.types if not isinstance(each, shapes.NoneType)]
        return " or ".join([*map(kind, one), *["null"] * (len(one) < len(found.types))])
    if isinstance(found, shapes.StructType):
        return f"[{found.cls.__name__}]({anchor(found.cls.__name__)})"
    if isinstance(found, shapes.ListType):
        return f"list of {kind(found.item_type)}{_limits(found, 'entries')}"
    if isinstance(found, shapes.LiteralType):
        return ", ".join(code(str(word)) for word in found.values)
    return _WORDS[type(found)] + (_limits(found, "characters") if isinstance(found, shapes.StrType) else "")


def _described(found: shapes.Metadata) -> str:
    extra: dict[str, Any] = found.extra_json_schema or {}
    if "enum" in extra:
        return ", ".join(map(code, extra["enum"]))
    return "time (RFC 3339)" if extra.get("format") == "date-time" else kind(found.type)


def _limits(found: shapes.StrType | shapes.ListType, of: str) -> str:
    return f" (at most {found.max_length:,} {of})" if found.max_length is not None else ""


def _example(path: Path) -> str:
    if not path.exists():
        return ""
    text = json.dumps(json.loads(path.read_text(encoding="utf-8")), indent=2, ensure_ascii=False)
    fence = f"```json\n{text}\n```\n"
    folded = text.count("\n") >= _LONG
    return f"<details><summary>Example</summary>\n\n{fence}\n</details>\n" if folded else fence
