"""What a piece of code can say, without running it: texts with `…` where values go, one for each way through it.

A name is followed to where it was set last before, a parameter to what the module's calls give it, a constant to its
module. What comes from elsewhere is `…`.
"""

import ast
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

GAP = "…"
_DEEPEST = 8

Given = Mapping[str, Sequence[str]]
"""What a function's parameters were given, as texts."""


@dataclass(frozen=True)
class Function:
    """node, with the blocks that each of its statements stands in, outermost first."""

    node: ast.FunctionDef | ast.AsyncFunctionDef

    @cached_property
    def blocks(self) -> dict[ast.AST, tuple[tuple[ast.AST, str], ...]]:
        """Of every node inside."""
        found: dict[ast.AST, tuple[tuple[ast.AST, str], ...]] = {}

        def walk(node: ast.AST, at: tuple[tuple[ast.AST, str], ...]) -> None:
            found[node] = at
            for name, value in ast.iter_fields(node):
                inner = (*at, (node, name)) if name in ("body", "orelse", "finalbody", "handlers") else at
                for child in value if isinstance(value, list) else [value]:
                    if isinstance(child, ast.AST):
                        walk(child, inner)

        walk(self.node, ())
        return found

    def set_before(self, name: str, use: ast.AST) -> list[ast.Assign | ast.AugAssign]:
        """The last assignment on the way to `use`, and what may have changed it behind."""
        there = self.blocks[use]
        ways = [
            one
            for one in ast.walk(self.node)
            if isinstance(one, ast.Assign | ast.AugAssign)
            and name in _targets(one)
            and one.lineno < getattr(use, "lineno", 0)
            and not self._another_way(self.blocks[one], there)
        ]
        ways.sort(key=lambda one: one.lineno)
        last = max(
            (n for n, one in enumerate(ways) if isinstance(one, ast.Assign) and self.surely(one, use)), default=0
        )
        return ways[last:]

    def surely(self, one: ast.AST, use: ast.AST) -> bool:
        """Does it happen wherever `use` is come to?"""
        here = self.blocks[one]
        return self.blocks[use][: len(here)] == here

    @staticmethod
    def _another_way(here: Sequence[tuple[ast.AST, str]], there: Sequence[tuple[ast.AST, str]]) -> bool:
        """The other branch of an `if`, or a block that never comes to what is behind it."""
        for n, (owner, branch) in enumerate(here):
            if n < len(there) and there[n] == (owner, branch):
                continue
            if n < len(there) and there[n][0] is owner:
                return True
            return isinstance(getattr(owner, branch)[-1], ast.Return | ast.Raise | ast.Continue)
        return False


@dataclass(frozen=True)
class Module:
    """constants: its own and those that it imports, by name; a table of texts is one of several."""

    tree: ast.Module
    constants: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @cached_property
    def functions(self) -> list[Function]:
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        return [Function(node) for node in ast.walk(self.tree) if isinstance(node, kinds)]

    def calls(self, *names: str) -> Iterator[tuple[ast.Call, Function]]:
        """In the order of the code, with the function that each stands in."""
        found = [
            (node, function)
            for function in self.functions
            for node in ast.walk(function.node)
            if isinstance(node, ast.Call) and called(node) in names
        ]
        yield from sorted(found, key=lambda one: (one[0].lineno, one[0].col_offset))

    def given(self, function: Function, depth: int = 0) -> list[Given]:
        """For each way in which it is called from here; one empty where nobody here calls it."""
        names = [one.arg for one in function.node.args.args]
        found: list[Given] = []
        for call, caller in self.calls(function.node.name) if depth < _DEEPEST // 2 else ():
            passed = dict(zip(names, call.args, strict=False)) | {one.arg or "": one.value for one in call.keywords}
            for outer in self.given(caller, depth + 1):
                scope = Scope(self, caller, outer)
                found.append({name: scope.said(value) for name, value in passed.items()})
        return [one for n, one in enumerate(found) if one not in found[:n]] or [{}]


def called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def constants(tree: ast.Module) -> dict[str, Sequence[str]]:
    """Texts and numbers that are set at the top of a module, and the texts of its tables."""
    found: dict[str, Sequence[str]] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            values = node.value.values if isinstance(node.value, ast.Dict) else [node.value]
            texts = [
                str(one.value) for one in values if isinstance(one, ast.Constant) and isinstance(one.value, str | int)
            ]
            if texts and len(texts) == len(values):
                found[node.targets[0].id] = texts
    return found


@dataclass(frozen=True)
class Scope:
    """One way through a function."""

    module: Module
    function: Function
    given: Given

    def said(self, node: ast.expr | None, depth: int = 0) -> list[str]:
        """All texts that it may be, in the order of the code; none where it is None."""
        if node is None or depth > _DEEPEST:
            return [GAP]
        if isinstance(node, ast.Constant):
            return [node.value] if isinstance(node.value, str) else [GAP] * (node.value is not None)
        if isinstance(node, ast.JoinedStr):
            return _joined([self._part(part, depth + 1) for part in node.values])
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return _joined([self.said(side, depth + 1) for side in (node.left, node.right)])
        if isinstance(node, ast.IfExp):
            return _once(self.said(node.body, depth + 1) + self.said(node.orelse, depth + 1))
        if isinstance(node, ast.Subscript):
            return list(self.module.constants.get(ast.unparse(node.value), [GAP]))
        return self._named(node, depth + 1) if isinstance(node, ast.Name) else [GAP]

    def _part(self, part: ast.expr, depth: int) -> list[str]:
        """Of an f-string: a value is a gap, unless all of it is known."""
        if not isinstance(part, ast.FormattedValue):
            return self.said(part, depth)
        return self.said(part.value, depth) or [GAP]

    def _named(self, node: ast.Name, depth: int) -> list[str]:
        texts: list[str] = []
        for one in self.function.set_before(node.id, node):
            given = [text for value in _given(one, node.id) for text in self.said(value, depth)]
            longer = [text + more for text in texts for more in given]
            replaced = self.function.surely(one, node)
            texts = ([] if replaced else texts) + (longer if isinstance(one, ast.AugAssign) else given)
        return _once(texts) or list(self.given.get(node.id) or self.module.constants.get(node.id, [GAP]))


def _targets(one: ast.Assign | ast.AugAssign) -> set[str]:
    targets = one.targets if isinstance(one, ast.Assign) else [one.target]
    return {node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)}


def _given(one: ast.Assign | ast.AugAssign, name: str) -> list[ast.expr]:
    """What the statement gives to the name, in tuples too."""
    pairs = [(target, one.value) for target in (one.targets if isinstance(one, ast.Assign) else [one.target])]
    found: list[ast.expr] = []
    while pairs:
        target, value = pairs.pop()
        if isinstance(target, ast.Name) and target.id == name:
            found.append(value)
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            pairs += zip(target.elts, value.elts, strict=True)
    return found


def _joined(parts: Sequence[Sequence[str]]) -> list[str]:
    return _once(["".join(one).replace(GAP * 2, GAP) for one in itertools.product(*parts)])


def _once(texts: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(texts))
