"""What Redis says of the people that lie there: which generation counts, where it stands, what else was begun."""

from collections.abc import Mapping
from dataclasses import dataclass

from ctibridge.lookup.adapters.shared.asking import Ask, Command
from ctibridge.lookup.adapters.shared.layout import Layout, tags

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """A version of the directory with its stamp."""

    version: int
    stamp: str


@dataclass(frozen=True, slots=True)
class State:
    """layout: of what counts, if it is whole in each shard, and of one version in all; None: all has to be made anew.
    at: what it is of; going: towards what somebody began to change it. begun: all generations of which there may be
    keys. accounts: all that ever had people, by id, with their numbers in the store."""

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


def mades(prefix: str) -> list[str]:
    """Of each shard the hash of generations that may have keys in it, by their word, with their bits."""
    return [f"{one}:made" for one in tags(prefix)]


async def read(people: Ask, prefix: str) -> State:
    """Raises OSError."""
    said, named = await people.ask([("HGETALL", head(prefix)), ("HGETALL", accounts(prefix))])
    fields = {one.decode(): value.decode() for one, value in _pairs(said).items()}
    made = [_pairs(reply) for reply in await people.ask([("HGETALL", one) for one in mades(prefix)])]
    begun = tuple({Layout(prefix, one.decode(), int(bits)) for some in made for one, bits in some.items()})
    layout = next((one for one in begun if one.generation == fields.get("generation")), None)
    at, going = _standing(fields.get("at")), _standing(fields.get("going"))
    if layout is not None:
        marks = {_standing(mark and mark.decode()) for mark in await people.ask([("GET", n) for n in layout.heres()])}
        layout = layout if marks <= {at, going} - {None} else None
    numbers = {one.decode(): int(value) for one, value in _pairs(named).items()}
    return State(layout, at, going, begun, numbers)


def begins(layout: Layout) -> list[Command]:
    """Before its first key; in each shard, as one may be lost without the others."""
    return [("HSET", one, layout.generation, layout.bits) for one in mades(layout.prefix)]


def gone(layout: Layout) -> list[Command]:
    """Behind its last."""
    return [("HDEL", one, layout.generation) for one in mades(layout.prefix)]


def goes(layout: Layout, at: Standing) -> Command:
    """Before it is changed."""
    return ("HSET", head(layout.prefix), "going", _text(at))


def whole(layout: Layout, at: Standing) -> list[Command]:
    """Behind all that is written of this version: a server that lost its last writes, as a replica that took over, has
    lost this, too."""
    return [("SET", one, _text(at)) for one in layout.heres()]


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
