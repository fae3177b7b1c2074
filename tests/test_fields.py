"""Durations and secrets as they are written."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctibridge.fields import Duration, Secret


@pytest.mark.parametrize(
    ("text", "seconds"), [("20s", 20), ("10m", 600), ("500ms", 0.5), ("4h", 14400), ("90d", 7776000), ("0s", 0)]
)
def test_a_duration(text: str, seconds: float) -> None:
    assert Duration.parse(text) == seconds


@pytest.mark.parametrize("text", ["", "20", "s", "-1s", "1_0s", "²s", "1.5s", " 1s", "1 s", "1w", "9999999999s"])
def test_what_is_none_says_how_it_is_written(text: str) -> None:
    with pytest.raises(ValueError, match='like "20s"'):
        Duration.parse(text)


@given(st.integers(0, 10**9 - 1), st.sampled_from(["ms", "s", "m", "h", "d"]))
def test_it_is_printed_and_read_again(number: int, unit: str) -> None:
    duration = Duration.parse(f"{number}{unit}")
    assert Duration.parse(str(Duration.parse(f"{int(duration * 1000) % 10**9}ms"))) >= 0
    if duration < 10**6:
        assert Duration.parse(str(duration)) == pytest.approx(duration)


@pytest.mark.parametrize(("seconds", "text"), [(120, "2m"), (90, "90s"), (0.5, "500ms"), (0, "0s"), (86400, "1d")])
def test_it_prints_in_the_largest_whole_unit(seconds: float, text: str) -> None:
    assert str(Duration(seconds)) == text


@pytest.mark.parametrize("keys", [{}, {"file": "a", "credential": "b"}])
def test_a_secret_has_one_place(keys: dict[str, str]) -> None:
    with pytest.raises(msgspec.ValidationError, match="either"):
        msgspec.convert(keys, Secret)


@pytest.mark.parametrize("keys", [{"file": "a"}, {"credential": "b"}])
def test_a_secret_is_only_a_place(keys: dict[str, str]) -> None:
    assert msgspec.to_builtins(msgspec.convert(keys, Secret)) == {"file": None, "credential": None} | keys


def test_a_misspelt_secret_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="fiel"):
        msgspec.convert({"fiel": "a"}, Secret)
