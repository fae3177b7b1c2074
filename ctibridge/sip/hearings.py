"""What can be heard of a line, where two views of it may differ: the better one counts.

In: what the registration and the subscription of a line say. Out: the `LineChanged` that others hear. Its `why` names
the view that hears nothing, too: who configured both wants to know that one is refused.
"""

from dataclasses import replace

from ctibridge.sip.events import Hearing, LineChanged, View

_BEST = (Hearing.REGISTERED, Hearing.REGISTERING, Hearing.ALONE, Hearing.DEAF)
"""A line that stays away from its registrar is heard all the same where its dialog state is told to us."""

_UNHEARD = frozenset({Hearing.ALONE, Hearing.DEAF})


class Hearings:
    def __init__(self) -> None:
        self._views: dict[str, dict[View, LineChanged]] = {}
        self._told: dict[str, LineChanged] = {}

    def forget(self, line: str) -> None:
        self._views.pop(line, None)
        self._told.pop(line, None)

    def hear(self, view: View, change: LineChanged) -> list[LineChanged]:
        """Nothing where the line as a whole stays as it was."""
        views = self._views.setdefault(change.line, {})
        views[view] = change
        named = min(views, key=lambda each: _BEST.index(views[each].hearing))
        told = views[named]
        for other, worse in views.items():
            if told.hearing is Hearing.REGISTERED and worse.hearing in _UNHEARD:
                told = replace(told, why=f"{told.why}, but not by {other}: {worse.why}")
        told = replace(told, others=views[View.CONTACT].others if View.CONTACT in views else None)
        if self._told.get(change.line) == told:
            return []
        self._told[change.line] = told
        return [told]
