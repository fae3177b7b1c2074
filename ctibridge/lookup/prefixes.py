"""The customer by the words that a PBX puts before the caller's name (`ACME: Regula`), where no called number comes."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ctibridge.domain.account import ServiceNumber
from ctibridge.domain.private import Name


@dataclass(frozen=True, slots=True)
class Prefixes:
    """services: by folded prefix, None where two companies have it; lengths of the prefixes, longest first."""

    services: Mapping[str, ServiceNumber | None] = field(default_factory=lambda: MappingProxyType({}))
    lengths: tuple[int, ...] = ()

    def service(self, display_name: Name | None) -> ServiceNumber | None:
        """The service number whose `caller_name_prefix` this name begins with; the longest wins, case does not matter.
        Of several numbers of one prefix it is the lowest, if they are of one account; two companies are none."""
        if display_name is None or not self.services:
            return None
        name = _folded(display_name.value)
        starts = (name[:length] for length in self.lengths)
        return next((self.services[one] for one in starts if one in self.services and _begins(name, one)), None)


def read(services: Iterable[ServiceNumber], accounts: Iterable[str]) -> Prefixes:
    """Of the service numbers of these accounts."""
    found: dict[str, ServiceNumber | None] = {}
    known = frozenset(accounts)
    for service in sorted(services, key=lambda one: one.number):
        prefix = _folded(service.caller_name_prefix or "")
        if not prefix or service.account not in known:
            continue
        other = found.setdefault(prefix, service)
        if other is not None and other.account != service.account:
            found[prefix] = None
    return Prefixes(MappingProxyType(found), tuple(sorted({len(prefix) for prefix in found}, reverse=True)))


def without_prefix(display_name: Name | None, service: ServiceNumber | None) -> Name | None:
    """The caller's name as he calls himself; None where nothing is left of it."""
    prefix = "" if service is None else _folded(service.caller_name_prefix or "")
    if display_name is None or not prefix or not _begins(_folded(display_name.value), prefix):
        return display_name
    start = display_name.value.lstrip()
    # Folding may change the length (ß, Ａ), though never by much.
    lengths = range(1, min(len(start), 3 * len(prefix)) + 1)
    length = next((length for length in lengths if _folded(start[:length]) == prefix), 0)
    rest = start[length:].strip()
    return Name(rest) if rest else None


def _begins(name: str, prefix: str) -> bool:
    """A prefix that ends like a word is one: `VIP` is not the beginning of `Viper`."""
    rest = name.removeprefix(prefix)
    return name.startswith(prefix) and not (prefix[-1].isalnum() and rest[:1].isalnum())


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()
