"""The questions of `locate`, asked: NAPTR and SRV by dnspython, addresses by the system. Each has a time limit."""

import asyncio
import socket
from typing import Any

import dns.asyncresolver
import dns.exception
import dns.name
import dns.resolver
from dns.rdatatype import RdataType

from ctibridge.sip.adapters.addresses import AddressLookup
from ctibridge.sip.locate import Naptr, Srv

LIFETIME = 5.0
"""Seconds for one question, all name servers and repetitions included."""

_REMEMBERED = 1000
"""Questions that were answered; a domain that changes its names makes new ones."""

_Question = tuple[str, RdataType]


class DnsNames:
    """All questions of one trunk (`locate.Names`), in rounds that `begin` begins. ttl: seconds, the shortest of the
    round, None where no answer had one. failed: some question was not answered. doubtful: it was, in an earlier round,
    so that what was known then is worth more. resolver: None for the system's, read anew for each round.
    """

    def __init__(self, family: socket.AddressFamily, resolver: dns.asyncresolver.Resolver | None = None) -> None:
        self.ttl: float | None = None
        self.failed = self.doubtful = False
        self._family = family
        self._lookup = AddressLookup()
        self._given = resolver
        self._resolver = resolver
        self._answered: set[_Question] = set()

    def begin(self) -> None:
        self.ttl, self.failed, self.doubtful = None, False, False
        self._resolver = self._given or _of_the_system()
        if len(self._answered) > _REMEMBERED:
            self._answered.clear()

    async def naptr(self, name: str) -> tuple[Naptr, ...]:
        return tuple(
            Naptr(
                each.order,
                each.preference,
                each.flags.decode("ascii", "replace"),
                each.service.decode("ascii", "replace"),
                each.regexp.decode("ascii", "replace"),
                _text(each.replacement),
            )
            for each in await self._ask(name, RdataType.NAPTR)
        )

    async def srv(self, *names: str) -> list[tuple[Srv, ...]]:
        answers = await asyncio.gather(*(self._ask(name, RdataType.SRV) for name in names))
        return [
            tuple(Srv(each.priority, each.weight, each.port, _text(each.target)) for each in answer)
            for answer in answers
        ]

    async def addresses(self, *names: str) -> list[tuple[str, ...]]:
        return list(await asyncio.gather(*(self._addresses(name) for name in names)))

    async def _ask(self, name: str, kind: RdataType) -> list[Any]:
        """The records, which dnspython makes of a class for each kind; empty where there are none or nobody says."""
        if self._resolver is None:
            return []
        try:
            answer = await self._resolver.resolve(name, kind, lifetime=LIFETIME, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            self._answered.add((name, kind))
            return []
        except (dns.exception.DNSException, OSError, UnicodeError):
            # No name server answered in time or rightly, or the name is none.
            self._fails((name, kind))
            return []
        assert answer.rrset is not None
        self._answered.add((name, kind))
        self.ttl = answer.rrset.ttl if self.ttl is None else min(self.ttl, answer.rrset.ttl)
        return list(answer)

    async def _addresses(self, name: str) -> tuple[str, ...]:
        question = (name, RdataType.A)
        try:
            found = await self._lookup.addresses(name, self._family)
        except (OSError, UnicodeError) as error:
            if not _says_no(error):
                self._fails(question)
            return ()
        self._answered.add(question)
        return found

    def _fails(self, question: _Question) -> None:
        """Some networks never answer for NAPTR or SRV: then what can be known there has to do."""
        self.failed = True
        self.doubtful = self.doubtful or question in self._answered


def _of_the_system() -> dns.asyncresolver.Resolver | None:
    """None where the system names no server, or what it says cannot be read (a lease can bring anything): then the
    system's own look-up of addresses alone knows."""
    try:
        return dns.asyncresolver.Resolver()
    except (dns.exception.DNSException, ValueError, OSError):
        return None


def _says_no(error: OSError | UnicodeError) -> bool:
    """The name has no such address, as opposed to: nobody could say."""
    return isinstance(error, UnicodeError) or error.errno in (socket.EAI_NONAME, socket.EAI_NODATA)


def _text(name: dns.name.Name) -> str:
    return "" if name == dns.name.root else name.to_text(omit_final_dot=True)
