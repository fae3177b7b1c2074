"""What code can say is read from it, each way through it apart, and nothing is made up."""

import ast

from tools.reference.templates import GAP, Module, Scope, constants

CODE = """
MEND = "restart"
ROWS = {1: "one", 2: "two"}

def first(count, name):
    text = f"{count} of {name}"
    if count:
        text = "some"
        say(text, "look")
        return
    else:
        say("none", None)
    if name:
        text += ", at last"
    say(text, MEND)

def second(row, at):
    word = "line" if at else "lines"
    say(f"{row} {word}", ROWS[at])

def third():
    second("calls", 1)
    second(row=unknown(), at=0)
"""


def said() -> list[tuple[list[str], list[str]]]:
    tree = ast.parse(CODE)
    module = Module(tree, constants(tree))
    found = []
    for call, function in module.calls("say"):
        for given in module.given(function):
            scope = Scope(module, function, given)
            found.append((scope.said(call.args[0]), scope.said(call.args[1])))
    return found


def test_each_way_through_the_code_says_its_own() -> None:
    assert said() == [
        (["some"], ["look"]),
        (["none"], []),
        ([f"{GAP} of {GAP}", f"{GAP} of {GAP}, at last"], ["restart"]),
        (["calls line", "calls lines"], ["one", "two"]),
        ([f"{GAP} line", f"{GAP} lines"], ["one", "two"]),
    ]
