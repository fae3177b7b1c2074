"""`docs/troubleshooting.md`: all that `ctibridge check` can ask for, from the code that finds it."""

import ast
import itertools
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ctibridge.cli.checks import mends
from tools.reference.markdown import code, sentence, table
from tools.reference.templates import GAP, Module, Scope, called, constants

CHECKS = Path(mends.__file__).parent
_SUBJECTS = {
    "configuration": "configuration",
    "service_user": "configuration",
    "page": "page",
    "trunks": "trunks",
    "trunk_probe": "trunks",
    "lines": "trunks",
    "webhooks": "webhooks",
    "last_calls": "test calls",
    "store": "store",
    "stored": "store",
    "restored": "store",
    "directory": "directory",
    "agents": "agents",
    "tokens": "tokens",
    "machine": "limits",
    "redis": "redis",
    "cluster": "cluster",
}
"""By module, in the order of the rows of `check`."""
_OF_THE_CLOCK = {"time", "time zones"}
_MAKERS = ("Finding", "note", "_told", "cannot_begin")


class Trouble(NamedTuple):
    subject: str
    what: str
    kind: str
    text: str
    mend: str


def made() -> str:
    return "\n".join([*_by_subject(), _of_lines()])


def troubles() -> list[Trouble]:
    """Of all modules, each once."""
    return list(dict.fromkeys(one for name in _SUBJECTS for one in _of_module(name)))


def _module(path: Path) -> Module:
    """With the constants of all modules beside it: they import them from each other."""
    beside = [*sorted(CHECKS.glob("*.py")), CHECKS.parent / "store_fault.py"]
    known = {name: value for one in beside for name, value in constants(_tree(one)).items()}
    return Module(_tree(path), known | constants(_tree(path)))


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _of_module(name: str) -> Iterator[Trouble]:
    module = _module(CHECKS / f"{name}.py")
    for call, function in module.calls(*_MAKERS):
        kind = _kind(call)
        if kind is None or function.node.name in _MAKERS:
            continue
        for given in module.given(function):
            scope = Scope(module, function, given)
            mend = "; or: ".join(one for one in _mends(call, scope) if one != GAP)
            for what, text in itertools.product(*(scope.said(one) for one in call.args[:2])):
                yield Trouble(_subject(name, what), what, kind, text, mend or GAP)


def _kind(call: ast.Call) -> str | None:
    """None: it asks for nothing."""
    if called(call) == "note":
        return "NOTE"
    if called(call) == "Finding" and len(call.args) < 3 and not isinstance(call.args[-1], ast.Starred):
        return None
    return "NOTE or MEND" if any(one.arg == "can_wait" for one in call.keywords) else "MEND"


def _mends(call: ast.Call, scope: Scope) -> list[str]:
    return scope.said(call.args[2]) if len(call.args) > 2 else [GAP]


def _subject(module: str, what: str) -> str:
    return "clock" if what in _OF_THE_CLOCK else _SUBJECTS[module]


def _by_subject() -> Iterator[str]:
    found: dict[str, dict[Trouble, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in troubles():
        found[one.subject][one._replace(what="")].append(code(one.what))
    for subject, those in found.items():
        yield f"## {sentence(subject)}\n"
        rows = [(", ".join(whats), one.kind, _shown(one.text), _todo(one.mend)) for one, whats in those.items()]
        yield table(("row", "is", "what it says", "what to do"), rows)


def _shown(text: str) -> str:
    return "what was found, in its own words" if text == GAP else re.sub(r"…( …)+", GAP, text)


def _todo(mend: str) -> str:
    return "as the row says" if mend == GAP else mend


def _of_lines() -> str:
    """The reasons that stand behind `not heard since`."""
    rows = [(f"…{part}…", mend) for part, mend in mends._MENDS]
    return "\n".join([
        "## Why a line is not heard\n",
        "The row `lines heard` (beside a daemon: `registration` and `subscription`) ends with what the PBX said:\n",
        table(("it says", "what to do"), [*rows, ("anything else", mends.OTHERWISE)]),
    ])  # fmt: skip
