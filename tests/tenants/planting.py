"""Takes a line of the product away, in this process and for one test: what a careless developer might do.

A planted fault names what stands in the source. Where that is no more there, it says so: it must never go stale.
"""

import inspect
import sys
import textwrap
from types import FunctionType, ModuleType
from typing import Any

import pytest

from ctibridge.lookup import visibility
from ctibridge.lookup.snapshot import build
from tests.tenants import customers


def plant(patch: pytest.MonkeyPatch, owner: Any, name: str, stands: str, instead: str) -> None:
    """In the function or method `name` of a module or class, `instead` in place of what `stands` there once."""
    made: FunctionType = inspect.unwrap(inspect.getattr_static(owner, name))
    source = textwrap.dedent(inspect.getsource(made))
    assert source.count(stands) == 1, f"{name}: {stands!r} stands there {source.count(stands)} times"
    source = source.replace(stands, instead.replace("EVERYTHING", _SAID))
    if not isinstance(owner, ModuleType):  # a class: the names of its private fields are its own
        source = f"class {owner.__name__}:\n" + textwrap.indent(source, "    ")
    space: dict[str, Any] = {}
    exec(compile("from __future__ import annotations\n" + source, f"planted {name}", "exec"), made.__globals__, space)  # noqa: S102
    planted = space[name] if isinstance(owner, ModuleType) else vars(space[owner.__name__])[name]
    patch.setattr(owner, name, planted)
    for module in [one for place, one in sys.modules.items() if place.startswith("ctibridge.")]:
        if vars(module).get(name) is made:  # who has imported it by its name
            patch.setattr(module, name, planted)


EVERYTHING = visibility.every_account(build(accounts=map(customers.account, customers.ACCOUNTS)))
"""What nobody may see; a planted fault may say it."""
_SAID = "__import__('tests.tenants.planting', fromlist=['']).EVERYTHING"
