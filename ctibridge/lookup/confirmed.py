"""An agent says who is calling: that person comes first, whatever number and PBX say.

The choice is for this call; what it means for the next one stands in `choices` and `ranking`.
"""

from dataclasses import replace

from ctibridge.domain.person import Person
from ctibridge.domain.resolution import Status
from ctibridge.lookup.choices import Chosen
from ctibridge.lookup.matching import Match
from ctibridge.lookup.question import Pick
from ctibridge.lookup.ranking import Ranking

SAID = "an agent says so, on this call"


def confirmed(ranked: Ranking, person: Person, pick: Pick, called_account: str | None) -> Ranking:
    """The ranking with this person as the one who calls. Somebody who has left is never that (contract: *Disabled*): he
    is listed last, and the status is what it was, but for a number of many, which lists nobody."""
    others = tuple(match for match in ranked.matches if match.person != person.key)
    match = next((match for match in ranked.matches if match.person == person.key), None)
    if match is None:
        match = Match(person.key, person.disabled, person.key.account == called_account)
    before = match.chosen or Chosen(0, 0, pick.at, pick.by)
    # Record and row are read one after the other: whichever says that he has left is believed.
    disabled = match.disabled or person.disabled
    match = replace(match, chosen=replace(before, here=before.here + 1, at=pick.at, by=pick.by), disabled=disabled)
    if match.disabled:
        status = Status.UNKNOWN if ranked.status is Status.SHARED else ranked.status
        return replace(ranked, status=status, matches=(*others, match))
    return replace(
        ranked,
        status=Status.IDENTIFIED,
        account=person.key.account,
        matches=(match, *others),
        reasons=(SAID, *ranked.reasons),
    )
