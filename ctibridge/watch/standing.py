"""What stands on the desktop, and the next step towards what shall stand there."""

from collections.abc import Mapping
from typing import NamedTuple

from ctibridge.watch.notification import Note


class Show(NamedTuple):
    """replaces: the number of what stood there for this key, 0: nothing did."""

    key: str
    note: Note
    replaces: int


class Close(NamedTuple):
    number: int


class _Shown(NamedTuple):
    """number: as the desktop counts; 0: it stands there no more."""

    note: Note
    number: int


class Standing:
    """Whatever was shown is not shown again as long as it says the same: who pushed it away has seen it, and a desktop
    that let it go has shown it long enough. What it says anew is news, and comes again."""

    def __init__(self) -> None:
        self._shown: dict[str, _Shown] = {}

    def step(self, wanted: Mapping[str, Note]) -> Show | Close | None:
        """One at a time, so that what changes meanwhile is looked at; None: all is as it shall be. A Close is said
        once; a Show until `shown`."""
        for key in [key for key in self._shown if key not in wanted]:
            if number := self._shown.pop(key).number:
                return Close(number)
        for key, note in reversed(list(wanted.items())):
            shown = self._shown.get(key)
            if shown is None or shown.note != note:
                return Show(key, note, shown.number if shown else 0)
        return None

    def shown(self, show: Show, number: int) -> None:
        self._shown[show.key] = _Shown(show.note, number)

    def gone(self, number: int) -> None:
        """The desktop took it away, or who reads it; it may give another this number."""
        for key, shown in self._shown.items():
            if shown.number == number:
                self._shown[key] = shown._replace(number=0)

    def forget(self) -> None:
        """The desktop begins anew, with an empty screen."""
        self._shown.clear()
