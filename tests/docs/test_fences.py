"""A page that shows something else than what is said has to be found out."""

import pytest

from tests.docs.fences import Command, Fence, commands, differs, fences

PAGE = """# A page

```console
$ one --more     # exit code 1: said so
two ticks, 3 ms
$ cat > file <<'END'
a = 1
$ no prompt
END
$ three \\
>   four
```

* an item
  ```toml
  key = "value"
  ```
"""


def test_a_page_is_read_by_its_fences() -> None:
    console, toml = fences(PAGE)
    assert (console.line, console.kind) == (3, "console")
    assert toml == Fence(15, "toml", 'key = "value"\n')


def test_a_command_goes_on_over_its_here_document_and_its_backslashes() -> None:
    one, file, three = commands(fences(PAGE)[0])
    assert one == Command(4, "one --more     # exit code 1: said so", ("two ticks, 3 ms",))
    assert (one.code, file.code) == (1, 0)
    assert file.text == "cat > file <<'END'\na = 1\n$ no prompt\nEND"
    assert three == Command(10, "three \\\n  four", ())


def test_a_console_without_a_command_is_none() -> None:
    with pytest.raises(ValueError, match="line 2: a console begins with a command"):
        commands(Fence(1, "console", "said by nobody\n"))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("ok  after 31 ms\n", ["ok after 1,234 ms"]),
        ("of the moment: xyz!\n", ["of …: …!"]),
        ("a\nb\nc\nd\n", ["a", "…", "d"]),
        ("a\nd\n", ["a", "…", "d"]),
        ("a\n\nb\n", ["a", "b"]),
        ("a\n  3 ms  phone rings\n  4 ms  pop\n", ["a", "  1 ms  pop", "  1 ms  phone rings"]),
    ],
)
def test_figures_and_what_is_left_out_may_differ(said: str, shown: list[str]) -> None:
    assert differs(said, shown) is None


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("a\nb\n", ["a"]),
        ("a\n", ["a", "b"]),
        ("bad after 31 ms\n", ["ok after 31 ms"]),
        ("b\na\n", ["a", "…", "b"]),
        ("3 ms  pop\n4 ms  pop\n", ["1 ms  pop", "2 ms  phone rings"]),
        ("a.b\n", ["axb"]),
        ("", ["a"]),
    ],
)
def test_words_may_not(said: str, shown: list[str]) -> None:
    assert "the page shows" in (differs(said, shown) or "")
