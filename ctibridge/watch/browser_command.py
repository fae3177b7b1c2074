"""Which program opens a page, as the agent's environment says, and the words that it gets. No shell reads them."""

import shlex
from collections.abc import Iterator, Mapping

OWN = "CTIBRIDGE_BROWSER"
USUAL = "BROWSER"
OTHERWISE = ("xdg-open",)


def commands(environment: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """Each a program and its words, best first; the first that is installed opens all pages.

    CTIBRIDGE_BROWSER is one command, and nothing is tried beside it. BROWSER is what every program reads: commands with
    `:` between them. Raises ValueError (variable and mend) for one that cannot be read as words.
    """
    if own := environment.get(OWN, "").strip():
        yield _words(OWN, own)
        return
    for command in filter(str.strip, environment.get(USUAL, "").split(":")):
        yield _words(USUAL, command)
    yield OTHERWISE


def _words(variable: str, command: str) -> tuple[str, ...]:
    try:
        words = tuple(shlex.split(command))
    except ValueError as error:
        raise ValueError(f"{variable}: {error}; write a program and its words") from None
    # `sh -c 'firefox %s'`: there the address would be read as a program.
    if any("%s" in word and len(word.split()) > 1 for word in words):
        raise ValueError(f"{variable}: %s inside of a quoted command would be read by a shell; name a script instead")
    return words


def filled(words: tuple[str, ...], url: str) -> list[str]:
    """With the address in place of `%s`, else as the last word."""
    if any("%s" in word for word in words):
        return [word.replace("%s", url) for word in words]
    return [*words, url]
