"""What each field of a struct means, read from the struct's own docstring: `listen: of page and websocket. name: …`.

One text for who reads the code, who asks for a JSON Schema, and who reads the reference pages (tools/reference).
"""

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect as shapes

_BEGINS_BEHIND = ".;:)?"


@dataclass(frozen=True, slots=True)
class Meaning:
    """whole: what is said of the struct itself; fields: by name, of those that something is said of, one line each."""

    whole: str
    fields: Mapping[str, str]


@cache
def meaning(struct: type[msgspec.Struct]) -> Meaning:
    """Also of fields that it inherits, where it says nothing of them itself. A docstring that msgspec or Python made
    says nothing."""
    inherited: dict[str, str] = {}
    for base in struct.__bases__:
        if issubclass(base, msgspec.Struct) and base is not msgspec.Struct:
            inherited |= meaning(base).fields
    text = " ".join(inspect.cleandoc(struct.__dict__.get("__doc__") or "").split())
    whole, said = _divided(text, struct.__struct_fields__)
    return Meaning(whole, inherited | said)


def _divided(text: str, names: Iterable[str]) -> tuple[str, dict[str, str]]:
    """A field's part begins with its name and a colon, at the beginning of a sentence, and ends where the next begins.
    Several names may share one: `from, to: …`."""
    name = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    if not name:
        return text, {}
    begins = [
        match
        for match in re.finditer(rf"(?<![\w.`])((?:{name})(?:, (?:{name}))*): ", text)
        if not match.start() or text[: match.start()].rstrip()[-1] in _BEGINS_BEHIND
    ]
    if not begins:
        return text, {}
    ends = [*(match.start() for match in begins[1:]), len(text)]
    said: dict[str, str] = {}
    for match, end in zip(begins, ends, strict=True):
        part = text[match.end() : end].strip().rstrip(";.")
        said |= dict.fromkeys(match[1].split(", "), part)
    return text[: begins[0].start()].strip(), said


def structs(*kinds: Any) -> Iterator[type[msgspec.Struct]]:
    """All that these types are made of, each once."""
    seen: set[type] = set()
    waiting = [shapes.type_info(kind) for kind in kinds]
    while waiting:
        one = waiting.pop()
        if isinstance(one, shapes.StructType):
            if one.cls in seen:
                continue
            seen.add(one.cls)
            yield one.cls
            waiting += [field.type for field in one.fields]
        waiting += parts(one)


def parts(kind: shapes.Type) -> list[shapes.Type]:
    """What a list, a dictionary, a union or a described type is of."""
    found = [getattr(kind, name) for name in ("type", "item_type", "key_type", "value_type") if hasattr(kind, name)]
    return [*found, *getattr(kind, "item_types", ()), *getattr(kind, "types", ())]


def describe(definitions: dict[str, Any], *kinds: Any) -> None:
    """Puts the meanings into the parts of a JSON Schema that msgspec made of these types, by their names."""
    for struct in structs(*kinds):
        definition, said = definitions.get(struct.__name__), meaning(struct)
        if definition is None:
            continue
        if said.whole:
            definition["description"] = said.whole
        else:
            definition.pop("description", None)
        for name, text in said.fields.items():
            if name in definition["properties"]:
                definition["properties"][name]["description"] = text
