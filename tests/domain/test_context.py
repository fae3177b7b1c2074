from datetime import UTC, datetime

from ctibridge.domain.context import (
    ConfigurationItem,
    Context,
    KnowledgeArticle,
    MajorIncident,
    Repeat,
    Request,
    Service,
    StandardRequest,
    Suggestions,
)

SUBJECT = "Frau Frei kommt nicht an ihr Postfach"
URL = "https://acme.example/requests?who=frei"


def test_what_people_wrote_does_not_print() -> None:
    """Subjects, names of things and addresses hold names of people as often as not."""
    orders = (StandardRequest("o1", "s1", SUBJECT, SUBJECT),)
    articles = (KnowledgeArticle("k1", "s1", SUBJECT, URL),)
    context = Context(
        (Service("s1", SUBJECT),),
        (ConfigurationItem("c1", SUBJECT),),
        (Request("r1", SUBJECT, url=URL),),
        orders,
        articles,
        (MajorIncident("s1", SUBJECT, URL),),
    )
    for shown in (repr(context), repr(Suggestions("call1", orders, articles))):
        assert "frei" not in shown.lower()
        assert "o1" in shown


def test_a_context_that_nobody_filled_is_empty_and_waits_for_nothing() -> None:
    assert Context().complete
    assert Context().failed == ()
    assert Context().repeat is None


def test_who_calls_again_may_have_called_at_a_time_that_nobody_kept() -> None:
    assert Repeat(2).last_at is None
    assert Repeat(2, datetime(2026, 11, 20, tzinfo=UTC), 1).open_requests == 1
