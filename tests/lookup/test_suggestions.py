"""What an agent is told to do about a service, best first."""

from ctibridge.domain.context import StandardRequest, Suggestions
from ctibridge.lookup.context import Article
from ctibridge.lookup.suggestions import MOST, suggest


def article(id_: str, subject: str, languages: str) -> Article:
    return Article(id_, "mail", subject, None, tuple(languages.split()))


def test_the_callers_language_first_then_the_accounts_then_all_others_each_by_subject() -> None:
    found = [
        article("1", "a foreign one", "ja"),
        article("2", "beta", "de"),
        article("3", "Alpha", "de"),
        article("4", "zeta", "fr-FR"),
        article("5", "Eta", "fr en"),
    ]
    told = suggest("c1", (), found, "fr-CH", "de")
    assert [one.id for one in told.knowledge_articles] == ["5", "4", "3", "2", "1"]
    assert [one.language for one in told.knowledge_articles] == ["fr", "fr-FR", "de", "de", "ja"]
    assert suggest("c1", (), found[::-1], "fr-CH", "de") == told


def test_standard_requests_come_by_subject() -> None:
    found = [StandardRequest("1", "mail", "new mailbox"), StandardRequest("2", "mail", "Mailbox is full")]
    assert [one.id for one in suggest("c1", found).standard_requests] == ["2", "1"]


def test_no_more_than_somebody_on_the_telephone_reads() -> None:
    many = range(MOST + 3)
    told = suggest(
        "c1", [StandardRequest(f"{n}", "mail", "x") for n in many], [article(f"{n}", "x", "de") for n in many]
    )
    assert (len(told.standard_requests), len(told.knowledge_articles)) == (MOST, MOST)


def test_of_a_service_that_nobody_knows_there_is_nothing() -> None:
    assert suggest("c1") == Suggestions("c1")
