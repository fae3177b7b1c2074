"""Every command of a desk comes to whoever does it."""

from datetime import UTC, datetime
from typing import Any
from unittest.mock import Mock

import pytest

from ctibridge.domain import desk_command as commands
from ctibridge.domain.person import PersonKey
from ctibridge.domain.private import Private
from ctibridge.flow.obeying import Obeying

AT = datetime(2026, 11, 22, tzinfo=UTC)
COMMANDS: list[tuple[str, commands.DeskCommand]] = [
    ("flow.carry_out", commands.Sit("ana", ("6004",))),
    ("flow.written flow.carry_out", commands.WriteNote("ana", "call1", Private("text"))),
    ("flow.calling_back.may flow.carry_out", commands.Take("ana", 1, "call1")),
    ("flow.calling_back.may flow.carry_out", commands.Done("ana", 1, "call1")),
    ("requests.choose", commands.Choose("ana", 1, "call1", PersonKey("acme", "p17"))),
    ("requests.select", commands.Select("ana", 1, "call1", "mail", None)),
    ("requests.search", commands.Search("ana", 1, "call1", Private("frei"), None)),
    ("requests.instead", commands.ListCalls("ana", 1, AT, "then")),
    ("requests.instead", commands.ListColleagues("ana", 1)),
]


@pytest.mark.parametrize(("where", "command"), COMMANDS)
def test_each_command_goes_to_one_place(where: str, command: commands.DeskCommand) -> None:
    rooms = Mock()
    Obeying(rooms.flow, rooms.requests, rooms.lists).obey(command)
    calls: list[Any] = rooms.mock_calls
    assert [call[0] for call in calls] == where.split()


@pytest.mark.parametrize("may", [True, False])
def test_what_other_nodes_have_to_hear_is_said_to_them(may: bool) -> None:
    rooms = Mock()
    rooms.flow.calling_back.may.return_value = may
    obeying = Obeying(rooms.flow, rooms.requests, rooms.lists, rooms.say)
    take = commands.Take("ana", 1, "call1")
    obeying.obey(take)
    assert [call.args[0] for call in rooms.say.mock_calls] == ([take] if may else [])
    rooms.flow.carry_out.assert_not_called()


def test_that_a_pop_was_shown_is_said_in_the_log_alone() -> None:
    rooms = Mock()
    Obeying(rooms.flow, rooms.requests, rooms.lists).obey(commands.Shown("ana", "call1", 3))
    assert rooms.mock_calls == []


def test_no_command_is_forgotten() -> None:
    named = {type(command) for _, command in COMMANDS} | {commands.Shown}
    assert named == set(commands.DeskCommand.__args__)
