"""What can be heard of a line, where two views of it may differ: the better one counts.

In: what the registration and the subscription of a line say. Out: the `LineChanged` that others hear.
"""

from ctibridge.sip.events import Hearing, LineChanged, View

_BEST = (Hearing.REGISTERED, Hearing.REGISTERING, Hearing.ALONE, Hearing.DEAF)
"""A line that stays away from its registrar is heard all the same where its dialog state is told to us."""


class Hearings:
    def __init__(self) -> None:
        self._views: dict[str, dict[View, LineChanged]] = {}
        self._told: dict[str, LineChanged] = {}

    def hear(self, view: View, change: LineChanged) -> list[LineChanged]:
        """Nothing where the line as a whole stays as it was."""
        views = self._views.setdefault(change.line, {})
        views[view] = change
        best = min(views.values(), key=lambda each: _BEST.index(each.hearing))
        if self._told.get(change.line) == best:
            return []
        self._told[change.line] = best
        return [best]
