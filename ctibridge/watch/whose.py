"""Whose number it is that calls, in the words of the agent's page; never who speaks, as nobody knows that yet.

Comes in: a pop as it was heard. Goes out: plain text, which no terminal obeys.
"""

from dataclasses import dataclass

from ctibridge.watch.heard import Data
from ctibridge.watch.plain import plain
from ctibridge.watch.pop import Candidate, Evidence, Person, Signal
from ctibridge.watch.words import NAME

_CLAIMS = {
    "employee_id": "Employee number",
    "support_id": "Support ID",
    "email": "E-mail address",
    "request": "Request",
}
_LABELS = {"work": "work number", "mobile": "mobile number", "home": "home number", "other": "other number"}
_GRADES = {
    "exact": "exact",
    "rewritten": "after adding the prefix",
    "extension": "as an extension",
    "suffix": "last digits only",
}


@dataclass(frozen=True, slots=True)
class Belonging:
    """label: what is said of the number; title: of whom, where it is no person; hint: what to do about it; people: whom
    it may be, best first."""

    label: str
    title: str = ""
    hint: str = ""
    people: tuple[Candidate, ...] = ()


def belonging(pop: Data) -> Belonging:
    """Whose number it is. Who speaks, nobody knows yet."""
    resolution = pop.resolution
    people = resolution.candidates
    match resolution.status:
        case "identified" if people:
            alone = _is_chosen_alone(people[0])
            return Belonging("Caller" if alone else f"{_subject(people[:1])} belongs to", people=people)
        case "ambiguous" if people:
            return Belonging(_one_of(pop), "", "Ask for the name before you say one.", people)
        case "shared":
            whose = plain(resolution.account.name, NAME) if resolution.account else "Several companies"
            return Belonging("Shared number", whose, "Many people call from this number. Ask who is calling.")
        case "withheld":
            return Belonging("Caller", "Number withheld", "The caller hides the number. Ask for the name.")
    if people:
        hint = "Somebody who may not call any more. Ask for the name."
        return Belonging(f"{_subject(people)} is on record only for", "", hint, people)
    return Belonging("Caller", "Not on record", "Nobody is known by this number. Ask for the name.")


def who(pop: Data | None) -> str:
    """In a few words, for a list."""
    if pop is None:
        return ""
    said = belonging(pop)
    if pop.resolution.status == "identified" and said.people:
        return name(said.people[0].person)
    if pop.resolution.status == "ambiguous" and said.people:
        others = f" or {len(said.people) - 1} more" if len(said.people) > 1 else ""
        return f"{name(said.people[0].person)}{others}"
    if pop.resolution.status == "shared":
        return f"shared number, {said.title}"
    if pop.resolution.status == "withheld":
        return "number withheld"
    of = pop.caller
    number = plain((of and (of.number or of.extension or of.raw)) or "", NAME)
    if no_role(pop):
        return number  # whether he is on record is not this agent's to know
    return f"{number}, not on record" if number else "not on record"


def name(person: Person) -> str:
    return "Reading the record…" if person.name is None else plain(person.name, NAME) or "(no name)"


def marks(person: Person) -> str:
    said = plain(person.pronunciation or "", NAME)
    return "  ".join(
        filter(None, [said and f"[{said}]", "VIP" if person.vip else "", "disabled" if person.disabled else ""])
    )


def role(candidate: Candidate) -> str:
    """Company, job, organization, site, and the time of day there."""
    one = candidate.person
    parts = [plain(part, NAME) for part in (candidate.account.name, one.job_title, one.organization, one.site) if part]
    if one.local_time:
        late = ", outside working hours" if one.after_hours else ""
        parts.append(f"{plain(one.local_time, NAME)} there{late}")
    return " · ".join(parts)


def because(candidate: Candidate) -> str:
    return " · ".join(_reason(one, candidate) for one in candidate.evidence[:6])


def signals(pop: Data) -> list[str]:
    return [_signal(one) for one in pop.trust.signals[:4]]


def sure(pop: Data) -> str:
    """How sure, and never more than a matching number can say."""
    if pop.resolution.status != "identified" or not pop.resolution.candidates:
        return ""
    evidence = pop.resolution.candidates[0].evidence
    if any(one.kind == "chosen" for one in evidence):
        return "An agent confirmed this for the number. Not verified."
    if any(one.kind == "number" and one.grade != "exact" for one in evidence):
        return "A number that fits in part. Not verified."
    return "A matching number. Not verified."


def no_role(pop: Data) -> str:
    of = pop.called.account
    return (
        ""
        if of is None or pop.called.granted
        else f"You have no role at {plain(of.name, NAME)}: its people are not shown."
    )


def _is_chosen_alone(candidate: Candidate) -> bool:
    """Neither his records nor the switchboard say that it is he, only an agent."""
    kinds = {one.kind for one in candidate.evidence}
    return "chosen" in kinds and "number" not in kinds and not kinds & _CLAIMS.keys()


def _subject(people: tuple[Candidate, ...]) -> str:
    """What belongs to these people: the number, unless it is only an id that the switchboard names."""
    kinds = [one.kind for person in people for one in person.evidence]
    claims = [_CLAIMS[kind] for kind in kinds if kind in _CLAIMS]
    return "Number" if "number" in kinds or not claims else claims[0]


def _one_of(pop: Data) -> str:
    if any(one.kind == "claim_contradicts_number" for one in pop.trust.signals):
        return "Number and switchboard name different people"
    people = pop.resolution.candidates
    return f"{_subject(people)} belongs to one of {len(people)}"


def _reason(reason: Evidence, candidate: Candidate) -> str:
    if reason.kind == "number":
        label = plain(reason.label or "", NAME)
        number = _LABELS.get(label) or (f"{label} number" if label else "known number")
        grade = _GRADES.get(reason.grade or "")
        return f"{number}, {grade}" if grade else number
    if reason.kind in _CLAIMS:
        return f"{_CLAIMS[reason.kind]} named by the switchboard"
    if reason.kind == "called_account":
        return f"called {plain(candidate.account.name, NAME)}"
    if reason.kind == "last_contact":
        return f"last contact {plain((reason.at or '')[:10], NAME)}".rstrip()
    if reason.kind == "chosen":
        return f"chosen by {plain(reason.by, NAME)}" if reason.by else "chosen by an agent"
    return plain(reason.kind.replace("_", " "), NAME)


def _signal(one: Signal) -> str:
    match one.kind:
        case "number_changed_recently" if one.days is None:
            return "This number was changed recently"
        case "number_changed_recently" if one.days:
            return f"This number was changed {one.days} {'day' if one.days == 1 else 'days'} ago"
        case "number_changed_recently":
            return "This number was changed today"
        case "attestation_failed":
            return "The network could not verify this number"
        case "claim_contradicts_number":
            return "The number belongs to one person, what the switchboard names to another"
    return plain(one.kind.replace("_", " "), NAME)


def phrase(pop: Data | None) -> str:
    """`number belongs to Regula Frei`, in a line of text."""
    if pop is None:
        return ""
    said = belonging(pop)
    if pop.resolution.status in {"identified", "ambiguous"} and said.people:
        listed = said.people[:1] if pop.resolution.status == "identified" else said.people[:3]
        names = " or ".join(name(one.person) for one in listed)
        label = "" if said.label == "Caller" else f"{said.label[0].lower()}{said.label[1:]}: "
        return label.replace("belongs to: ", "belongs to ") + names
    return who(pop)
