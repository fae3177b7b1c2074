"""An index laid out by hand, number by number: slow, plain, and not the code that makes the real ones."""

from array import array
from collections.abc import Mapping, Sequence

from ctibridge.lookup.index import BLOCK, Index, IndexedAccount, Sections

LABELS = ("other", "mobile", "work", "home")
# Packed number, label, disabled, imported.
Numbers = Sequence[tuple[int, str, bool, bool]]


def index(people: Mapping[tuple[str, str], Numbers]) -> Index:
    """people: by (account, id)."""
    names = sorted({account for account, _ in people})
    ids, blocks, accounts, entries = bytearray(), array("I"), [], []
    slot = 0
    for no, account in enumerate(names):
        slot += -slot % BLOCK
        first, before = slot, b""
        for person in sorted(person for name, person in people if name == account):
            if slot % BLOCK == 0:
                blocks.append(len(ids))
                before = b""
            ids += _coded(person.encode(), before)
            before = person.encode()
            for number, label, disabled, imported in people[account, person]:
                entries.append((number, slot << 7 | LABELS.index(label) << 2 | imported << 1 | disabled))
            slot += 1
        accounts.append(IndexedAccount(no, account, first, slot, ""))
    return Index(accounts, LABELS, _sections(sorted(entries), blocks, bytes(ids)))


def _coded(person: bytes, before: bytes) -> bytes:
    shared = 0
    while shared < min(15, len(person), len(before)) and person[shared] == before[shared]:
        shared += 1
    rest = person[shared:]
    if len(rest) < 15:
        return bytes([shared << 4 | len(rest)]) + rest
    return bytes([shared << 4 | 15]) + len(rest).to_bytes(2, "little") + rest


def _sections(entries: list[tuple[int, int]], blocks: "array[int]", ids: bytes) -> Sections:
    highs = sorted({number >> 32 for number, _ in entries})
    starts = [sum(number >> 32 < high for number, _ in entries) for high in highs] + [len(entries)]
    values = array("Q", ((number & 0xFFFFFFFF) << 32 | rest for number, rest in entries))
    return Sections(values, array("I", highs), array("I", starts), blocks, memoryview(ids))
