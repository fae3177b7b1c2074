"""One call, one agent, one answer: the whole room's composition, pure.

`hear` reads what is the same for every agent, `answer` what this one may see of it. The number's holders and the
people's records come in as values; a record that has not been read yet leaves a candidate with his id alone, and
changes neither status nor order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ctibridge.domain.account import Account, Site
from ctibridge.domain.caller import Caller, Presentation, Signalled
from ctibridge.domain.hours import local_time
from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.private import Number
from ctibridge.domain.resolution import Candidate, Resolution, Status
from ctibridge.domain.screen_pop import Answer, LanguageChoice, Link
from ctibridge.lookup import language, numbers, tags
from ctibridge.lookup.called import CalledNumber, find, shown
from ctibridge.lookup.claims import UNNAMED, Claim, Claimants, claims
from ctibridge.lookup.greeting import Speaker, greeting
from ctibridge.lookup.holders import Holders
from ctibridge.lookup.links import links
from ctibridge.lookup.matching import Match, evidence, matches, named
from ctibridge.lookup.numbers import Understood
from ctibridge.lookup.ranking import Ranking, rank
from ctibridge.lookup.settings import DialPlan, LanguageSettings, ResolutionSettings
from ctibridge.lookup.snapshot import Snapshot
from ctibridge.lookup.trust import signals
from ctibridge.lookup.visibility import Visible


@dataclass(frozen=True, slots=True)
class Heard:
    """One call as this room understands it, the same for every agent. at: aware UTC, when it rang. claims: ids that the
    PBX names, by which people are looked for."""

    caller: Caller
    number: Understood
    called: CalledNumber
    call_id: str | None
    at: datetime
    claims: tuple[Claim, ...] = ()

    @property
    def withheld(self) -> bool:
        return self.caller.presentation is not Presentation.ALLOWED

    @property
    def calling_country(self) -> str | None:
        return numbers.country_of(self.number.e164) if self.number.e164 else None


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who reads the answer: an agent by name and languages, and what he may see now. name: None for no agent."""

    name: str | None
    languages: tuple[str, ...]
    visible: Visible


@dataclass(frozen=True, slots=True)
class Directory:
    """What is known beside the call: the small tables, the settings."""

    snapshot: Snapshot
    resolution: ResolutionSettings
    language: LanguageSettings


People = Mapping[PersonKey, Person]


def hear(signalled: Signalled, plan: DialPlan, snapshot: Snapshot, call_id: str | None, at: datetime) -> Heard:
    """Reads the numbers. Of a withheld caller nothing is kept, whatever the network let through."""
    called = find(signalled.called, plan, snapshot)
    if signalled.presentation is not Presentation.ALLOWED:
        caller = Caller(
            None, None, None, signalled.presentation, None, signalled.source, remarks=signalled.remarks
        )  # fmt: skip
        return Heard(caller, numbers.NOTHING, called, call_id, at)
    number = numbers.NOTHING if signalled.raw is None else numbers.understand(signalled.raw.value, plan)
    diverted_by = numbers.NOTHING
    if signalled.diverted_by is not None:
        diverted_by = numbers.understand(signalled.diverted_by.value, plan)
    caller = Caller(
        _number(number.e164),
        signalled.raw,
        signalled.display_name,
        signalled.presentation,
        _number(number.extension),
        signalled.source,
        signalled.attestation,
        _number(diverted_by.e164),
        signalled.remarks,
    )
    return Heard(caller, number, called, call_id, at, claims(signalled.remarks) if signalled.remarks else ())


def ranking(
    heard: Heard, holders: Holders, visible: Visible, settings: ResolutionSettings, claimants: Claimants = UNNAMED
) -> Ranking:
    """Visibility first, then evidence, then order: what is filtered here never reaches the rest."""
    if heard.withheld:
        return Ranking(Status.WITHHELD)
    called_account, many = heard.called.account_id, settings.shared_number_people
    found = matches(holders.seen_by(visible), heard.number, called_account)
    claimed = named(claimants.seen_by(visible), called_account, many) if heard.claims else ()
    return rank(found, called_account, many, claimed)


