import msgspec
import pytest

from ctibridge.fields import Duration
from ctibridge.lookup.settings import DialPlan, LanguageSettings, ResolutionSettings


def test_defaults_are_the_contracts() -> None:
    assert ResolutionSettings().shared_number_people == 5
    assert ResolutionSettings().patience == 0.05
    assert LanguageSettings().default == "en"


@pytest.mark.parametrize(
    ("kind", "text", "names"),
    [
        (ResolutionSettings, b"shared_number_people = 1", "shared_number_people"),
        (ResolutionSettings, b'shared_number_people = "5"', "shared_number_people"),
        (ResolutionSettings, b"shared_numbers = 5", "shared_numbers"),
        (LanguageSettings, b'default = "Deutsch"', "Deutsch"),
        (LanguageSettings, b'fallback = "de"', "fallback"),
    ],
)
def test_what_is_wrong_is_refused_by_name(kind: type, text: bytes, names: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=names):
        msgspec.toml.decode(text, type=kind)


def test_nobody_waits_longer_for_a_record_than_for_the_status_it_belongs_to() -> None:
    assert ResolutionSettings(patience=Duration(0.5)).patience == 0.5
    with pytest.raises(ValueError, match="patience is at most 500ms"):
        ResolutionSettings(patience=Duration(0.501))


def test_a_dial_plan_is_a_key_of_the_number_cache() -> None:
    assert hash(DialPlan("DE", "0")) == hash(DialPlan("DE", "0"))
    assert DialPlan() != DialPlan("DE")
