"""Who, or which number, has to leave for good, by all that he is known again by."""

from dataclasses import dataclass, field

from ctibridge.domain.person import PersonKey


@dataclass(frozen=True, slots=True)
class Written:
    """A number of E.164 by its digits. prefixes: what its country and the PBX put before national digits."""

    country: str = field(repr=False)
    national: str = field(repr=False)
    prefixes: tuple[str, ...] = ()

    @property
    def e164(self) -> str:
        return f"+{self.country}{self.national}"


@dataclass(frozen=True, slots=True)
class Extension:
    """A short number, which every company has."""

    account: str
    digits: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Leaving:
    """names: as the directory wrote them, with e-mail addresses. numbers, extensions: that are nobody else's."""

    people: frozenset[PersonKey] = field(default=frozenset(), repr=False)
    names: frozenset[str] = field(default=frozenset(), repr=False)
    numbers: tuple[Written, ...] = field(default=(), repr=False)
    extensions: tuple[Extension, ...] = field(default=(), repr=False)