def answer(heard: Heard, ranked: Ranking, people: People, viewer: Viewer, directory: Directory) -> Answer:
    """What this viewer reads. people: the records read so far; complete is False while one is missing."""
    snapshot = directory.snapshot
    identified = people.get(ranked.identified.person) if ranked.identified else None
    account = snapshot.accounts.get(ranked.account) if ranked.account else None
    return Answer(
        heard.caller,
        shown(heard.called, viewer.visible, heard.at),
        _language(heard, identified, account, viewer, directory),
        Resolution(
            ranked.status,
            None if account is None else account.ref,
            tuple(_candidate(match, heard, people, snapshot) for match in ranked.matches),
        ),
        signals(ranked.matches, heard.at, heard.caller.attestation, contradicted=ranked.contradicted),
        _links(heard, identified, account or _called_account(heard, viewer)),
        complete=all(match.person in people for match in ranked.matches),
    )


def without_directory(heard: Heard, viewer: Viewer, directory: Directory) -> Answer:
    """The store does not answer: the call pops all the same, with what is known without it, and says so."""
    status = Status.WITHHELD if heard.withheld else Status.UNKNOWN
    return replace(answer(heard, Ranking(status), {}, viewer, directory), complete=False)


def _number(text: str | None) -> Number | None:
    return None if text is None else Number(text)


def _candidate(match: Match, heard: Heard, people: People, snapshot: Snapshot) -> Candidate:
    person = people.get(match.person) or Person(match.person, None, match.disabled)
    # The row decides, as it decided the rank: else a list could say otherwise than its order.
    person = person if person.disabled == match.disabled else replace(person, disabled=match.disabled)
    account = snapshot.accounts[match.person.account]
    zone = _zone(person, _site_of(person, snapshot), account) if match.person in people else None
    return Candidate(person, account.ref, evidence(match, heard.number), local_time(zone, heard.at))


def _site_of(person: Person | None, snapshot: Snapshot) -> Site | None:
    return None if person is None or person.site is None else snapshot.sites.get((person.key.account, person.site))


def _zone(person: Person | None, site: Site | None, account: Account | None) -> str | None:
    """Where the caller is, by the nearest that knows: he, his site, his company."""
    owners = (person, site, account)
    return next((owner.time_zone for owner in owners if owner is not None and owner.time_zone), None)


def _called_account(heard: Heard, viewer: Viewer) -> Account | None:
    account = heard.called.account
    return account if account is not None and account.id in viewer.visible.accounts else None


def _language(
    heard: Heard, person: Person | None, account: Account | None, viewer: Viewer, directory: Directory
) -> LanguageChoice:
    site = _site_of(person, directory.snapshot)
    service = heard.called.service
    company = account or heard.called.account
    tag, source = language.choose(
        language.Ladder(
            directory.language.default,
            None if person is None else person.language,
            None if site is None else site.language,
            None if service is None else service.default_language,
            None if company is None else company.default_language,
            heard.calling_country,
        )
    )
    text = None
    if service is not None and heard.called.account is not None:
        speaker = Speaker(viewer.name, heard.called.account.name, _zone(person, site, company), heard.at)
        text = greeting(service, tag, speaker)
    name, endonym = tags.names(tag)
    return LanguageChoice(tag, name, endonym, source, tags.speaks(viewer.languages, tag), text)


def _links(heard: Heard, person: Person | None, account: Account | None) -> tuple[Link, ...]:
    if account is None or not account.links:
        return ()
    values = {"number": heard.number.key, "call_id": heard.call_id, **_person_values(person)}
    return links(account.links, values)


def _person_values(person: Person | None) -> dict[str, str | None]:
    """Of an identified person only: a link that opens a person must not open one of several."""
    if person is None:
        return {}
    private = {"email": person.email, "employee_id": person.employee_id, "support_id": person.support_id}
    values = {name: None if value is None else value.value for name, value in private.items()}
    return {**values, "person_source_id": person.source_id}
