"""What a command tells a person when it cannot go on."""

from ctibridge.cli.problem import Problem


def test_one_line_and_an_exit_code() -> None:
    assert (str(Problem("no such file; name another")), Problem("x").code) == ("no such file; name another", 1)
    assert Problem("x", code=2).code == 2
