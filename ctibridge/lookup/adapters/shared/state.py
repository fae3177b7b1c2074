"""What Redis says of the people that lie there: which generation counts, where it stands, what else was begun."""

from collections.abc import Mapping
from dataclasses import dataclass

from ctibridge.lookup.adapters.shared.asking import Ask, Command
from ctibridge.lookup.adapters.shared.layout import Layout

AT_ONCE = 500
_MADE = "made:"


@dataclass(frozen=True, slots=True)
class Standing:
    """A version of the directory with its stamp."""

    version: int
    stamp: str


@dataclass(frozen=True, slots=True)
class State:
    """layout: of what counts, if it is whole in each shard; None: all has to be made anew. at: what it is of; going:
    towards what somebody began to change it. begun: all generations of which there may be keys. accounts: all that ever
    had people, by id, with their numbers in the store."""

    layout: Layout | None
    at: Standing | None
    going: Standing | None
    begun: tuple[Layout, ...]
    accounts: Mapping[str, int]


def head(prefix: str) -> str:
    """The hash that says it."""
    return f"{{{prefix}}}:directory:shared"


def accounts(prefix: str) -> str:
    return f"{{{prefix}}}:directory:accounts"


async def read(people: Ask, prefix: str) -> State:
    """Raises OSError."""
    said, named = await people.ask([("HGETALL", head(prefix)), ("HGETALL", accounts(prefix))])
    fields = {one.decode(): value.decode() for one, value in _pairs(said).items()}
    begun = tuple(
        Layout(prefix, name.removeprefix(_MADE), int(bits)) for name, bits in fields.items() if name.startswith(_MADE)
    )
    layout = next((one for one in begun if one.generation == fields.get("generation")), None)
    if layout is not None and not all(await people.ask([("EXISTS", one) for one in layout.heres()])):
        layout = None
    numbers = {one.decode(): int(value) for one, value in _pairs(named).items()}
    return State(layout, _standing(fields.get("at")), _standing(fields.get("going")), begun, numbers)


def begins(layout: Layout) -> Command:
    """Before its first key."""
    return ("HSET", head(layout.prefix), f"{_MADE}{layout.generation}", layout.bits)


def gone(layout: Layout) -> Command:
    """Behind its last."""
    return ("HDEL", head(layout.prefix), f"{_MADE}{layout.generation}")


def goes(layout: Layout, at: Standing) -> Command:
    """Before it is changed."""
    return ("HSET", head(layout.prefix), "going", _text(at))


def counts(layout: Layout, at: Standing) -> Command:
    """From here on it is what everybody asks."""
    said = ("generation", layout.generation, "bits", layout.bits, "at", _text(at), "going", _text(at))
    return ("HSET", head(layout.prefix), *said)


def knows(prefix: str, numbers: Mapping[str, int]) -> list[Command]:
    """Before anybody of these accounts is there."""
    words = [word for name, no in numbers.items() for word in (name, no)]
    return [("HSET", accounts(prefix), *words[at : at + AT_ONCE]) for at in range(0, len(words), AT_ONCE)]


def _pairs(reply: list[bytes]) -> dict[bytes, bytes]:
    return dict(zip(reply[::2], reply[1::2], strict=True))


def _text(at: Standing) -> str:
    return f"{at.version}:{at.stamp}"


def _standing(text: str | None) -> Standing | None:
    version, _, stamp = (text or "").partition(":")
    return Standing(int(version), stamp) if version else None
