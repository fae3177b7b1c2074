"""The strings that stand in a script: what is between quotes and backquotes, and in no comment."""

import re
from collections.abc import Iterator

_HOLE = "\0"  # stands for ${…}
_TOKEN = re.compile(
    r"""
    (?P<skip>//[^\n]*|/\*.*?\*/)
  | (?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
  | (?P<regex>(?<=[(,=:\[!&|?{};])\s*/(?![/*])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/\w*)
  | (?P<template>`)
  | (?P<open>\{)
  | (?P<close>\})
    """,
    re.VERBOSE | re.DOTALL,
)
_PIECE = re.compile(r"\\.|\$\{|`", re.DOTALL)


def strings(source: str) -> Iterator[str]:
    """In no order to rely on. A template's `${…}` is a NUL, and what stands in it is looked through too."""
    yield from _code(source, 0, [])[1]


def _code(source: str, at: int, found: list[str], nested: bool = False) -> tuple[int, list[str]]:
    """Up to the end, or to the brace that closes a `${`; where that was."""
    depth = 0
    while token := _TOKEN.search(source, at):
        at = token.end()
        match token.lastgroup:
            case "string":
                found.append(token[0][1:-1])
            case "template":
                at = _template(source, at, found)
            case "open":
                depth += 1
            case "close" if nested and depth == 0:
                return at, found
            case "close":
                depth -= 1
    return len(source), found


def _template(source: str, at: int, found: list[str]) -> int:
    text = ""
    while piece := _PIECE.search(source, at):
        text += source[at : piece.start()]
        at = piece.end()
        if piece[0] == "`":
            break
        if piece[0] == "${":
            at, _ = _code(source, at, found, nested=True)
            text += _HOLE
        else:
            text += piece[0]
    found.append(text)
    return at
