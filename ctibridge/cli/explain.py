"""An answer in words, for the administrator who asks why: what the pop would say, on which evidence, and why not more.

An administrator may know which accounts hold a number that an agent may not see; people of them are not named.
"""

from collections.abc import Iterable, Iterator

from ctibridge.cli.shown import shown
from ctibridge.domain.resolution import Candidate, Evidence, Status
from ctibridge.domain.screen_pop import Answer
from ctibridge.lookup import visibility
from ctibridge.lookup.found import Found
from ctibridge.lookup.greeting import names_agent
from ctibridge.lookup.matching import NUMBER

_STATUS = {
    Status.IDENTIFIED: "the number belongs to one person",
    Status.AMBIGUOUS: "the number belongs to several people",
    Status.SHARED: "a number of many people; the company only",
    Status.UNKNOWN: "the number names nobody who could be meant",
    Status.WITHHELD: "the caller withholds his number",
}
_GRADES = {
    "exact": "is the number",
    "rewritten": "is the number, written otherwise",
    "extension": "is the extension in the company called",
    "suffix": "ends alike",
}
_ACTS = {"chosen": "chosen by {by}", "last_contact": "last contact"}
_SOURCES = {
    "person": "of the person",
    "site": "of the person's site",
    "called_number": "of the number called",
    "account": "of the company",
    "calling_country": "of the country that the call comes from",
    "default": "by default",
}


def explain(agent: str | None, found: Found, elsewhere: Iterable[str] = ()) -> str:
    """Some lines of text; agent None: as seen over all shared accounts. elsewhere: unseen accounts that know the number
    too."""
    (answer,) = found.answers().values()
    lines = [
        *_heads(agent, answer),
        *_greeting(found, answer),
        *(line for place, one in enumerate(answer.resolution.candidates, 1) for line in _candidate(place, one)),
        *(f"  careful: {signal.kind.replace('_', ' ')} ({signal.days} days ago)" for signal in answer.signals),
        *(f"  link     {link.title}: {link.url}" for link in answer.links),
        *_why_not(agent, found, elsewhere),
    ]
    return "\n".join(map(shown, lines)) + "\n"


def _heads(agent: str | None, answer: Answer) -> Iterator[str]:
    caller, called, language = answer.caller, answer.called, answer.language
    shown = caller.number or caller.extension
    raw = "" if caller.raw is None else caller.raw.value
    who = shown.value if shown else f"{raw!r} (no number)" if raw else "somebody"
    yield f"{who} calls {called.number or 'no number that is known'}"
    if called.account is not None:
        hours = f", {called.support_hours} now" if called.support_hours else ""
        role = "" if called.granted or agent is None else f", where {agent} has no role"
        yield f"  called   {called.account.name}: {called.name}{hours}{role}"
    company = answer.resolution.account
    yield f"  status   {answer.resolution.status}: {_STATUS[answer.resolution.status]}" + (
        f" ({company.name})" if company else ""
    )
    spoken = "" if agent is None else f"; {agent} {'speaks' if language.spoken_by_agent else 'does not speak'} it"
    yield f"  language {language.tag} {language.name} / {language.endonym}, {_SOURCES[language.source]}{spoken}"


def _greeting(found: Found, answer: Answer) -> Iterator[str]:
    service, language = found.heard.called.service, answer.language
    if language.greeting is not None:
        yield f"  greeting {language.greeting}"
    elif service is not None and names_agent(service, language.tag):
        yield "  greeting names the agent; see it with --agent A"


def _candidate(place: int, candidate: Candidate) -> Iterator[str]:
    person = candidate.person
    name = "(record gone)" if person.name is None else person.name.value
    marks = "".join(f" [{mark}]" for mark, holds in (("VIP", person.vip), ("disabled", person.disabled)) if holds)
    about = ", ".join(part for part in (person.job_title, person.organization, person.site) if part)
    yield f"  {place}. {name}{marks}, {candidate.account.name} ({person.key.account}/{person.key.id})"
    if about:
        yield f"     {about}"
    yield f"     because {'; '.join(map(_reason, candidate.evidence))}"


def _reason(evidence: Evidence) -> str:
    if evidence.at is not None:
        what = _ACTS[evidence.kind].format(by=evidence.by)
        return f"{what} {evidence.at:%Y-%m-%d %H:%M} UTC"
    if evidence.grade is None or evidence.matched is None:
        return "the company called is this one"
    if evidence.kind != NUMBER:
        return f"the PBX names {evidence.kind.replace('_', ' ')} {evidence.matched.value}"
    return f"{evidence.label or evidence.kind} {evidence.matched.value} {_GRADES[evidence.grade]}"


def _why_not(agent: str | None, found: Found, elsewhere: Iterable[str]) -> Iterator[str]:
    (name,) = found.viewers
    ranked, viewer = found.rankings[name], found.viewers[name]
    seen = found.proof.holders.seen_by(viewer.visible)
    yield from (f"  decided  {reason}" for reason in ranked.reasons)
    if ranked.status is Status.SHARED:
        yield f"  why not: {len({(row.account, row.person) for row in seen})} people have this number"
    if fax := sum(row.label == "fax" for row in seen):
        yield f"  why not: {fax} more have it as a fax number, which never matches"
    for person, why in ranked.why_not().items():
        yield f"  why not: {person.account}/{person.id}: {why}"
    for account in elsewhere:
        why = visibility.why_hidden(agent, account, found.directory.snapshot, found.heard.at)
        yield f"  why not: {account} knows this number too; {why}"
