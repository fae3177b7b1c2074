"""What a signed-in connection says: the desk's own business is carried out, the rest is a command for other rooms.

Each frame is refused with an `error`, or done: it is answered here, becomes a command, changes what is kept (`ack`; an
older one nothing), or both (`shown`: the first is kept, each is a command).
"""

from datetime import datetime, timedelta

from ctibridge.delivery import encode_control, frames
from ctibridge.delivery.desk import Desk
from ctibridge.delivery.outputs import Command, KeepAck, KeepCall, Output, Send
from ctibridge.delivery.seats import Seats
from ctibridge.delivery.session import Session
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
from ctibridge.domain.moment import Moment
from ctibridge.domain.note import MOST_NOTES, plain
from ctibridge.domain.person import PersonKey
from ctibridge.domain.private import Private

LISTED = timedelta(hours=48)
"""So far back a list of calls may begin."""


class Requests:
    def __init__(self, seats: Seats, outputs: list[Output]) -> None:
        self._seats = seats
        self._outputs = outputs

    def answer(self, session: Session, frame: frames.DeskFrame, desk: Desk, now: Moment) -> None:
        match frame:
            case frames.PingFrame():
                lines = self._seats.lines(session.agent)
                self._outputs.append(Send(session.number, encode_control.pong(lines, desk.stored)))
            case frames.ShownFrame() | frames.AckFrame():
                self._received(session, frame, desk, now.at)
            case frames.SitFrame():
                self._sit(session, frame)
            case frames.TakeFrame():
                self._command(Take(session.agent, session.number, frame.call))
            case frames.DoneFrame():
                self._command(Done(session.agent, session.number, frame.call))
            case frames.TodayFrame():
                self._list(session, frame, now.at)
            case frames.ColleaguesFrame():
                self._command(ListColleagues(session.agent, session.number))
            case _ if desk.call(frame.call, now.at) is None:
                session.wrong("unknown_call", "this desk knows no such call")
            case _:
                self._ask(session, frame, desk)

    def _received(self, session: Session, frame: frames.ShownFrame | frames.AckFrame, desk: Desk, at: datetime) -> None:
        match frame:
            case frames.ShownFrame() if not desk.knows(frame.call):
                session.wrong("unknown_call", "this desk knows no such call")
            case _ if frame.sequence > desk.sequence:
                session.wrong("bad_message", "sequence: not sent yet")
            case frames.ShownFrame():
                kept = desk.shown(frame.call, at)
                if kept is not None:
                    self._outputs.append(KeepCall(kept))
                self._command(Shown(session.agent, frame.call, frame.sequence))
            case frames.AckFrame() if frame.sequence > desk.acked:
                desk.ack(frame.sequence)
                self._outputs.append(KeepAck(session.agent, frame.sequence))

    def _ask(self, session: Session, frame: frames.CallFrame, desk: Desk) -> None:
        """For a call that the desk has."""
        match frame:
            case frames.NoteFrame():
                self._note(session, frame, desk)
            case frames.SelectFrame():
                self._select(session, frame)
            case frames.ChooseFrame():
                person = PersonKey(frame.person.account, frame.person.id)
                self._command(Choose(session.agent, session.number, frame.call, person))
            case frames.SearchFrame():
                text = Private(plain(frame.text))
                self._command(Search(session.agent, session.number, frame.call, text, frame.account))

    def _command(self, command: DeskCommand) -> None:
        self._outputs.append(Command(command))

    def _select(self, session: Session, frame: frames.SelectFrame) -> None:
        if (frame.service is None) == (frame.configuration_item is None):
            session.wrong("bad_message", "select takes either service or configuration_item")
        else:
            subject = frame.service, frame.configuration_item
            self._command(Select(session.agent, session.number, frame.call, *subject))

    def _sit(self, session: Session, frame: frames.SitFrame) -> None:
        strange = self._seats.sit(session.agent, frame.lines)
        if strange is None:
            self._command(Sit(session.agent, tuple(frame.lines)))
        else:
            session.wrong("not_allowed", f"lines: {strange} is not one of your lines")

    def _note(self, session: Session, frame: frames.NoteFrame, desk: Desk) -> None:
        text = plain(frame.text)
        if not text:
            session.wrong("bad_message", "text: nothing that can be read")
        elif desk.notes(frame.call) >= MOST_NOTES:
            session.wrong("not_allowed", f"this call has {MOST_NOTES} notes, and takes no more")
        else:
            self._command(WriteNote(session.agent, frame.call, Private(text)))

    def _list(self, session: Session, frame: frames.TodayFrame, at: datetime) -> None:
        since = _time(frame.since)
        if since is None:
            session.wrong("bad_message", "since: no time with its zone, like 2026-11-21T00:00:00+01:00")
        elif at - since > LISTED:
            session.wrong("bad_message", f"since: more than {LISTED.total_seconds() / 3600:.0f} hours ago")
        else:
            self._command(ListCalls(session.agent, session.number, since, frame.since))


def _time(text: str) -> datetime | None:
    """None for what is no RFC 3339 time."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if at.tzinfo is None else at
