from datetime import UTC, datetime

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
from ctibridge.domain.person import PersonKey
from ctibridge.domain.private import Private


def what(command: DeskCommand) -> str:
    match command:
        case Take() | Done() | ListCalls() | ListColleagues():
            return beside(command)
        case Shown(agent, call, sequence):
            return f"{agent} saw {call} as {sequence}"
        case Sit(agent, lines):
            return f"{agent} sits at {'/'.join(lines) or 'no line'}"
        case WriteNote(agent, call, text):
            return f"{agent} writes {text} for {call}"
        case Choose(agent, _, call, person):
            return f"{agent} says that {person.id} calls in {call}"
        case Select(agent, _, call, service, item):
            return f"{agent} selects {service or item} for {call}"
        case Search(agent, _, call, text, account):
            return f"{agent} looks for {text} in {account or 'all'} for {call}"


def beside(command: Take | Done | ListCalls | ListColleagues) -> str:
    match command:
        case Take(agent, _, call):
            return f"{agent} calls {call} back"
        case Done(agent, _, call):
            return f"{agent} settles {call}"
        case ListCalls(agent, _, since, _):
            return f"{agent} lists his calls since {since:%H:%M}"
        case ListColleagues(agent, _):
            return f"{agent} lists his colleagues"


def test_commands_are_told_apart_by_their_kind() -> None:
    assert what(Shown("ana", "c1", 41)) == "ana saw c1 as 41"
    assert what(Sit("ana", ())) == "ana sits at no line"
    assert what(Choose("ana", 1, "c1", PersonKey("acme", "p17"))) == "ana says that p17 calls in c1"
    assert what(Select("ana", 1, "c1", None, "laptop")) == "ana selects laptop for c1"
    assert what(Search("ana", 1, "c1", Private("Regula"), None)) == "ana looks for ••• in all for c1"
    assert what(WriteNote("ana", "c1", Private("Regula called"))) == "ana writes ••• for c1"
    assert what(Take("ana", 1, "c1")) == "ana calls c1 back"
    assert what(Done("ana", 1, "c1")) == "ana settles c1"
    assert what(ListCalls("ana", 1, datetime(2026, 11, 22, 8, tzinfo=UTC), "then")) == "ana lists his calls since 08:00"
    assert what(ListColleagues("ana", 1)) == "ana lists his colleagues"
