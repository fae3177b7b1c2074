from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Name, Private


def test_a_person_prints_without_saying_anything_of_him() -> None:
    person = Person(
        PersonKey("acme", "p17"),
        Name("Regula Frei"),
        email=Private("regula.frei@acme.example"),
        job_title="Controller",
        organization="Finance",
        site="Zürich",
        location="Seefeld",
        language="de-CH",
    )
    shown = repr(person)
    assert "acme" in shown
    for told in ("Regula", "regula", "Controller", "Finance", "Zürich", "Seefeld", "de-CH"):
        assert told not in shown


def test_one_id_in_two_accounts_is_two_people() -> None:
    assert PersonKey("acme", "1") != PersonKey("fleuron", "1")
