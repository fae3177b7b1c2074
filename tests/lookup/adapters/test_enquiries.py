"""What an agent asks for a call that he has: answered with what he may see, and no more."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ctibridge.domain.caller import Presentation
from ctibridge.domain.context import StandardRequest, Suggestions
from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Name
from ctibridge.lookup.adapters import enquiries as enquiring
from ctibridge.lookup.adapters.answers import Patience
from ctibridge.lookup.adapters.contexts import Contexts, Deadlines
from ctibridge.lookup.adapters.enquiries import Enquiries
from ctibridge.lookup.adapters.learned import Learned
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.adapters.schema import FILE, open_file
from ctibridge.lookup.choices import Choice
from ctibridge.lookup.context import Article
from ctibridge.lookup.question import Pick, Question
from ctibridge.lookup.settings import LanguageSettings, ResolutionSettings
from ctibridge.lookup.visibility import visible_to
from tests.fakes.context_source import FakeContextSource
from tests.fakes.directory_store import FakeDirectoryStore
from tests.lookup.adapters.directories import Small, fill
from tests.lookup.examples import ACME, AT, FLEURON, MOBILE, PLAN, REGULA, SNAPSHOT, row, signalled

ELODIE = Person(PersonKey("fleuron", "e1"), Name("Élodie Frei"), language="fr")
PATIENT = Patience(record=60.0, index=60.0, rest=60.0)
CALL = Question(signalled(), PLAN, "c1", AT)
PICKED = Pick(REGULA.key, "ana", AT)
ANA = visible_to("ana", SNAPSHOT, AT)
UNKNOWN = Question(signalled("+493023125999"), PLAN, "c1", AT)


@pytest.fixture
async def store() -> FakeDirectoryStore:
    return FakeDirectoryStore(
        replace(SNAPSHOT, context_accounts=frozenset({"acme"})), {MOBILE: [row()]}, [REGULA, ELODIE]
    )


@pytest.fixture
async def source() -> FakeContextSource:
    source = FakeContextSource()
    hint = StandardRequest("sr", "sap", "More rights")
    articles = [Article("en", "sap", "A", None, ("en",)), Article("de", "sap", "B", None, ("de",))]
    source.services["acme", "sap"] = ([hint], articles)
    source.services["fleuron", "sap"] = ((), [Article("fr", "sap", "C", None, ("fr",))])
    source.items["acme", "nb"] = "sap"
    return source


@pytest.fixture
async def enquiries(store: FakeDirectoryStore, source: FakeContextSource) -> AsyncIterator[Enquiries]:
    contexts = Contexts(source, Deadlines(soon=60.0, late=60.0))
    lookup = Lookup(store, ResolutionSettings(), LanguageSettings(), PATIENT, contexts=contexts)
    yield Enquiries(lookup, store, None)
    await lookup.close()


def articles(found: Suggestions | None) -> list[str]:
    assert found is not None
    return [one.id for one in found.knowledge_articles]


# -- suggestions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("service", "item"), [("sap", None), (None, "nb")])
async def test_what_to_do_about_a_service_or_an_item_of_the_callers_company(
    enquiries: Enquiries, service: str | None, item: str | None
) -> None:
    """She speaks Swiss German."""
    found = await enquiries.suggestions(CALL, "ana", service, item)
    assert found is not None
    assert (found.call, [one.id for one in found.standard_requests]) == ("c1", ["sr"])
    assert articles(found) == ["de", "en"]


async def test_a_service_that_nobody_knows_has_nothing(enquiries: Enquiries) -> None:
    assert await enquiries.suggestions(CALL, "ana", "unknown", None) == Suggestions("c1")
    assert await enquiries.suggestions(CALL, "ana", None, "unknown") == Suggestions("c1")


@pytest.mark.parametrize("presentation", [Presentation.ALLOWED, Presentation.RESTRICTED])
async def test_of_who_is_not_known_the_company_called_counts(enquiries: Enquiries, presentation: Presentation) -> None:
    call = replace(UNKNOWN, signalled=signalled("+493023125999", presentation=presentation))
    assert articles(await enquiries.suggestions(call, "ana", "sap", None)) == ["de", "en"]


async def test_the_chosen_person_decides_the_company_and_the_language(enquiries: Enquiries) -> None:
    chosen = replace(CALL, chosen=(Pick(ELODIE.key, "ana", AT),))
    assert articles(await enquiries.suggestions(chosen, "ana", "sap", None)) == ["fr"]


@pytest.mark.parametrize("agent", ["ben", "gone", "nobody"])
async def test_who_may_not_see_the_company_is_told_nothing(enquiries: Enquiries, agent: str) -> None:
    assert await enquiries.suggestions(CALL, agent, "sap", None) is None


async def test_where_no_company_is_known_there_is_nothing_to_say(enquiries: Enquiries) -> None:
    call = replace(UNKNOWN, signalled=signalled("+493023125999", called=["+49301"]))
    assert await enquiries.suggestions(call, "ana", "sap", None) is None


async def test_a_store_that_fails_tells_nothing(enquiries: Enquiries, store: FakeDirectoryStore) -> None:
    store.broken = True
    with capture_logs() as logs:
        assert await enquiries.suggestions(CALL, "ana", "sap", None) is None
    assert [log["event"] for log in logs] == ["lookup.store_failed"]


# -- search and choose -------------------------------------------------------------------------------------------------


async def test_a_search_finds_whom_the_agent_may_see_the_company_called_first(enquiries: Enquiries) -> None:
    found = await enquiries.search(CALL, "ana", "frei", None)
    assert [one.person.key.id for one in found] == ["p17", "e1"]
    assert [one.evidence for one in found] == [(), ()]
    assert [one.person.key.id for one in await enquiries.search(CALL, "ben", "frei", None)] == ["e1"]
    assert await enquiries.search(CALL, "ben", "frei", "acme") == ()


async def test_an_agent_chooses_only_whom_he_may_see(enquiries: Enquiries) -> None:
    assert await enquiries.choose(CALL, Pick(REGULA.key, "ana", AT), keep=True)
    assert not await enquiries.choose(CALL, Pick(REGULA.key, "ben", AT), keep=True)
    assert not await enquiries.choose(CALL, Pick(PersonKey("acme", "p99"), "ana", AT), keep=True)


@pytest.mark.parametrize(("agent", "sees"), [("ana", True), ("ben", False), ("nobody", False)])
async def test_a_call_is_seen_by_who_may_see_its_account_whomever_an_agent_named_for_it(
    enquiries: Enquiries, agent: str, sees: bool
) -> None:
    """Ben sees the person whom ana named, and not the company that was called."""
    assert await enquiries.may_see(replace(CALL, chosen=(Pick(ELODIE.key, "ana", AT),)), agent) is sees


async def test_where_the_store_fails_nobody_sees_the_call(enquiries: Enquiries, store: FakeDirectoryStore) -> None:
    store.broken = True
    with capture_logs():
        assert not await enquiries.may_see(CALL, "ana")


# -- what is remembered ------------------------------------------------------------------------------------------------


@pytest.fixture
async def learned(tmp_path: Path) -> Learned:
    """Of the same people; closed with the look-up."""
    await (await open_file(tmp_path / FILE)).close()
    fill(tmp_path / FILE, Small((ACME, FLEURON), (REGULA, ELODIE)))
    return await Learned.open(tmp_path / FILE, 90, AT)


@pytest.fixture
async def keeping(store: FakeDirectoryStore, learned: Learned) -> AsyncIterator[Enquiries]:
    lookup = Lookup(store, ResolutionSettings(), LanguageSettings(), PATIENT, learned=learned)
    yield Enquiries(lookup, store, learned)
    await lookup.close()


@pytest.mark.parametrize("keep", [True, False])
async def test_a_choice_is_kept_for_the_number_where_it_is_the_callers_own(
    keeping: Enquiries, learned: Learned, keep: bool
) -> None:
    assert await keeping.choose(CALL, PICKED, keep=keep)
    assert learned.has_choices(MOBILE, ANA) is keep


async def test_who_chooses_while_somebody_else_holds_the_store_is_answered_and_it_is_kept_later(
    keeping: Enquiries, learned: Learned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import held it: the agent looked at a pop that did not change, until the store's own patience was over."""
    monkeypatch.setattr(enquiring, "KEEP_WITHIN", 0.0)
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as importer:
        importer.execute("BEGIN IMMEDIATE")
        assert await keeping.choose(CALL, PICKED, keep=True)
        assert not learned.has_choices(MOBILE, ANA)
        importer.execute("ROLLBACK")
    # One after the other: when this one is done, so is that.
    await learned.choose(Choice("+4930", "acme", "p17", "ana", AT))
    assert learned.has_choices(MOBILE, ANA)


async def test_a_choice_that_cannot_be_kept_holds_for_this_call_and_is_named(
    keeping: Enquiries, learned: Learned, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / FILE)) as full:
        full.execute("CREATE TRIGGER full BEFORE INSERT ON directory_choice BEGIN SELECT RAISE(ABORT, 'p17'); END")
    with capture_logs() as logs:
        assert await keeping.choose(CALL, PICKED, keep=True)
    assert logs == [{"event": "choice_not_kept", "log_level": "error", "error": "IntegrityError"}]
    assert not learned.has_choices(MOBILE, ANA)
