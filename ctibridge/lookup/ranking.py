"""Who comes first, and what may be said: identified, ambiguous, shared or unknown (contract: *What the words mean*).

Comes in: matches of accounts that the agent may see, and nothing else. Goes out: status, order, the company, reasons.
The order is total and the same for the same matches, however they come in (`proof`). Nothing here reads a person's
record, so a record that is late can change neither status nor order. The decisions, and why:

* **The company called decides** between people of several companies, as the contract says, and before all other proof.
* **A claim beats the number.** Who is asked for his employee number is asked because his telephone does not say who he
  is. Whom the number names follows, and the contradiction is a signal. It does not beat it where one of the two has
  left: that is how an attacker would ring. Whom the number does not know is looked for where the call went, since ids
  are alike in all companies; where no company was called, in all: one person is meant, of several nobody. An e-mail
  address is unique in the world and finds its owner in any company, who stands behind those of the company called.
  Where nothing but an id or a choice names one of these, the two are `ambiguous`.
* **A choice puts its person first**, but says only who called *then*. Where several hold the number (a family, a team)
  it takes REPEATED choices of one holder, and none of another, to name him; fewer, or two people chosen, stay
  `ambiguous`. Somebody who was found by search and does not hold the number is named while nobody else of that company
  has it (none of any company, where none was called); else both are told.
* **Of a switchboard** nobody is preferred: its last caller is not its next one, so choices do not count. Only a claim
  names one. A number from which agents chose as many different people of one company is a switchboard, too. Who has
  left makes none: a desk handed on five times is one person's.
* **Weak proof** (the end of a number, a choice for another company) is told and names nobody, not even a company.
* **Equal proof** is `ambiguous`, also of unequal grade, label or origin: those order two people who both have the
  number, and do not say which of them calls. Last contact orders equals only.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from ctibridge.domain.person import PersonKey
from ctibridge.domain.resolution import Status
from ctibridge.lookup.choices import NOBODY_CHOSEN, Chosen
from ctibridge.lookup.contacts import NEVER
from ctibridge.lookup.index import MOST_PEOPLE
from ctibridge.lookup.matching import Match, joined, without_crowds
from ctibridge.lookup.proof import equal_proof, is_weak, standing, why_behind

REPEATED = 2
"""Choices of one of several holders that name him: once is who called that day, twice is whose telephone it is."""

MOST_LEAVERS = 10
"""People of one account who have left and are listed. Of each account, not of all: else one who was left out would come
in when another account goes out of sight."""

# Reasons: what decided, in words that name nobody.
NOBODY = "nobody who may be seen has this number"
LEFT = "only people who have left have this number"
ONLY_ONE = "one person alone has this number"
ONLY_ONE_CALLED = "one person of the company called has this number"
CLAIMED = "the PBX names one person"
CLAIMED_HOLDER = "the PBX names several, and one of them has this number"
CHOSEN = "chosen for this number before, and nobody else there has it"
CHOSEN_AGAIN = f"the only one chosen of those who have this number, {REPEATED} times or more"
GENERAL = "switchboard: the number is labelled general"
MANY = "switchboard: as many people of one company as [resolution] shared_number_people"
UNREAD = f"switchboard: {MOST_PEOPLE} people of one company or more have it; so many are read, and no more"
WEAK = "too weak to name anybody: the number only ends alike, or was chosen for another company"
SUFFIX_CROWD = "too many numbers of one company end alike: they are not listed"
MORE_LEFT = f"of those of one company who have left, {MOST_LEAVERS} are listed"
CONTRADICTED = "number and PBX name different people"
LEFT_CONTRADICTS = "number and PBX name different people, and one side has left"
TOGETHER_ELSEWHERE = "number and PBX together name somebody of another company than the one called"
MAIL_ELSEWHERE = "an e-mail address names somebody of another company than the one called"
CLAIMS_DIFFER = "the PBX names several people"
CHOICES_DIFFER = "several people were chosen for this number"
NOT_REPEATED = f"chosen fewer than {REPEATED} times, and others have this number"
CHOICE_AGAINST_NUMBER = "the person chosen for this number is not one of those who have it"
EQUALLY = "several people with equal proof"
SEVERAL = "several people have this number; what orders them does not say who calls"


@dataclass(frozen=True, slots=True)
class Ranking:
    """account: the id of the caller's company, where it is known; matches: best first, empty when shared.

    contradicted: the number is of one person, what the PBX claims of another. reasons: why this status.
    """

    status: Status
    account: str | None = None
    matches: tuple[Match, ...] = ()
    contradicted: bool = False
    reasons: tuple[str, ...] = ()

    @property
    def identified(self) -> Match | None:
        return self.matches[0] if self.status is Status.IDENTIFIED else None

    def why_not(self) -> dict[PersonKey, str]:
        """For each who is listed and not preferred: why, in words that name nobody."""
        behind = {two.person: why_behind(two, one) for one, two in pairwise(self.matches)}
        if self.matches and (self.matches[0].disabled or is_weak(self.matches[0])):
            behind[self.matches[0].person] = why_behind(self.matches[0], self.matches[0])
        return behind


def rank(
    matches: Iterable[Match],
    called_account: str | None,
    shared_number_people: int,
    named: Iterable[Match] = (),
    chosen: Mapping[PersonKey, Chosen] = NOBODY_CHOSEN,
    contacts: Mapping[PersonKey, datetime] = NEVER,
) -> Ranking:
    """The ranking of what one agent may see. called_account: of the service number that was called; named: whom the
    PBX's claims name, in whatever account; chosen: the choices that count; contacts: with whomever, not all matter."""
    holders = list(matches)
    near = without_crowds(holders, shared_number_people)
    everybody = list(joined(near, called_account, named, chosen, contacts))
    switchboard = _switchboard(everybody, shared_number_people)
    if switchboard is None:
        ranking = _decide(sorted(everybody, key=standing), called_account)
    else:
        ranking = _of_switchboard(everybody, switchboard, called_account)
    ranking = _with_few_leavers(ranking)
    return ranking if len(near) == len(holders) else replace(ranking, reasons=(*ranking.reasons, SUFFIX_CROWD))


