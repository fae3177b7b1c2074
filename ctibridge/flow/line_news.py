"""What can be heard of a line, to the desks of ours that sit there: once for each change."""

from datetime import datetime

import structlog

from ctibridge.delivery.desks import Desks
from ctibridge.domain.line import LineState
from ctibridge.flow.homes import Homes
from ctibridge.sip.events import LineChanged, LineGone

log = structlog.get_logger()


class LineNews:
    def __init__(self, desks: Desks, homes: Homes) -> None:
        self._desks = desks
        self._homes = homes
        self._states: dict[tuple[str, str], tuple[str, str]] = {}

    def changed(self, event: LineChanged, at: datetime) -> None:
        if self._states.get((event.trunk, event.line)) != (event.hearing, event.why):
            self._states[event.trunk, event.line] = event.hearing, event.why
            log.info("line", trunk=event.trunk, line=event.line, state=event.hearing, why=event.why)
            self._desks.line_state(event.trunk, event.line, LineState(event.hearing.value), at, self._homes.mine)

    def gone(self, event: LineGone) -> None:
        """It was taken out of the configuration. What rings there ends by itself."""
        self._states.pop((event.trunk, event.line), None)
        log.info("line_gone", trunk=event.trunk, line=event.line)
        self._desks.line_gone(event.trunk, event.line)
