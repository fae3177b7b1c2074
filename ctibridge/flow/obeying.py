"""What desks ask for, each carried to whoever does it. Where the delivery room has done it already, what remains is to
say that it came."""

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

log = structlog.get_logger()


class Obeying:
    def __init__(self, flow: Flow, requests: DeskRequests, lists: DeskLists) -> None:
        self._flow = flow
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
                self._flow.sat(command.agent)
                log.info("sits", agent=command.agent, lines=command.lines)
            case WriteNote():
                self._flow.note(command)
                log.info("note", agent=command.agent, call=command.call)
            case Take():
                self._flow.calling_back.take(command)
                log.info("take", agent=command.agent, call=command.call)
            case Done():
                self._flow.calling_back.done(command)
                log.info("done", agent=command.agent, call=command.call)
