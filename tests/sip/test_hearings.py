"""Two views of one line: the better one counts."""

from dataclasses import replace

from ctibridge.sip.events import Hearing, LineChanged, View
from ctibridge.sip.hearings import Hearings


def change(hearing: Hearing, why: str = "") -> LineChanged:
    return LineChanged("pbx", "6001", hearing, why)


def test_a_line_that_stays_away_from_its_registrar_is_heard_where_its_dialogs_are_told() -> None:
    hearings = Hearings()
    assert hearings.hear(View.CONTACT, change(Hearing.ALONE)) == [change(Hearing.ALONE)]
    (heard,) = hearings.hear(View.DIALOG_INFO, change(Hearing.REGISTERED))
    assert heard.hearing is Hearing.REGISTERED
    (heard,) = hearings.hear(View.CONTACT, change(Hearing.DEAF, "gone"))
    assert heard.hearing is Hearing.REGISTERED
    assert hearings.hear(View.DIALOG_INFO, change(Hearing.DEAF, "ran out")) == [change(Hearing.DEAF, "gone")]


def test_the_view_that_hears_nothing_is_named_with_its_reason_and_once() -> None:
    hearings = Hearings()
    hearings.hear(View.CONTACT, change(Hearing.REGISTERED, "registered"))
    assert hearings.hear(View.DIALOG_INFO, change(Hearing.REGISTERING, "asks")) == []
    refused = change(Hearing.DEAF, "PBX says 403")
    told = change(Hearing.REGISTERED, "registered, but not by dialog-info: PBX says 403")
    assert hearings.hear(View.DIALOG_INFO, refused) == [told]
    assert hearings.hear(View.DIALOG_INFO, refused) == []
    assert hearings.hear(View.DIALOG_INFO, change(Hearing.REGISTERED)) == [change(Hearing.REGISTERED, "registered")]


def test_one_view_is_told_as_it_is() -> None:
    hearings = Hearings()
    for each in (Hearing.REGISTERING, Hearing.DEAF, Hearing.REGISTERED, Hearing.ALONE):
        assert hearings.hear(View.CONTACT, change(each)) == [change(each)]
    assert hearings.hear(View.CONTACT, change(Hearing.ALONE)) == []
    assert hearings.hear(View.CONTACT, change(Hearing.ALONE, "held")) == [change(Hearing.ALONE, "held")]


def test_how_many_others_are_there_is_what_the_registrar_says_whatever_view_is_better() -> None:
    hearings = Hearings()
    hearings.hear(View.CONTACT, LineChanged("pbx", "6001", Hearing.ALONE, "alone", others=0))
    (heard,) = hearings.hear(View.DIALOG_INFO, change(Hearing.REGISTERED))
    assert (heard.hearing, heard.others) == (Hearing.REGISTERED, 0)
    one = LineChanged("pbx", "6001", Hearing.REGISTERED, "registered", others=1)
    assert hearings.hear(View.CONTACT, one) == [one]
    assert hearings.hear(View.CONTACT, replace(one, others=2)) == [replace(one, others=2)]


def test_lines_do_not_mix() -> None:
    hearings = Hearings()
    hearings.hear(View.CONTACT, change(Hearing.REGISTERED))
    other = LineChanged("pbx", "6002", Hearing.DEAF, "")
    assert hearings.hear(View.CONTACT, other) == [other]


def test_of_a_line_that_is_forgotten_everything_is_news() -> None:
    hearings = Hearings()
    hearings.hear(View.CONTACT, change(Hearing.REGISTERED, "registered"))
    hearings.forget("6001")
    hearings.forget("6001")
    said = hearings.hear(View.DIALOG_INFO, change(Hearing.DEAF, "why"))
    assert [word.hearing for word in said] == [Hearing.DEAF]
