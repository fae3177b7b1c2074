from ctibridge.domain.desk_command import Choose, DeskCommand, Search, Select, Shown, Sit, WriteNote
from ctibridge.domain.person import PersonKey
from ctibridge.domain.private import Private


def what(command: DeskCommand) -> str:
    match command:
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


def test_commands_are_told_apart_by_their_kind() -> None:
    assert what(Shown("ana", "c1", 41)) == "ana saw c1 as 41"
    assert what(Sit("ana", ())) == "ana sits at no line"
    assert what(Choose("ana", 1, "c1", PersonKey("acme", "p17"))) == "ana says that p17 calls in c1"
    assert what(Select("ana", 1, "c1", None, "laptop")) == "ana selects laptop for c1"
    assert what(Search("ana", 1, "c1", Private("Regula"), None)) == "ana looks for ••• in all for c1"
    assert what(WriteNote("ana", "c1", Private("Regula called"))) == "ana writes ••• for c1"
