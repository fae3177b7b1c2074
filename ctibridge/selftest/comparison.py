"""What the desk saw beside what it should have seen, one row for each thing. Pure."""

from collections.abc import Iterator

from ctibridge.domain.finding import Finding
from ctibridge.selftest.expected import Expected, Known
from ctibridge.selftest.timeline import Pop, Timeline

INTERNAL = 6
"""Characters of a number that is no person's: an extension stands in a row as it is, of others only the end does."""

_NUMBER = "let the PBX send the caller as selftest.number says, or mend that; see identity_order"
_ACCOUNT = (
    "see which header names the called number (called_number_from), and whether `ctibridge import` ran to its end"
)
_SETTING = "mend the directory and import it again, or mend selftest.{key}"
_PERSON = "compare `ctibridge lookup` with the desk: another number signalled, or an import that is not whole"
_LANGUAGE = "compare `ctibridge lookup` with the desk; see the languages of person, site and number in the directory"


def comparisons(expected: Expected, timeline: Timeline) -> Iterator[Finding]:
    """Nothing without a pop. What the directory says is compared with the newest revision: the first may wait for a
    record."""
    seen, known = timeline.newest, expected.known
    if seen is None or known is None:
        return
    yield _number(known, seen)
    yield _one("company", "account", expected.account, known.account, seen.account, _ACCOUNT)
    yield _person(expected, known, seen)
    yield _one("language", "language", expected.language, known.language, seen.language, _LANGUAGE)


def ending(number: str | None) -> str:
    """As it may stand in a row: an extension as it is, of a number of the network only its end."""
    if number is None:
        return "no number"
    return number if len(number) <= INTERNAL else f"…{number[-3:]}"


def _number(known: Known, seen: Pop) -> Finding:
    if known.number == seen.number:
        return Finding("caller", f"{ending(seen.number)}, as signalled")
    return Finding("caller", f"expected {ending(known.number)}, the desk saw {ending(seen.number)}", _NUMBER)


def _one(what: str, key: str, written: str | None, known: str | None, seen: str | None, mend: str) -> Finding:
    said = seen or "none"
    if written is not None and written != known:
        text = f"expected {written} (selftest.{key}), {_both(known or 'none', said)}"
        return Finding(what, text, _SETTING.format(key=key))
    if seen != known:
        return Finding(what, f"expected {known or 'none'}, the desk saw {said}", mend)
    return Finding(what, f"{said}, as the directory says")


def _person(expected: Expected, known: Known, seen: Pop) -> Finding:
    wanted = expected.person
    first = known.people[0] if known.status == "identified" and known.people else ""
    if wanted is not None and wanted not in (first, first.partition("/")[2]):
        said = _both(_who(known.status, known.people), _who(seen.status, seen.people))
        return Finding("person", f"expected {wanted} (selftest.person), {said}", _SETTING.format(key="person"))
    if (known.status, known.people) != (seen.status, seen.people):
        text = f"expected {_who(known.status, known.people)}, the desk saw {_who(seen.status, seen.people)}"
        return Finding("person", text, _PERSON)
    return Finding("person", f"{_who(seen.status, seen.people)}, as the directory says")


def _both(known: str, seen: str) -> str:
    if known == seen:
        return f"the directory and the desk say {seen}"
    return f"the directory says {known}, the desk saw {seen}"


def _who(status: str, people: tuple[str, ...]) -> str:
    """Ids, and at most three of them."""
    more = f" and {len(people) - 3} more" if len(people) > 3 else ""
    return f"{status} ({', '.join(people[:3])}{more})" if people else status
