from ctibridge.calls.views import View, Views
from ctibridge.sip import events


def test_the_words_are_those_of_the_configuration_and_of_the_sip_room() -> None:
    assert [view.value for view in View] == [view.value for view in events.View] == ["contact", "dialog-info"]


def test_without_a_word_a_trunk_has_a_contact_that_hears_all() -> None:
    assert Views() == Views(watched=False, contact_hears_end=True)
