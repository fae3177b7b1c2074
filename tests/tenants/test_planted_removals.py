"""The filter is taken away, in one place after the other, as a careless developer might. The oracle catches each."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from ctibridge.lookup import answer, called, context, customer, found, overlay, visibility
from ctibridge.lookup.adapters import second_stage, store
from ctibridge.lookup.adapters.context_store import SqliteContext
from ctibridge.lookup.adapters.enquiries import Enquiries
from ctibridge.lookup.adapters.learned import Learned
from ctibridge.lookup.holders import Guarded
from ctibridge.lookup.traffic import Traffic
from tests.tenants.oracle import Leak
from tests.tenants.planting import plant
from tests.tenants.play import House, play
from tests.tenants.sqlite_house import IN_MEMORY, opening
from tests.tenants.state import State

SEEDS = range(2)
"""Games, at most, until a fault is found; nearly all are found in the first one."""
OPERATIONS = 1_500
OPERATIONS_OVER_SQLITE = 200

# Where the filter is: owner, function, what stands there, and what a careless developer leaves of it.
Fault = tuple[Any, str, str, str]
IN_THE_CORE: dict[str, Fault] = {
    "seen_by gives all rows": (Guarded, "seen_by", " if account in visible.accounts", ""),
    "the end of a share is not looked at": (
        visibility, "_shared_now",
        "shared_accounts(shares, at)",
        "frozenset(share.account for share in shares)",
    ),
    "nobody asks for a share": (visibility, "visible_to", "_shared_now(granted, snapshot, at)", "frozenset(granted)"),
    "the end of a grant is not looked at": (
        visibility, "_grants_now", "holds(grant.starts_at, grant.ends_at, at)", "holds(grant.starts_at, None, at)",
    ),
    "the beginning of a grant is not looked at": (
        visibility, "_grants_now", "holds(grant.starts_at, grant.ends_at, at)", "holds(None, grant.ends_at, at)",
    ),
    "the hours of a grant are not looked at": (visibility, "_grants_now", "grant.hours is None or ", "True or "),
    "a disabled agent sees what he saw": (visibility, "visible_to", " or record.disabled", ""),
    "each sees what any at the same call may see": (
        found, "found", "(heard, proof, viewer.visible, settings)", "(heard, proof, everything(viewers), settings)",
    ),
    "choices count before they are filtered": (
        answer, "ranking", "choices.seen_by(visible)", "choices.seen_by(EVERYTHING)",
    ),
    "claims count before they are filtered": (
        answer, "ranking", "claimants.seen_by(visible)", "claimants.seen_by(EVERYTHING)",
    ),
    "whom another agent chose is shown to all": (
        answer, "ranking", "pick.person.account in visible.accounts and ", "",
    ),
    "the last contact shows that others see more holders": (answer, "ranking", " if len(found) > 1 else NEVER", ""),
    "the briefing of whichever company was called": (customer, "customer", " and one.id in visible.accounts", ""),
    "the links of whichever company was called": (
        answer, "_called_account", " and account.id in viewer.visible.accounts", "",
    ),
    "granted, whichever company was called": (called, "shown", "account.id in visible.accounts", "True"),
    "the context of whichever company was called": (context, "about", "in visible.accounts & accounts", "in accounts"),
    "suggestions of whichever company was called": (
        second_stage.SecondStage, "suggestions", " or account not in visible.accounts", "",
    ),
    "a notice names all customers that a number called": (
        Traffic, "_number_at_several", "called.keys() & visible.accounts", "called.keys()",
    ),
    "a search over all accounts": (
        Enquiries, "search", "(text, accounts, view.visible, MOST_FOUND)",
        "(text, sorted(EVERYTHING.accounts), EVERYTHING, MOST_FOUND)",
    ),
    "a search in whatever account is asked for": (
        Enquiries, "search", "(text, accounts, view.visible, MOST_FOUND)",
        "(text, accounts, view.visible if account is None else EVERYTHING, MOST_FOUND)",
    ),
    "anybody may be chosen": (Enquiries, "choose", "[pick.person], view.visible", "[pick.person], EVERYTHING"),
}  # fmt: skip
IN_THE_STORE: dict[str, Fault] = {
    "records of all accounts": (store, "_people", " if key.account in visible.accounts", ""),
    "holders in all accounts": (
        store.SqliteStore, "holders", "sorted(visible.accounts)", "sorted(EVERYTHING.accounts)",
    ),
    "claimants in all accounts": (
        store.SqliteStore, "claimants", "sorted(visible.accounts)", "sorted(EVERYTHING.accounts)",
    ),
    "the index answers for all accounts": (
        overlay, "_asked", "(Grade.EXACT, visible.accounts)", "(Grade.EXACT, EVERYTHING.accounts)",
    ),
    "choices of all accounts": (Learned, "choices", "sorted(visible.accounts)", "sorted(EVERYTHING.accounts)"),
    "context of all accounts": (SqliteContext, "_rows", "account not in visible.accounts", "not account"),
    "items of all accounts": (SqliteContext, "service_of", "account not in visible.accounts", "not account"),
}  # fmt: skip


Opening = Callable[[State], Awaitable[House]]


async def is_caught(operations: int, opened: Callable[[int], Opening] | None = None) -> bool:
    for seed in SEEDS:
        try:
            await play(seed, operations, None if opened is None else opened(seed))
        except Leak:
            return True
    return False


def folders(path: Path) -> Callable[[int], Opening]:
    """A new store for each game."""

    def opened(seed: int) -> Opening:
        (folder := path / str(seed)).mkdir()
        return opening(folder, IN_MEMORY)

    return opened


async def test_as_it_is_nothing_is_caught(tmp_path: Path) -> None:
    """The same games as those that catch."""
    assert not await is_caught(OPERATIONS)
    assert not await is_caught(OPERATIONS_OVER_SQLITE, folders(tmp_path))


@pytest.mark.parametrize("fault", IN_THE_CORE)
async def test_a_removed_filter_is_caught(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    plant(monkeypatch, *IN_THE_CORE[fault])
    assert await is_caught(OPERATIONS)


@pytest.mark.parametrize("fault", IN_THE_STORE)
async def test_a_removed_filter_of_the_store_is_caught(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: str
) -> None:
    """Nobody is shown more by it, since the core filters again: each part is asked by itself."""
    plant(monkeypatch, *IN_THE_STORE[fault])
    assert await is_caught(OPERATIONS_OVER_SQLITE, folders(tmp_path))


def test_a_fault_that_is_not_there_any_more_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AssertionError, match="stands there 0 times"):
        plant(monkeypatch, visibility, "visible_to", "no such words", "")
