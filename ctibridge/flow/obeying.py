"""What desks ask for, each carried to whoever does it. Where the delivery room has done it already, what remains is to
say that it came."""

from collections.abc import Callable
from functools import partial

import structlog

from ctibridge.domain.desk_command import (
    Choose,
    DeskCommand,
    Done,
    ListCalls,
    ListColleagues,
    Search,
    Select,
    Shown,
    Sit,
    Take,
    WriteNote,
)
from ctibridge.flow.desk_lists import DeskLists
from ctibridge.flow.desk_requests import DeskRequests
from ctibridge.flow.flow import Flow
from ctibridge.flow.joint import Joint

log = structlog.get_logger()


class Obeying:
    """say: what other nodes have to hear, too; None: there is none."""

    def __init__(
        self, flow: Flow, requests: DeskRequests, lists: DeskLists, say: Callable[[Joint], None] | None = None
    ) -> None:
        self._flow = flow
        self._say = say or flow.carry_out
        self._requests = requests
        self._lists = lists

    def obey(self, command: DeskCommand) -> None:
        match command:
            case Shown() | Sit() | WriteNote() | Take() | Done():
                self._do(command)
            case Choose():
                self._requests.choose(command)
            case Select():
                self._requests.select(command)
            case Search():
                self._requests.search(command)
            case ListCalls():
                self._requests.instead(command, partial(self._lists.calls, command))
            case ListColleagues():
                self._requests.instead(command, partial(self._lists.colleagues, command))

    def _do(self, command: Shown | Sit | WriteNote | Take | Done) -> None:
        match command:
            case Shown():
                log.info("shown", agent=command.agent, call=command.call)
            case Sit():
                self._say(command)
                log.info("sits", agent=command.agent, lines=command.lines)
            case WriteNote():
                self._say(self._flow.written(command))
                log.info("note", agent=command.agent, call=command.call)
            case Take() | Done():
                if self._flow.calling_back.may(command):
                    self._say(command)
                log.info(type(command).__name__.lower(), agent=command.agent, call=command.call)
