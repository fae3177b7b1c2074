"""`docs/reference/configuration.md`: every key of the file, from the settings classes."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect as shapes

from ctibridge.config import Settings
from ctibridge.fields import Duration, Secret
from ctibridge.meanings import meaning
from tools.reference.markdown import code, sentence, table

_PLAIN: dict[type, str] = {
    shapes.StrType: "text",
    shapes.BoolType: "`true` or `false`",
    shapes.FloatType: "number",
}


def made() -> str:
    return "\n".join(_section(Settings, ""))


def _section(struct: type[msgspec.Struct], heading: str) -> Iterator[str]:
    """One heading with the table of its keys, then the sections that stand under it. heading: `[web]`, `[[trunk]]`."""
    place, said = heading.strip("[]"), meaning(struct)
    fields = shapes.type_info(struct).fields  # type: ignore[attr-defined]
    if heading:
        yield f"## `{heading}`\n\n{said.whole}\n"
    rows = [_row(field, said.fields) for field in fields if _below(field.type) is None]
    if rows:
        yield table(("key", "value", "default", "meaning"), rows)
    for field in fields:
        below = _below(field.type)
        if below is not None:
            inner, many = below
            name = f"{place}.{field.encode_name}".lstrip(".")
            yield from _section(inner, f"[[{name}]]" if many else f"[{name}]")


def _below(kind: shapes.Type) -> tuple[type[msgspec.Struct], bool] | None:
    """Of a key that is a section of its own: its class, and whether there may be several."""
    one = _not_none(kind)
    if isinstance(one, shapes.StructType) and one.cls is not Secret:
        return one.cls, False
    if isinstance(one, shapes.VarTupleType) and isinstance(one.item_type, shapes.StructType):
        return one.item_type.cls, True
    return None


def _row(field: shapes.Field, said: Any) -> tuple[str, str, str, str]:
    return code(field.encode_name), value(field.type), default(field), sentence(said[field.name])


def value(kind: shapes.Type) -> str:
    """What may stand at the key, in words."""
    one = _not_none(kind)
    if isinstance(one, shapes.IntType):
        return f"whole number, {one.ge} to {one.le}"
    if isinstance(one, shapes.LiteralType):
        return ", ".join(code(f'"{word}"') for word in one.values)
    if isinstance(one, shapes.VarTupleType):
        return f"list of {value(one.item_type)}"
    if isinstance(one, shapes.DictType):
        return "table of text"
    if isinstance(one, shapes.StructType):
        return "[secret](#secrets)"
    if isinstance(one, shapes.CustomType):
        return "[duration](#durations)" if one.cls is Duration else "path"
    return _PLAIN[type(one)]


def default(field: shapes.Field) -> str:
    if field.required:
        return "**required**"
    if field.default is not msgspec.NODEFAULT:
        return _written(field.default)
    if isinstance(field.type, shapes.StrType):
        return "of the machine"
    return _written(field.default_factory())


def _written(found: object) -> str:
    """As the file has it."""
    if found is None:
        return "–"
    if isinstance(found, bool):
        return code(str(found).lower())
    if isinstance(found, tuple):
        return code("[" + ", ".join(f'"{one}"' for one in found) + "]")
    if isinstance(found, dict):
        return "–" if not found else code(str(found))
    return code(str(found)) if isinstance(found, int) else code(f'"{found}"')


def _not_none(kind: shapes.Type) -> shapes.Type:
    if isinstance(kind, shapes.UnionType):
        (kind,) = (one for one in kind.types if not isinstance(one, shapes.NoneType))
    return kind.type if isinstance(kind, shapes.Metadata) else kind
