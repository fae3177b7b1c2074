"""The calls of the demonstration, as data: who of the sample directory calls whom, and how it ends.

Always in the same order and for ever, so that what a person sees today he can show tomorrow. The first four are what
the product is about; all of them ring at the first agent's desk. A caller who was not answered and calls again within a
minute is the same call in its next round: that is the product's doing, not the story's.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count, cycle

from ctibridge.demo.incoming import Incoming, Shown
from ctibridge.softphone.orders import Order

LINES = {"6001": "ana", "6002": "ben", "6003": "chloe"}
"""Who sits where; they are the agents of the sample directory."""

AGENT = "ana"
"""Whose page the demo shows: German, Spanish, English; granted two of the three customers."""

PICK_UP = ("6001", "6002")
"""Lines whose phone answers in the story: the agent's own, and that of the colleague beside her."""

_ACME, _ACME_SWISS, _FLEURON, _KHALIJ = "+493023125100", "+41440000100", "+33199001000", "+97140000100"


@dataclass(frozen=True, slots=True)
class Scene:
    """One call. name: what the network shows, often not what the directory knows. taken_at: the line whose phone
    answers; None: the caller gives up. phone_ends: the phone hangs up, not the caller."""

    title: str
    called: str
    number: str = field(repr=False)
    name: str | None = field(default=None, repr=False)
    shown: Shown = Shown.PLAIN
    taken_at: str | None = None
    phone_ends: bool = False


SCENES = (
    Scene("a Swiss controller; nobody is free", _ACME_SWISS, "+41790000017", "R. Frei"),
    Scene("one number, two people in Kyiv", _KHALIJ, "+380440000110", shown=Shown.ASSERTED),
    Scene("a caller who withholds his number", _ACME, "+493023125101", "S. Köhler", Shown.WITHHELD),
    Scene("a branch manager in Tokyo; a colleague takes it", _KHALIJ, "+819000000108", "SATO MISAKI", Shown.ASSERTED,
          taken_at="6002"),
    Scene("the managing director, in Arabic", _KHALIJ, "+971500000001", "فاطمة"),
    Scene("the switchboard of a site; taken at the own phone", _ACME, "+4930231250", "ACME Zentrale", taken_at="6001",
          phone_ends=True),
    Scene("a customer whose people this agent may not see", _FLEURON, "+306900000107", "Ελένη", taken_at="6003"),
    Scene("a number that nobody knows", _KHALIJ, "+442079460999", "LONDON"),
    Scene("a consultant who works for two customers", _ACME, "+306900000190", "N. Papadakis", taken_at="6002",
          phone_ends=True),
    Scene("a number whose owner has left the company", _ACME, "+491713920006"),
    Scene("French by the site she works at", _ACME_SWISS, "+41790000019", "Amélie Rochat", Shown.ASSERTED),
    Scene("British English, and a VIP", _KHALIJ, "+447700900112", "H Ashworth", taken_at="6001"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds. ring: until the caller gives up; answer: until a phone picks up; talk; pause: before the next call."""

    first: float
    ring: float
    answer: float
    talk: float
    pause: float


FOR_PEOPLE = Pace(first=3.0, ring=8.0, answer=6.0, talk=4.0, pause=3.0)
FOR_PROGRAMS = Pace(first=0.2, ring=1.5, answer=1.2, talk=0.3, pause=0.1)
"""answer: pyVoIP takes a second to notice that it rings."""


@dataclass(frozen=True, slots=True)
class Act:
    """A scene made ready: what the PBX dials, and what a phone is told before."""

    scene: Scene
    incoming: Incoming
    order: Order | None


def for_people() -> tuple[Scene, ...]:
    """An answered call keeps the middle of the page until it is dismissed: it comes when the others have been seen."""
    return tuple(sorted(SCENES, key=lambda scene: scene.taken_at is not None))


def acts(scenes: Iterable[Scene], pace: Pace, prefix: str) -> Iterator[Act]:
    """These scenes, again and again. prefix: makes Call-IDs that no other demo has."""
    for number, scene in zip(count(1), cycle(scenes), strict=False):
        yield _act(scene, pace, f"{prefix}-{number}")


def _act(scene: Scene, pace: Pace, call_id: str) -> Act:
    order = None
    if scene.taken_at is not None:
        order = Order(call_id, scene.taken_at, pace.answer, pace.talk if scene.phone_ends else None)
    incoming = Incoming(
        call_id, tuple(LINES), scene.called, scene.number, scene.name, scene.shown,
        ring=pace.ring if order is None else 5 * pace.ring,
        talk=None if scene.phone_ends else pace.talk,
    )  # fmt: skip
    return Act(scene, incoming, order)
