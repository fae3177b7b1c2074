from ctibridge.domain.desk_command import DeskCommand, Shown, Sit, WriteNote
from ctibridge.domain.private import Private


def what(command: DeskCommand) -> str:
    match command:
        case Shown(agent, call, sequence):
            return f"{agent} saw {call} as {sequence}"
        case Sit(agent, lines):
            return f"{agent} sits at {'/'.join(lines) or 'no line'}"
        case WriteNote(agent, call, text):
            return f"{agent} writes {text} for {call}"


def test_commands_are_told_apart_by_their_kind() -> None:
    assert what(Shown("ana", "c1", 41)) == "ana saw c1 as 41"
    assert what(Sit("ana", ())) == "ana sits at no line"
    assert what(WriteNote("ana", "c1", Private("Regula called"))) == "ana writes ••• for c1"
