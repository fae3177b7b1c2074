import pickle
import traceback

import pytest

from ctibridge.domain.private import MASK, Name, Number, Private

SECRET = "+49 30 23125 999"


@pytest.mark.parametrize("kind", [Private, Number, Name])
def test_no_way_of_printing_shows_the_value(kind: type[Private]) -> None:
    value = kind(SECRET)
    shown = f"{value} {value!s} {value!r} {[value]} {(value,)} " + "%s %r" % (value, value)  # noqa: UP031
    assert SECRET not in shown
    assert MASK in shown


def test_a_traceback_shows_none_either() -> None:
    try:
        raise ValueError(Number(SECRET))
    except ValueError as error:
        text = "".join(traceback.format_exception(error))
    assert SECRET not in text.replace(f'SECRET = "{SECRET}"', "")


def test_the_value_is_there_for_those_who_need_it() -> None:
    assert Number(SECRET).value == SECRET


def test_values_compare_by_kind_and_text() -> None:
    assert Number("1") == Number("1")
    values: list[Private] = [Number("1"), Name("1"), Private("1")]
    assert len(set(values)) == 3
    assert len({Number("1"), Number("1"), Number("2")}) == 2


def test_they_are_frozen_and_survive_a_copy() -> None:
    with pytest.raises(AttributeError):
        Number("1").value = "2"  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(Name("x"))) == Name("x")  # noqa: S301