def _switchboard(matches: Iterable[Match], shared_number_people: int) -> str | None:
    """Labelled `general`, whoever's record says so, or used by many people of one account who are still there."""
    users = _users(matches)
    if any(match.general for match in users):
        return GENERAL
    if _most_of_one_account(_able(users)) >= shared_number_people:
        return MANY
    # The people behind those who were read may be there still: the one who was read would be named for them.
    return UNREAD if len(users) >= MOST_PEOPLE and _most_of_one_account(users) >= MOST_PEOPLE else None


def _most_of_one_account(matches: Iterable[Match]) -> int:
    return max(Counter(match.person.account for match in matches).values(), default=0)


def _users(matches: Iterable[Match]) -> list[Match]:
    return [match for match in matches if match.holds or (match.chosen is not None and match.chosen.here)]


def _of_switchboard(everybody: Sequence[Match], reason: str, called_account: str | None) -> Ranking:
    """The company only, unless the PBX names one of those who have the number, or one where he calls: a switchboard is
    not on everybody's record."""
    claimed = sorted((match for match in everybody if match.claims), key=standing)
    if not _able(claimed):
        users = _users(everybody)
        # Whose number it is; only where it is in no record, whose people were chosen for it.
        whose = [match for match in users if match.holds] or users
        return Ranking(Status.SHARED, _company(_able(whose) or whose, called_account), reasons=(reason,))
    ranking = _decide(claimed, called_account)
    return replace(ranking, reasons=(*ranking.reasons, reason))


def _decide(ordered: Sequence[Match], called_account: str | None) -> Ranking:
    """Who of these is meant, if one is. ordered: best first."""
    listed, contradicted = tuple(ordered), _contradicted(ordered)
    able = [match for match in _able(ordered) if not is_weak(match)]
    if not _able(ordered):
        # The number belonged to somebody who has left: shown as a warning, and claimed of nobody.
        return Ranking(Status.UNKNOWN, None, listed, contradicted, (LEFT if ordered else NOBODY,))
    if not able:
        company = called_account if any(match.in_called for match in _able(ordered)) else None
        return Ranking(Status.AMBIGUOUS, company, listed, contradicted, (WEAK,))
    nearest = [match for match in able if match.in_called] or able
    doubt = _doubt(ordered, nearest, contradicted=contradicted)
    clear, reason = (False, doubt) if doubt else _clear(nearest)
    reasons = (reason, CONTRADICTED) if contradicted and not doubt else (reason,)
    if clear:
        return Ranking(Status.IDENTIFIED, listed[0].person.account, listed, contradicted, reasons)
    return Ranking(Status.AMBIGUOUS, _company(able, called_account), listed, contradicted, reasons)


