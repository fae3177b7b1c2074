from ctibridge.fields import Duration
from ctibridge.lookup.adapters.answers import Answers, Patience
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.settings import LanguageSettings, ResolutionSettings
from tests.lookup.adapters.asking import ask, store, told


def test_an_answer_alone_says_all() -> None:
    answers = Answers({})
    assert answers.rest is None
    assert dict(answers.notices) == {}


def test_the_first_pop_waits_as_long_as_the_contract_says() -> None:
    """50 ms for the record, and never longer for it than for the status it belongs to."""
    patience = Patience()
    assert patience.record == 0.05
    assert patience.record < patience.index < patience.rest


async def test_how_long_it_waits_for_a_record_is_configured() -> None:
    directory = store()
    lookup = Lookup(directory, ResolutionSettings(patience=Duration(0.0)), LanguageSettings())
    await lookup.refresh()
    directory.hold("people")
    answers = await ask(lookup)
    assert not answers.first["ana"].complete
    directory.release("people")
    (rest,) = await told(answers)
    assert rest["ana"].complete
    await lookup.close()
