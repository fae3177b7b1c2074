"""RFC 4475 writes messages that no text can hold in a notation of its own (2.1); this reads it.

Each line ends in CRLF. `<allOneLine>`: its lines are one. `<hex>0A</hex>`: those bytes. `<repeat count=3>x</repeat>`.
"""

import re
from pathlib import Path

FOLDER = Path(__file__).parent
_ONE_LINE = re.compile(r"<allOneLine>\n(.*?)\n</allOneLine>", re.DOTALL)
_REPEAT = re.compile(r"<repeat count=(\d+)>(.*?)</repeat>")
_HEX = re.compile(rb"<hex>([0-9A-F]*)</hex>")


def read(collection: str, name: str) -> bytes:
    """The bytes of one message, as the RFC means them."""
    return expand((FOLDER / collection / f"{name}.txt").read_text("ascii"))


def expand(text: str) -> bytes:
    text = _ONE_LINE.sub(lambda block: block[1].replace("\n", ""), text)
    text = _REPEAT.sub(lambda again: int(again[1]) * again[2], text)
    data = text.encode("ascii").replace(b"\n", b"\r\n")
    return _HEX.sub(lambda pairs: bytes.fromhex(pairs[1].decode()), data)


def names(collection: str) -> list[str]:
    return sorted(path.stem for path in (FOLDER / collection).glob("*.txt"))