def _clear(nearest: Sequence[Match]) -> tuple[bool, str]:
    """Is the first of these the one, and why (not)? The strongest kind of proof that speaks at all decides."""
    best = nearest[0]
    if claimed := [match for match in nearest if match.claims]:
        if len(claimed) == 1:
            return True, CLAIMED
        return (True, CLAIMED_HOLDER) if _only_holder(claimed) is best else (False, CLAIMS_DIFFER)
    if len(nearest) == 1:
        return True, (ONLY_ONE_CALLED if best.in_called else ONLY_ONE) if best.holds else CHOSEN
    if chosen := [match for match in nearest if match.chosen is not None and match.chosen.here]:
        return _clear_by_choice(chosen)
    return False, EQUALLY if equal_proof(best, nearest[1]) else SEVERAL


def _clear_by_choice(chosen: Sequence[Match]) -> tuple[bool, str]:
    """Several may be meant, and these of them were chosen before."""
    choice = chosen[0].chosen
    if len(chosen) > 1 or choice is None:
        return False, CHOICES_DIFFER
    if not chosen[0].holds:
        return False, CHOICE_AGAINST_NUMBER
    return (True, CHOSEN_AGAIN) if choice.here >= REPEATED else (False, NOT_REPEATED)


def _doubt(ordered: Sequence[Match], nearest: Sequence[Match], *, contradicted: bool) -> str | None:
    """What forbids to name anybody, however clear it looks."""
    holders, strangers = _holders_there(ordered), _strangers(ordered)
    if contradicted and (not _able(holders) or not _able(strangers)):
        return LEFT_CONTRADICTS
    both = [match for match in _able(ordered) if match.claims and match.holds]
    if not nearest[0].holds and any(match not in nearest for match in both):
        return TOGETHER_ELSEWHERE
    return MAIL_ELSEWHERE if _mail_against(nearest, ordered) else None


def _mail_against(nearest: Sequence[Match], ordered: Sequence[Match]) -> bool:
    """Is an address of somebody elsewhere against a mere id or choice of the company called?"""
    if nearest[0].holds or nearest[0].by_mail:
        return False
    return any(match.by_mail and match not in nearest for match in _able(ordered))


def _with_few_leavers(ranking: Ranking) -> Ranking:
    """They are a warning, and each record has to be read: of each account the first MOST_LEAVERS stay in the list."""
    if len(ranking.matches) <= MOST_LEAVERS:
        return ranking
    listed, left = [], Counter[str]()
    for match in ranking.matches:
        left[match.person.account] += match.disabled
        if not match.disabled or left[match.person.account] <= MOST_LEAVERS:
            listed.append(match)
    if len(listed) == len(ranking.matches):
        return ranking
    return replace(ranking, matches=tuple(listed), reasons=(*ranking.reasons, MORE_LEFT))


def _contradicted(ordered: Sequence[Match]) -> bool:
    """Does the PBX name somebody of whom the number knows nothing? Not where a holder is named as well; if the called
    company has holders, one of these."""
    holders = _holders_there(ordered)
    return bool(holders and _strangers(ordered)) and not any(match.claims for match in holders)


def _holders_there(ordered: Iterable[Match]) -> list[Match]:
    """Who has the number: in the company called, if anybody has it there."""
    holders = [match for match in ordered if match.holds]
    return [match for match in holders if match.in_called] or holders


def _strangers(ordered: Iterable[Match]) -> list[Match]:
    """Whom the PBX names, and the number does not."""
    return [match for match in ordered if match.claims and not match.holds]


def _only_holder(matches: Iterable[Match]) -> Match | None:
    holders = [match for match in matches if match.holds]
    return holders[0] if len(holders) == 1 else None


def _able(matches: Iterable[Match]) -> list[Match]:
    return [match for match in matches if not match.disabled]


def _company(matches: Iterable[Match], called_account: str | None) -> str | None:
    """The called account if it is among them, else the only one, else none: two companies are not one."""
    accounts = {match.person.account for match in matches}
    if called_account in accounts:
        return called_account
    return next(iter(accounts)) if len(accounts) == 1 else None
