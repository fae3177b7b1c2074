"""What differs between two AsyncAPI documents of the stream, and whether who built on the older one would notice.

Who reads knows every value, kind and limit that the older document has, and ignores fields and types of frames that he
does not know: so what the server says may grow by these, and nothing else. What a desk asks may be allowed more, and
never be asked for more. What nobody sees in JSON, as titles and the names of schemas, may be anything.
"""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

Json = dict[str, Any]
Side = Literal["said", "asked"]
"""said by the server, asked by a desk"""

_LOWEST = ("minimum", "minLength", "minItems")
_HIGHEST = ("maximum", "maxLength", "maxItems")
_TEXT = ("pattern", "format")
_READ = {"$ref", "anyOf", "type", "enum", "const", "required", "properties", "items", "default"}
_SILENT = {"title", "description", "examples"}


class Change(NamedTuple):
    """where: `CallBody.outcome`, or the name of a message, operation or channel."""

    where: str
    what: str
    breaks: bool

    def __str__(self) -> str:
        return f"`{self.where}`: {self.what}"


class Unknown(ValueError):
    """A word that this does not compare: what it would allow or forbid nobody looks at."""


def changes(old: Json, new: Json) -> list[Change]:
    """Raises Unknown for a schema with a word that is not compared."""
    return sorted(set(_Comparison(old, new).all()))


class _Comparison:
    def __init__(self, old: Json, new: Json) -> None:
        self._old, self._new = old, new
        self._seen: set[tuple[str, str, Side]] = set()

    def all(self) -> Iterator[Change]:
        for name, channel in self._old["channels"].items():
            yield from self._channel(name, channel, self._new["channels"].get(name))
            if name not in self._new["channels"]:
                return  # what stood in it cannot be looked up
        for name, operation in self._old["operations"].items():
            yield from self._operation(name, operation, self._new["operations"].get(name))
        for part in ("channels", "operations"):
            yield from (Change(name, "new", breaks=False) for name in self._new[part] if name not in self._old[part])

    def _channel(self, name: str, old: Json, new: Json | None) -> Iterator[Change]:
        if new is None or new["address"] != old["address"]:
            yield Change(name, "has gone or moved", breaks=True)
            return
        before, after = ({code: one["name"] for code, one in x.get("x-close-codes", {}).items()} for x in (old, new))
        for code in before.keys() | after.keys():
            if before.get(code) != after.get(code):
                yield Change(f"{name}.{code}", "another close code", breaks=code in before)

    def _operation(self, name: str, old: Json, new: Json | None) -> Iterator[Change]:
        if new is None or any(new[key] != old[key] for key in ("action", "channel")):
            yield Change(name, "has gone or means something else", breaks=True)
            return
        yield from self._messages(name, old, new, "said" if old["action"] == "send" else "asked")
        if "reply" in old:
            yield from self._messages(f"{name}.reply", old["reply"], new.get("reply", {"messages": []}), "said")

    def _messages(self, where: str, old: Json, new: Json, side: Side) -> Iterator[Change]:
        before, after = ([one["$ref"] for one in x["messages"]] for x in (old, new))
        for pointer in before:
            if pointer in after:
                yield from self._message(pointer, side)
            else:
                yield Change(f"{where}: {_last(pointer)}", "has gone", breaks=True)
        yield from (Change(f"{_last(pointer)}", "new", breaks=False) for pointer in after if pointer not in before)

    def _message(self, pointer: str, side: Side) -> Iterator[Change]:
        old, new = _at(self._old, pointer), _at(self._new, pointer)
        if old["contentType"] != new["contentType"]:
            yield Change(_last(pointer), "another content type", breaks=True)
        for part in ("payload", "headers"):
            yield from self._shape(f"{_last(pointer)}.{part}", old.get(part, {}), new.get(part, {}), side)

    # -- schemas -------------------------------------------------------------------------------------------------------

    def _shape(self, where: str, old: Json, new: Json, side: Side) -> Iterator[Change]:
        before, after = _kinds(self._old, old), _kinds(self._new, new)
        _match_renamed(before, after)
        for kind in before.keys() - after.keys():
            yield Change(where, f"no longer {_plain(kind)}", breaks=side == "asked" or kind != "null")
        for kind in after.keys() - before.keys():
            yield Change(where, f"now {_plain(kind)} as well", breaks=side == "said")
        for kind in before.keys() & after.keys():
            yield from self._kind(where, before[kind], after[kind], side)

    def _kind(self, where: str, old: "_Kind", new: "_Kind", side: Side) -> Iterator[Change]:
        if old.name and new.name:
            if (old.name, new.name, side) in self._seen:
                return
            self._seen.add((old.name, new.name, side))
        where = old.name or where
        yield from _limits(where, old.shape, new.shape, side)
        yield from _values(where, old.shape, new.shape, side)
        yield from self._properties(where, old.shape, new.shape, side)
        if "items" in old.shape or "items" in new.shape:
            yield from self._shape(f"{where}[]", old.shape.get("items", {}), new.shape.get("items", {}), side)

    def _properties(self, where: str, old: Json, new: Json, side: Side) -> Iterator[Change]:
        before, after = old.get("properties", {}), new.get("properties", {})
        needed, needs = set(old.get("required", ())), set(new.get("required", ()))
        for name in before.keys() - after.keys():
            yield Change(f"{where}.{name}", "has gone", breaks=True)
        for name in after.keys() - before.keys():
            yield Change(f"{where}.{name}", "new", breaks=side == "asked" and name in needs)
        for name in before.keys() & after.keys():
            if name in needed - needs:
                yield Change(f"{where}.{name}", "may be absent", breaks=side == "said")
            if name in needs - needed:
                yield Change(f"{where}.{name}", "has to be there", breaks=side == "asked")
            yield from _default(f"{where}.{name}", before[name], after[name])
            yield from self._shape(f"{where}.{name}", before[name], after[name], side)


