"""One call, one agent, one answer: the whole room's composition, pure.

`heard.hear` reads what is the same for every agent, `ranking` and `answer` what this one may see of it. What was read
about the number comes in guarded, the people's records as values; a record that has not been read yet leaves a
candidate with his id alone, and changes neither status nor order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ctibridge.domain.account import Account, Site
from ctibridge.domain.hours import local_time
from ctibridge.domain.person import Person, PersonKey
from ctibridge.domain.resolution import Candidate, Resolution, Status
from ctibridge.domain.screen_pop import Answer, LanguageChoice, Link
from ctibridge.lookup import language, numbers, tags
from ctibridge.lookup.after_hours import after_hours
from ctibridge.lookup.called import shown
from ctibridge.lookup.choices import UNCHOSEN, Choices, counting
from ctibridge.lookup.claims import UNNAMED, Claimants
from ctibridge.lookup.confirmed import confirmed
from ctibridge.lookup.contacts import NEVER, NO_CONTACTS, Contacts, last
from ctibridge.lookup.customer import customer
from ctibridge.lookup.greeting import Speaker, greeting
from ctibridge.lookup.heard import Heard
from ctibridge.lookup.holders import NOBODY, Holders
from ctibridge.lookup.links import links
from ctibridge.lookup.matching import Match, evidence, matches, named
from ctibridge.lookup.ranking import Ranking, rank
from ctibridge.lookup.settings import LanguageSettings, ResolutionSettings
from ctibridge.lookup.snapshot import Snapshot
from ctibridge.lookup.trust import signals
from ctibridge.lookup.visibility import Visible


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


@dataclass(frozen=True, slots=True)
class Proof:
    """What was read about the number, over the accounts of all who ask. chosen: the records of those whom agents
    named for this call, as far as they are there."""

    holders: Holders = NOBODY
    claimants: Claimants = UNNAMED
    choices: Choices = UNCHOSEN
    contacts: Contacts = NO_CONTACTS
    chosen: Mapping[PersonKey, Person] = field(default_factory=dict)


NO_PROOF = Proof()
People = Mapping[PersonKey, Person]
Languages = Mapping[str, tuple[str, ...]]
"""By the ids of agents."""


def ranking(heard: Heard, proof: Proof, visible: Visible, settings: ResolutionSettings) -> Ranking:
    """Visibility first, then evidence, then order: what is filtered here never reaches the rest."""
    called_account, many = heard.called.account_id, settings.shared_number_people
    if heard.withheld:
        ranked = Ranking(Status.WITHHELD)
    else:
        short = heard.number.extension is not None
        claimed = named(proof.claimants.seen_by(visible), called_account, many) if heard.claims else ()
        chosen = counting(
            proof.choices.seen_by(visible), called_account, heard.at, settings.choice_days, short=short
        )  # fmt: skip
        found = matches(proof.holders.seen_by(visible), called_account)
        # They only order equals: where this agent sees one holder, whether others see more must not show.
        met = last(proof.contacts.seen_by(visible)) if len(found) > 1 else NEVER
        ranked = rank(found, called_account, many, claimed, chosen, met)
    seen = (pick for pick in heard.chosen if pick.person.account in visible.accounts and pick.person in proof.chosen)
    pick = next(seen, None)
    return ranked if pick is None else confirmed(ranked, proof.chosen[pick.person], pick, called_account)


def answer(
    heard: Heard,
    ranked: Ranking,
    people: People,
    viewer: Viewer,
    directory: Directory,
    beside: Languages,
) -> Answer:
    """What this viewer reads. people: the records read so far; complete is False while one is missing. beside: the
    languages of the agents at whose desks it rings, by their ids."""
    snapshot = directory.snapshot
    identified = people.get(ranked.identified.person) if ranked.identified else None
    account = snapshot.accounts.get(ranked.account) if ranked.account else None
    spoken = _language(heard, identified, account, viewer, directory, beside)
    accounts = (heard.called.account, account)
    told = [one for account in accounts if account for one in snapshot.announcements.get(account.id, ())]
    return Answer(
        heard.caller,
        shown(heard.called, viewer.visible, heard.at, spoken.tag),
        spoken,
        Resolution(
            ranked.status,
            None if account is None else account.ref,
            tuple(candidate(match, people, heard, snapshot) for match in ranked.matches),
        ),
        signals(ranked.matches, people, heard.at, heard.caller.attestation, contradicted=ranked.contradicted),
        _links(heard, identified, account or _called_account(heard, viewer)),
        complete=all(match.person in people for match in ranked.matches),
        customer=customer(accounts, viewer.visible, told, identified, spoken.tag, viewer.languages, heard.at),
    )


def without_directory(heard: Heard, viewer: Viewer, directory: Directory, beside: Languages) -> Answer:
    """The store does not answer: the call pops all the same, with what is known without it, and says so."""
    status = Status.WITHHELD if heard.withheld else Status.UNKNOWN
    return replace(answer(heard, Ranking(status), {}, viewer, directory, beside), complete=False)


def candidate(match: Match, people: People, heard: Heard, snapshot: Snapshot) -> Candidate:
    """A match as a desk reads it."""
    person = people.get(match.person) or Person(match.person, None, match.disabled)
    # The row decides, as it decided the rank: else a list could say otherwise than its order.
    person = person if person.disabled == match.disabled else replace(person, disabled=match.disabled)
    account = snapshot.accounts[match.person.account]
    site = _site_of(person, snapshot)
    zone = _zone(person, site, account) if match.person in people else None
    country = account.country if site is None or site.country is None else site.country
    over = after_hours(zone, country, account.holidays, heard.at)
    return Candidate(person, account.ref, evidence(match), local_time(zone, heard.at), over)


def _site_of(person: Person | None, snapshot: Snapshot) -> Site | None:
    return None if person is None or person.site is None else snapshot.sites.get((person.key.account, person.site))


def _zone(person: Person | None, site: Site | None, account: Account | None) -> str | None:
    """Where the caller is, by the nearest that knows: he, his site, his company."""
    owners = (person, site, account)
    return next((owner.time_zone for owner in owners if owner is not None and owner.time_zone), None)


def _zone_of_caller(heard: Heard, person: Person | None, site: Site | None, company: Account | None) -> str | None:
    """Of a stranger his number tells more than the company that he calls."""
    by_number = None if person is not None or heard.number.e164 is None else numbers.time_zone(heard.number.e164)
    return by_number or _zone(person, site, company)


def _called_account(heard: Heard, viewer: Viewer) -> Account | None:
    account = heard.called.account
    return account if account is not None and account.id in viewer.visible.accounts else None


def _language(
    heard: Heard,
    person: Person | None,
    account: Account | None,
    viewer: Viewer,
    directory: Directory,
    beside: Languages,
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
            None if company is None else language.of_account(company),
            heard.calling_country,
        )
    )
    text = None
    if service is not None and heard.called.account is not None:
        speaker = Speaker(
            viewer.name, heard.called.account.name, _zone_of_caller(heard, person, site, company), heard.at
        )
        text = greeting(service, tag, speaker)
    name, endonym = tags.names(tag)
    return LanguageChoice(
        tag, name, endonym, source, tags.speaks(viewer.languages, tag), text, tags.speakers(tag, beside)
    )  # fmt: skip


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
