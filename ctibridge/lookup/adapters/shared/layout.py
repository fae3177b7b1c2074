"""What lies where in Redis: names of keys, and the members that stand in them. Pure.

People are spread over SHARDS hash tags, `{PREFIX:dNN}`, so that a Redis Cluster shares them out. Each build of the
whole is a **generation**, whose word stands in its keys; the one that counts is named by the hash `directory:shared`,
and `…:here` says of each shard that it is whole.

* `n:BUCKET`: numbers, in sets of some sixty members, which Redis packs. A number lies there backwards, four bits a
  digit, so that the end of a number is the beginning of a member; then account, person and labels: ZRANGEBYLEX finds
  who holds a number, and it alone.
* `p:BUCKET`: hashes of records, by account and id.
* `w:GROUP:ACCOUNT`, `i:GROUP:ACCOUNT`: words of names, ids and addresses of one account, by their first letter.

Numbers and people are in 2**bits buckets. No id has a NUL in it (`lookup.cells`): it parts what stands in a member.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zlib import crc32

import msgspec

from ctibridge.domain.person import PersonKey
from ctibridge.domain.resolution import Grade
from ctibridge.lookup import folding, number_key
from ctibridge.lookup.adapters.shared.record import LABELS, Record, label_name
from ctibridge.lookup.claims import KINDS
from ctibridge.lookup.holders import NumberRow
from ctibridge.lookup.search import lower
from ctibridge.lookup.stored_numbers import FAX

SHARDS = 64
GROUPS = 32
FULL = 64
"""Numbers of a bucket, about, when it is made: beyond 128 Redis packs it no more."""
FEWEST_BITS, MOST_BITS = 6, 24
TAIL = 7
"""The last digits that all numbers of a bucket may share: a shorter tail is not looked for."""
END = b"\xff"
"""Behind all text that begins alike: UTF-8 has no such byte."""
_DIGITS = 15
_FAX = LABELS.index(FAX)
_TELEPHONE_KIND, _FAX_KIND = b"t", b"x"
_HERE, _LEFT = b"+", b"-"


@dataclass(frozen=True, slots=True)
class Range:
    """Members of one key that begin alike. least: the first of them; end: of no more than those."""

    key: str
    least: bytes
    end: bytes

    def first(self, count: int) -> tuple[bytes | str | int, ...]:
        """The command for so many of them."""
        return ("ZRANGEBYLEX", self.key, b"[" + self.least, b"(" + self.end, "LIMIT", 0, count)

    def behind(self, member: bytes, count: int) -> tuple[bytes | str | int, ...]:
        return ("ZRANGEBYLEX", self.key, b"(" + member, b"(" + self.end, "LIMIT", 0, count)

    def count(self) -> tuple[bytes | str | int, ...]:
        return ("ZLEXCOUNT", self.key, b"[" + self.least, b"(" + self.end)


@dataclass(frozen=True, slots=True)
class Layout:
    """Of one generation. prefix: of all keys of the cluster."""

    prefix: str
    generation: str
    bits: int

    # -- keys ----------------------------------------------------------------------------------------------------------

    def heres(self) -> list[str]:
        """Of each shard what is there as long as this generation is whole in it: of which version it is."""
        return [f"{one}:{self.generation}:here" for one in tags(self.prefix)]

    def numbers(self, number: int, account: str) -> str:
        """Where this number of somebody of this account stands; E.164 stands together whatever the account."""
        if number_key.is_extension(number):
            return self._bucket("n", crc32(f"{account}\0{number}".encode()))
        return self.tail(str(number)[-TAIL:])

    def tail(self, digits: str) -> str:
        """Where all numbers stand that end so. digits: TAIL of them."""
        return self._bucket("n", crc32(digits.encode()))

    def people(self, key: PersonKey) -> str:
        return self._bucket("p", crc32(field(key)))

    def words(self, account: str, word: str) -> str:
        return self._group("w", account, ord(word[0]) % GROUPS)

    def ids(self, account: str, folded: str) -> str:
        return self._group("i", account, ord(folded[0]) % GROUPS)

    def all(self, accounts: Iterable[str]) -> Iterator[str]:
        """Every key that may be there, but `here`. accounts: all that ever had people in it."""
        for bucket in range(1 << self.bits):
            yield self._named("n", bucket)
            yield self._named("p", bucket)
        for account in accounts:
            for group in range(GROUPS):
                yield self._group("w", account, group)
                yield self._group("i", account, group)

    def _bucket(self, kind: str, mixed: int) -> str:
        return self._named(kind, mixed & (1 << self.bits) - 1)

    def _named(self, kind: str, bucket: int) -> str:
        return f"{tag(self.prefix, bucket % SHARDS)}:{self.generation}:{kind}:{bucket:x}"

    def _group(self, kind: str, account: str, group: int) -> str:
        shard = crc32(f"{group}:{account}".encode()) % SHARDS
        return f"{tag(self.prefix, shard)}:{self.generation}:{kind}:{group:x}:{account}"

    # -- what is asked -------------------------------------------------------------------------------------------------

    def holding(self, number: int, account: str = "") -> Range:
        """Who holds this number: of that account, or of all. Of a short number one account is asked."""
        begin = digits_of(number)
        if account:
            begin += account.encode() + b"\0" + _TELEPHONE_KIND
        return Range(self.numbers(number, account), begin, begin + END)

    def listing_as_fax(self, number: int, account: str) -> Range:
        begin = digits_of(number) + account.encode() + b"\0" + _FAX_KIND
        return Range(self.numbers(number, account), begin, begin + END)

    def ending(self, digits: str) -> Range:
        """Numbers that end with these digits, at least TAIL of them."""
        backwards = digits[::-1]
        key = self.tail(digits[-TAIL:])
        pad = 2 * 8 - len(backwards)
        return Range(key, bytes.fromhex(backwards + "0" * pad), bytes.fromhex(backwards + "f" * pad) + END)

    def word(self, account: str, word: str, *, whole: bool) -> Range:
        begin = word.encode() + (b"\0" if whole else b"")
        return Range(self.words(account, word), begin, begin + END)

    def id(self, account: str, folded: str, *, whole: bool) -> Range:
        begin = folded.encode() + (b"\0" if whole else b"")
        return Range(self.ids(account, folded), begin, begin + END)

    def claim(self, account: str, kind: str, folded: str) -> Range:
        begin = folded.encode() + b"\0" + str(KINDS.index(kind)).encode()
        return Range(self.ids(account, folded), begin, begin + END)

    # -- what stands there of a person ---------------------------------------------------------------------------------

    def members(self, key: PersonKey, record: Record | None) -> set[tuple[str, bytes]]:
        """Each with its key; of nobody, none."""
        if record is None:
            return set()
        of = key.id.encode()
        found = {
            (self.words(key.account, term), term.encode() + b"\0" + of) for term in folding.terms(record.name) if term
        }
        for number, kind in enumerate(KINDS):
            folded = lower(getattr(record, kind) or "")
            if folded:
                left = _LEFT if record.disabled else _HERE
                member = b"%b\0%d%b%b" % (folded.encode(), number, left, of)
                found.add((self.ids(key.account, folded), member))
        found.update(self._numbers(key, record))
        return found

    def _numbers(self, key: PersonKey, record: Record) -> Iterator[tuple[str, bytes]]:
        """One member for each number and, beside it, for each that is listed as a fax: a limit counts people."""
        held: dict[tuple[int, bool], set[tuple[bool, int | str]]] = {}
        for phone in record.phones:
            held.setdefault((phone.number, phone.label == _FAX), set()).add((phone.imported, phone.label))
        for (number, fax), labels in held.items():
            begin = digits_of(number) + key.account.encode() + b"\0" + (_FAX_KIND if fax else _TELEPHONE_KIND)
            rest = msgspec.msgpack.encode((record.disabled, sorted(labels, key=str)))
            yield self.numbers(number, key.account), begin + key.id.encode() + b"\0" + rest


_HELD = msgspec.msgpack.Decoder(tuple[bool, tuple[tuple[bool, int | str], ...]])


@dataclass(frozen=True, slots=True)
class Holder:
    """A member of `n:…`. number: packed as in `number_key`; labels: each with whether it was imported."""

    number: int
    account: str
    fax: bool
    person: str
    disabled: bool
    labels: tuple[tuple[bool, int | str], ...]

    def rows(self, grade: Grade) -> Iterator[NumberRow]:
        """Raises ValueError for a label that no version of ours wrote."""
        matched = number_key.unpack(self.number)
        for imported, label in self.labels:
            yield NumberRow(self.account, self.person, label_name(label), self.disabled, imported, matched, grade)


def holder(member: bytes) -> Holder:
    """Raises ValueError for what is no member of ours."""
    account, rest = _parted(member[8:])
    person, held = _parted(rest[1:])
    disabled, labels = _HELD.decode(held)
    return Holder(number_of(member[:8]), account.decode(), rest[:1] == _FAX_KIND, person.decode(), disabled, labels)


def _parted(text: bytes) -> tuple[bytes, bytes]:
    before, between, behind = text.partition(b"\0")
    if not between:
        raise ValueError("no member of ours")
    return before, behind


def digits_of(number: int) -> bytes:
    """Eight bytes: the digits backwards, then what tells E.164 (`e`) from a short number (`f`)."""
    short = number_key.is_extension(number)
    digits = number_key.unpack(number).lstrip("+")[::-1]
    return bytes.fromhex((digits + ("f" if short else "e")).ljust(16, "f"))


def number_of(eight: bytes) -> int:
    """What was given to `digits_of`. Raises ValueError."""
    text = eight.hex().rstrip("f")
    return number_key.pack("+" + text[-2::-1] if text.endswith("e") else text[::-1])


def tag(prefix: str, shard: int) -> str:
    return f"{{{prefix}:d{shard:02x}}}"


def tags(prefix: str) -> list[str]:
    return [tag(prefix, shard) for shard in range(SHARDS)]


def tag_of(key: bytes | str | int) -> str:
    """Of a key of ours."""
    return str(key).partition("}")[0] + "}"


def field(key: PersonKey) -> bytes:
    """Of a person in his hash."""
    return f"{key.account}\0{key.id}".encode()


def named(member: bytes) -> str:
    """Whose word it is."""
    return member.rpartition(b"\0")[2].decode()


def identified(member: bytes) -> tuple[str, bool]:
    """Whose id it is, and has he left?"""
    rest = member.rpartition(b"\0")[2]
    return rest[2:].decode(), rest[1:2] == _LEFT


def bits_for(numbers: int) -> int:
    """For a directory with so many numbers."""
    return min(MOST_BITS, max(FEWEST_BITS, (max(1, numbers) // FULL).bit_length()))
