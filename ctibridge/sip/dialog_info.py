"""`application/dialog-info+xml`: which dialogs a line has, as its PBX tells them (RFC 4235 4).

In: the body of a NOTIFY. Out: frozen values, or RemoteFault. Trusted: nothing: DOCTYPE and entities are refused, depth,
elements and lengths are bounded, what we do not know is skipped. The standard library's expat reads in linear time.
"""

import re
import sys
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar
from xml.parsers import expat

from ctibridge.sip import name_addr
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.grammar import whole_number

CONTENT_TYPE = "application/dialog-info+xml"
NAMESPACE = "urn:ietf:params:xml:ns:dialog-info"
LONGEST_BODY = 65_536
"""Bytes; a dialog takes about 500, and UDP carries no more anyway."""
LONGEST_VALUE = 2_048
"""Characters of one attribute or text that we read; what we skip is bounded by the body alone."""
DEEPEST = 32
MOST_ELEMENTS = 2_000
"""The elements that we know are at most 12 a dialog."""
LARGEST_VERSION = 2**32 - 1

_ODD = re.compile(
    r"&(?:(?:amp|lt|gt|quot|apos);|#([0-9]{1,7});|#x([0-9A-Fa-f]{1,6});)?"
    r"|[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)
"""An ampersand, with the reference that it begins if XML knows it by itself; and what is no character of XML (2.2)."""


class State(StrEnum):
    """Of the dialog (RFC 4235 3.7.1). UNKNOWN: a word that we do not know, or none: what was known before goes on."""

    TRYING = "trying"
    PROCEEDING = "proceeding"
    EARLY = "early"
    CONFIRMED = "confirmed"
    TERMINATED = "terminated"
    UNKNOWN = "unknown"


class Direction(StrEnum):
    """recipient: the line was called; initiator: it calls."""

    RECIPIENT = "recipient"
    INITIATOR = "initiator"


class DialogEvent(StrEnum):
    """What brought the dialog into its state (RFC 4235 3.7.1)."""

    CANCELLED = "cancelled"
    REJECTED = "rejected"
    REPLACED = "replaced"
    LOCAL_BYE = "local-bye"
    REMOTE_BYE = "remote-bye"
    ERROR = "error"
    TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a dialog. uri: the identity, where there is none the target; the name is as it came, not cleaned."""

    uri: str = field(repr=False)
    display_name: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Dialog:
    """One dialog as one document tells it; what it does not tell is None. code: the SIP status that came with event.

    replaces: Call-ID, to-tag and from-tag of the dialog that this one replaces, empty where not told: in the document
    they are the local and the remote tag, as the side that is replaced sees them (RFC 4235 4.1.2, RFC 3891 3).
    """

    id: str = field(repr=False)
    state: State
    call_id: str | None = field(default=None, repr=False)
    local_tag: str | None = field(default=None, repr=False)
    remote_tag: str | None = field(default=None, repr=False)
    direction: Direction | None = None
    event: DialogEvent | None = None
    code: int | None = None
    remote: Party | None = field(default=None, repr=False)
    local: Party | None = field(default=None, repr=False)
    replaces: tuple[str, str, str] | None = field(default=None, repr=False)
    referred_by: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class DialogInfo:
    """full: `dialogs` are all that the line has; else only those that changed."""

    version: int
    full: bool
    entity: str = field(repr=False)
    dialogs: tuple[Dialog, ...] = field(repr=False)


def nothing(entity: str) -> DialogInfo:
    """Kamailio has no body where nothing goes on, also after a restart that ended what it told before."""
    return DialogInfo(0, full=True, entity=entity, dialogs=())


_Draft = dict[str, str]
"""What was read of one dialog: `remote/identity` is a text, `remote/identity@display` an attribute, `@id` its own."""

_READ: dict[str, tuple[str, ...]] = {
    "": ("id", "call-id", "local-tag", "remote-tag", "direction"),
    "state": ("event", "code"),
    "replaces": ("call-id", "local-tag", "remote-tag"),
    "referred-by": (),
    "remote/identity": ("display",),
    "remote/target": ("uri",),
    "local/identity": ("display",),
    "local/target": ("uri",),
}
"""The attributes that we read of each element within a dialog."""
_TEXTS = frozenset({"state", "referred-by", "remote/identity", "local/identity"})


def parse(body: bytes) -> DialogInfo:
    """Raises RemoteFault: 413 for what is too large, else 400."""
    if len(body) > LONGEST_BODY:
        raise RemoteFault("dialog-info is too long", 413)
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(_text(body), True)
    except expat.ExpatError:
        raise RemoteFault("dialog-info cannot be read") from None
    return reader.result()


def _text(body: bytes) -> str:
    """As text expat asks for no codec, whatever name the declaration gives: some PBXs declare UTF-8 and send Latin-1.
    Kamailio writes a caller `r&d` as he came: a call is worth more than a character."""
    try:
        text = body.decode().lstrip("\ufeff").strip()
    except UnicodeDecodeError:
        text = body.decode("latin-1").strip()
    return _ODD.sub(_readable, text)


def _readable(odd: re.Match[str]) -> str:
    found = odd[0]
    if found[0] != "&":
        return "\ufffd"
    code = int(odd[1]) if odd[1] else int(odd[2], 16) if odd[2] else None
    known = len(found) > 1 if code is None else code <= sys.maxunicode and _ODD.fullmatch(chr(code)) is None
    return found if known or code == ord("&") else f"&amp;{found[1:]}"


def _refuse_doctype(*_: object) -> None:
    """No entity can be declared without it: nothing expands, nothing is fetched."""
    raise RemoteFault("dialog-info has a DOCTYPE")


class _Reader:
    """Collects while expat walks. The path holds `?` for each element of somebody else's, which matches nothing."""

    def __init__(self) -> None:
        self._root: dict[str, str] | None = None
        self._path: list[str] = []
        self._drafts: list[_Draft] = []
        self._elements = 0
        self._texts: list[str] | None = None
        self._length = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        self._path.append(_ours(name))
        if self._elements > MOST_ELEMENTS or len(self._path) > DEEPEST:
            raise RemoteFault("dialog-info has too many elements", 413)
        self._texts = None
        if self._root is None:
            self._root = _root(self._path[0], attributes)
        elif self._path[1:2] == ["dialog"]:
            self._within_dialog(attributes)

    def text(self, data: str) -> None:
        if self._texts is None:
            return
        self._length += len(data)
        if self._length > LONGEST_VALUE:
            raise RemoteFault("dialog-info has too long a text", 413)
        self._texts.append(data)

    def end(self, name: str) -> None:
        if self._texts is not None and (text := "".join(self._texts).strip()):
            self._drafts[-1].setdefault(self._place(), text)
        self._texts = None
        self._path.pop()

    def result(self) -> DialogInfo:
        root = self._root or {}
        version = whole_number(root.get("version", ""), LARGEST_VERSION)
        if version is None:
            raise RemoteFault("dialog-info has no version")
        # Only who says so tells everything: what is no full state must not end the dialogs that it does not name.
        full = root.get("state", "").strip().lower() == "full"
        dialogs = tuple(dialog for draft in self._drafts if (dialog := _dialog(draft)) is not None)
        return DialogInfo(version, full, root.get("entity", "")[:LONGEST_VALUE], dialogs)

    def _within_dialog(self, attributes: dict[str, str]) -> None:
        if len(self._path) == 2:
            self._drafts.append({})
        place = self._place()
        for name in _READ.get(place, ()):
            value = attributes.get(name, "").strip()
            if len(value) > LONGEST_VALUE:
                raise RemoteFault("dialog-info has too long an attribute", 413)
            if value:
                self._drafts[-1].setdefault(f"{place}@{name}", value)
        if place in _TEXTS:
            self._texts, self._length = [], 0

    def _place(self) -> str:
        """Below the dialog; empty for the dialog itself."""
        return "/".join(self._path[2:])


def _ours(name: str) -> str:
    """The local name of an element of this format, also where a PBX forgets the namespace; `?` for others."""
    namespace, _, local = name.rpartition(" ")
    return local if namespace in (NAMESPACE, "") else "?"


def _root(name: str, attributes: dict[str, str]) -> dict[str, str]:
    if name != "dialog-info":
        raise RemoteFault("body is no dialog-info")
    return attributes


def _dialog(draft: _Draft) -> Dialog | None:
    """None where nothing names it: it could never be told from others."""
    name = draft.get("@id") or draft.get("@call-id")
    if name is None:
        return None
    code = whole_number(draft.get("state@code", ""), 699)
    return Dialog(
        name,
        _known(State, draft.get("state")) or State.UNKNOWN,
        draft.get("@call-id"),
        draft.get("@local-tag"),
        draft.get("@remote-tag"),
        _known(Direction, draft.get("@direction")),
        _known(DialogEvent, draft.get("state@event")),
        code,
        _party(draft, "remote"),
        _party(draft, "local"),
        _replaces(draft),
        draft.get("referred-by"),
    )


_Word = TypeVar("_Word", State, Direction, DialogEvent)


def _known(words: type[_Word], word: str | None) -> _Word | None:
    try:
        return words((word or "").lower())
    except ValueError:
        return None


def _party(draft: _Draft, side: str) -> Party | None:
    """The target is where the device is, and who it is only where nothing else says so."""
    text = draft.get(f"{side}/identity") or draft.get(f"{side}/target@uri")
    display = draft.get(f"{side}/identity@display")
    if text is None or "<" not in text:
        return Party(text, display) if text else None
    try:
        address = name_addr.parse(text)
    except RemoteFault:
        return None
    return Party(address.uri, display or address.display_name) if address.uri else None


def _replaces(draft: _Draft) -> tuple[str, str, str] | None:
    call_id = draft.get("replaces@call-id")
    tags = draft.get("replaces@local-tag", ""), draft.get("replaces@remote-tag", "")
    return (call_id, *tags) if call_id else None