class _Kind(NamedTuple):
    """One of the things that a value may be. name: of its schema, if it has one."""

    name: str
    shape: Json


def _kinds(document: Json, shape: Json, name: str = "") -> dict[str, _Kind]:
    """By a word for each: `string`, `null`, `object CallBody`. An inner `anyOf` counts as its parts."""
    if unknown := shape.keys() - _READ - _SILENT - {*_LOWEST, *_HIGHEST, *_TEXT}:
        raise Unknown(f"nobody compares {', '.join(sorted(unknown))}")
    if "$ref" in shape:
        return _kinds(document, _at(document, shape["$ref"]), _last(shape["$ref"]))
    if "anyOf" in shape:
        parts = [pair for part in shape["anyOf"] for pair in _kinds(document, part, name).items()]
        if len(dict(parts)) < len(parts):
            raise Unknown("nobody compares two schemas of one kind in one place")
        return dict(parts)
    values = shape.get("enum", [shape["const"]] if "const" in shape else [])
    kind = shape.get("type") or ("string" if values else "anything")
    return {f"{kind} {name}".strip(): _Kind(name, shape)}


def _match_renamed(before: dict[str, _Kind], after: dict[str, _Kind]) -> None:
    """A schema may get another name, where it is clear which one it was."""
    gone, come = (
        [word for word in x if word.startswith("object") and word not in y]
        for x, y in ((before, after), (after, before))
    )
    if len(gone) == len(come) == 1:
        after[gone[0]] = after.pop(come[0])


def _limits(where: str, old: Json, new: Json, side: Side) -> Iterator[Change]:
    for word in (*_LOWEST, *_HIGHEST, *_TEXT):
        before, after = old.get(word), new.get(word)
        if before == after:
            continue
        if before is None or after is None:
            tighter = before is None
        elif word in _TEXT:
            yield Change(where, f"another {word}", breaks=True)
            continue
        else:
            tighter = after > before if word in _LOWEST else after < before
        yield _narrower(where, word, side) if tighter else _wider(where, word, side)


def _values(where: str, old: Json, new: Json, side: Side) -> Iterator[Change]:
    before, after = (set(x["enum"]) if "enum" in x else {x["const"]} if "const" in x else None for x in (old, new))
    if before is None and after is not None:
        yield _narrower(where, "values", side)
    if before is not None and after is None:
        yield _wider(where, "values", side)
    if before is not None and after is not None:
        yield from (Change(where, f"{value} has gone", breaks=True) for value in before - after)
        yield from (Change(where, f"{value} is new", breaks=side == "said") for value in after - before)


def _default(where: str, old: Json, new: Json) -> Iterator[Change]:
    if "default" in old and "default" in new and old["default"] != new["default"]:
        yield Change(where, "another default", breaks=True)


def _narrower(where: str, word: str, side: Side) -> Change:
    return Change(where, f"{word}: less is allowed", breaks=side == "asked")


def _wider(where: str, word: str, side: Side) -> Change:
    return Change(where, f"{word}: more is allowed", breaks=side == "said")


def _at(document: Json, pointer: str) -> Json:
    node: Any = document
    for step in pointer.removeprefix("#/").split("/"):
        node = node[step]
    found: Json = node
    return found


def _last(pointer: str) -> str:
    return pointer.rpartition("/")[2]


def _plain(kind: str) -> str:
    return kind.replace("object ", "")
