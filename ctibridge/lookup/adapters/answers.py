"""What the look-up gives for one call: the answers that pop now, and what comes later."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from ctibridge.domain.notice import Notice
from ctibridge.domain.screen_pop import Answer
from ctibridge.lookup.settings import MOST_PATIENCE, ResolutionSettings


@dataclass(frozen=True, slots=True)
class Answers:
    """first: by agent, for the pop that goes out now. rest: what was late, revision by revision, for those agents whose
    answer has changed; None: all is said. notices: what each of these agents should know besides.

    rest never raises; where the store has failed it ends.
    """

    first: dict[str, Answer]
    rest: AsyncIterator[dict[str, Answer]] | None = None
    notices: Mapping[str, tuple[Notice, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that the first pop waits. record: for the people's records (contract: *First pop*); index: for who holds
    the number at all, without which there is no status; rest: for what was late, after which nothing more is to come.
    """

    record: float = ResolutionSettings().patience
    index: float = MOST_PATIENCE
    rest: float = 5.0
