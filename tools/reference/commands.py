"""`docs/reference/commands.md`: every command and option, from the parsers."""

import argparse
from collections.abc import Iterator

from ctibridge.cli import parser
from tools.reference.markdown import code, sentence, table


def made() -> str:
    return "\n".join(_command(*one) for one in _commands(parser(), ""))


def _commands(top: argparse.ArgumentParser, said: str) -> Iterator[tuple[argparse.ArgumentParser, str]]:
    """Those that can be typed, each with its line in the list of the command above."""
    inner = [action for action in top._actions if isinstance(action, argparse._SubParsersAction)]
    if not inner:
        yield top, said
    for action in inner:
        lines = {one.dest: one.help or "" for one in action._choices_actions}
        for name, below in action.choices.items():
            yield from _commands(below, lines.get(name, ""))


def _command(one: argparse.ArgumentParser, said: str) -> str:
    actions = [action for action in one._actions if action.help != argparse.SUPPRESS and action.dest != "help"]
    typed = " ".join([one.prog, *map(_typed, sorted(actions, key=lambda action: not action.option_strings))])
    parts = [f"## {code(one.prog)}", "", f"{one.description or sentence(said) + '.'}", "", code(typed), ""]
    if actions:
        parts.append(table(("argument", "does"), ((_named(action), _does(one, action)) for action in actions)))
    if one.epilog:
        parts.append(f"```text\n{one.epilog.strip()}\n```\n")
    return "\n".join(parts)


def _typed(action: argparse.Action) -> str:
    """As in a usage line: what may be left out in brackets."""
    value = _value(action)
    if not action.option_strings:
        return {"?": f"[{value}]", "*": f"[{value} …]", "+": f"{value} …"}.get(str(action.nargs), value)
    text = f"{action.option_strings[-1]} {value}".strip()
    return text if action.required else f"[{text}]"


def _named(action: argparse.Action) -> str:
    names = [f"{name} {_value(action)}".strip() for name in action.option_strings] or [_value(action)]
    return ", ".join(map(code, names)) + (" **required**" if action.option_strings and action.required else "")


def _value(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ""
    if action.metavar is None and action.choices is not None:
        return "|".join(map(str, action.choices))
    metavar = action.metavar if isinstance(action.metavar, str) else None
    return metavar or (action.dest.upper() if action.option_strings else action.dest)


def _does(one: argparse.ArgumentParser, action: argparse.Action) -> str:
    said = (action.help or "") % {**vars(action), "prog": one.prog}
    shown = action.default not in (None, False, argparse.SUPPRESS, ()) and "default" not in said
    return sentence(said) + (f" (default: {action.default})" if shown and action.option_strings else "")
