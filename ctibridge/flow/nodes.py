"""Among which nodes a flow is: how they name a call, whose desks are told here, and what the others have to hear."""

from collections.abc import Callable
from dataclasses import dataclass, field

from ctibridge.flow.call_names import Names
from ctibridge.flow.homes import Homes
from ctibridge.flow.joint import Known


def _nobody(_: Known) -> None:
    pass


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Nodes:
    """Alone, unless said otherwise."""

    names: Names
    homes: Homes = field(default_factory=Homes)
    say: Callable[[Known], None] = _nobody
    act: Callable[[], bool] = _always
    """May we do now what counts?"""
