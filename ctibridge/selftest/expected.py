"""What a desk has to see of the test call: what the directory says, and what stands in `selftest` beside it. Pure."""

from dataclasses import dataclass, field

from ctibridge.domain.screen_pop import Answer
from ctibridge.sip.settings import SelftestSettings, TrunkSettings


@dataclass(frozen=True, slots=True)
class Known:
    """What the directory says of this caller at this number; fields as of `timeline.Pop`."""

    number: str | None = field(repr=False)
    account: str | None
    status: str
    people: tuple[str, ...]
    language: str


@dataclass(frozen=True, slots=True)
class Expected:
    """known: None while nobody has asked the directory. account, person, language: as `selftest` has them. answers:
    somebody is to pick up. outcomes: what may end it for the desk, None where it does not see the end."""

    trunk: str
    agent: str
    line: str | None
    user: str
    dialled: str = field(repr=False)
    patience: float
    answers: bool
    sees_end: bool
    watched: bool
    known: Known | None = None
    account: str | None = None
    person: str | None = None
    language: str | None = None


def of_answer(answer: Answer) -> Known:
    """As an agent would see it."""
    caller, called = answer.caller, answer.called
    number = caller.number or caller.extension
    return Known(
        None if number is None else number.value,
        None if called.account is None else called.account.id,
        answer.resolution.status.value,
        tuple(f"{one.person.key.account}/{one.person.key.id}" for one in answer.resolution.candidates),
        answer.language.tag,
    )


def of_settings(trunk: TrunkSettings, test: SelftestSettings, agent: str, line: str | None) -> Expected:
    """line: where it is meant to ring, where that is known. A trunk that declines sees no end unless it watches."""
    return Expected(
        trunk.name, agent, line, test.user, test.dial, float(test.patience), test.answer,
        sees_end=trunk.ring == "hold" or trunk.watches, watched=trunk.watches,
        account=test.account, person=test.person, language=test.language,
    )  # fmt: skip
