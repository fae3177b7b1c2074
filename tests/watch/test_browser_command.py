import pytest

from ctibridge.watch.browser_command import commands, filled


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, [("xdg-open",)]),
        ({"BROWSER": " : "}, [("xdg-open",)]),
        ({"BROWSER": "firefox"}, [("firefox",), ("xdg-open",)]),
        (
            {"BROWSER": "firefox --new-tab %s:'/opt/my browser/run'"},
            [("firefox", "--new-tab", "%s"), ("/opt/my browser/run",), ("xdg-open",)],
        ),
        ({"CTIBRIDGE_BROWSER": "chromium --app=%s", "BROWSER": "firefox"}, [("chromium", "--app=%s")]),
    ],
)
def test_the_environment_names_programs(environment: dict[str, str], expected: list[tuple[str, ...]]) -> None:
    assert list(commands(environment)) == expected


@pytest.mark.parametrize(
    ("environment", "mend"),
    [
        ({"BROWSER": "firefox 'x"}, "BROWSER: No closing quotation; write a program and its words"),
        ({"CTIBRIDGE_BROWSER": "sh -c 'firefox %s'"}, "CTIBRIDGE_BROWSER: %s inside of a quoted command"),
    ],
)
def test_what_a_shell_would_read_is_refused_with_the_mend(environment: dict[str, str], mend: str) -> None:
    with pytest.raises(ValueError, match=mend):
        list(commands(environment))


def test_the_address_is_one_word_whatever_it_holds() -> None:
    url = "https://tool.example/?a b;$(x)&%s"
    assert filled(("firefox",), url) == ["firefox", url]
    assert filled(("firefox", "--new-tab", "%s"), url) == ["firefox", "--new-tab", url]
    assert filled(("chromium", "--app=%s"), "https://x.example/") == ["chromium", "--app=https://x.example/"]
