"""`ctibridge token`: makes, lists and revokes tokens in the store of a running or stopped daemon."""

import argparse
import asyncio
import json
import sqlite3
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from ctibridge.cli import options
from ctibridge.cli.actor import actor
from ctibridge.cli.problem import Problem
from ctibridge.cli.sharing import HERE_HELP, sharing
from ctibridge.cli.shown import shown
from ctibridge.cli.store_fault import told
from ctibridge.config import Settings
from ctibridge.delivery.adapters.token_store import TokenStore
from ctibridge.delivery.tokens import SHIFT, Kind, Token
from ctibridge.lookup.adapters.acts import Acts
from ctibridge.lookup.adapters.lookup import Lookup
from ctibridge.lookup.adapters.schema import FILE, StoreFault

T = TypeVar("T")

IVR_HOLDS = timedelta(days=365)
"""A telephone system is no tab that is left open; whoever changes its token changes its routing."""
AGAIN = "its page came by sign-in and can get another: disable the agent in agents.csv, or first block him at the proxy"
MOST_DAYS = 3650
WAIT_MS = 120_000
"""Milliseconds for which a person waits for an import: the people of one account are one transaction of up to a minute.
"""
TELL_AFTER = 2.0
"""Seconds after which he hears that he waits."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    token = commands.add_parser("token", help="what agents and the IVR sign in with")
    verbs = token.add_subparsers(title="what to do", metavar="ACTION", required=True)
    issue = verbs.add_parser("issue", help="make a token; it is printed once and stored hashed")
    issue.add_argument("--agent", metavar="A", help="whose desk it opens (not for kind ivr)")
    issue.add_argument(
        "--kind",
        choices=[kind.value for kind in Kind],
        default=Kind.DESK.value,
        help="what it opens: an agent's desk, or the look-up for a telephone system (default: desk)",
    )
    issue.add_argument(
        "--days", type=int, metavar="N", help="how long it holds (default: a desk's 12 hours, an IVR's 365 days)"
    )
    listing = verbs.add_parser("list", help="all tokens, without their text")
    revoke = verbs.add_parser("revoke", help="end a token; open desks close within 5 s")
    revoke.add_argument("id", metavar="ID", help="as `token list` shows it")
    revoke.add_argument("--here", action="store_true", help=HERE_HELP)
    for verb, run in ((issue, run_issue), (listing, run_list), (revoke, run_revoke)):
        options.add_config(verb)
        verb.set_defaults(run=run)
    for verb in (issue, listing):
        verb.add_argument("--json", action="store_true", help="for programs")


def run_issue(args: argparse.Namespace) -> int:
    """Prints the token alone on one line. Raises Problem: 2 for wrong usage, 1 for an agent who is not there."""
    kind = Kind(args.kind)
    if args.days is not None and not 1 <= args.days <= MOST_DAYS:
        raise Problem(f"--days {args.days}: between 1 and {MOST_DAYS}", code=2)
    if kind is Kind.DESK and not args.agent:
        raise Problem("a desk belongs to an agent: add --agent A", code=2)
    if kind is Kind.IVR and args.agent:
        raise Problem("a token of kind ivr belongs to no agent: leave --agent out", code=2)
    settings = options.open_state(args)
    with sharing(args, settings, free=True):
        text, token = _run(_issue(settings, kind, args.agent, _holds(kind, args.days)))
    print(json.dumps({"id": token.id, "token": text, **_shown(token)}) if args.json else text)
    return 0


def run_list(args: argparse.Namespace) -> int:
    at = datetime.now(UTC)
    tokens = _run(_list(options.open_state(args)))
    if args.json:
        rows = [
            {"id": token.id, **_shown(token), "state": token.state(at), "by": "sign-in" if token.signed_in else "hand"}
            for token in tokens
        ]
        print(json.dumps(rows, indent=2))
        return 0
    if not tokens:
        print("no tokens yet; make one with: ctibridge token issue --agent A")
        return 0
    print(f"{'ID':<12}{'KIND':<6}{'AGENT':<20}{'ISSUED':<18}{'UNTIL':<18}{'BY':<9}STATE")
    for token in tokens:
        by = "sign-in" if token.signed_in else "hand"
        times = f"{_minute(token.issued_at):<18}{_minute(token.expires_at):<18}"
        print(f"{token.id:<12}{token.kind:<6}{shown(token.agent or ''):<20}{times}{by:<9}{token.state(at)}")
    return 0


def run_revoke(args: argparse.Namespace) -> int:
    """Raises Problem (1) for an id that is not there."""
    settings = options.open_state(args)
    with sharing(args, settings, free=True, here=args.here):
        token = _run(_revoke(settings, args.id))
    print(f"token {token.id} is revoked")
    if token.signed_in:
        print(AGAIN)
    return 0


def _holds(kind: Kind, days: int | None) -> timedelta:
    if days is not None:
        return timedelta(days=days)
    return SHIFT if kind is Kind.DESK else IVR_HOLDS


def _minute(at: datetime | None) -> str:
    """On this machine's clock: a token of a shift ends at some time of its day."""
    return "" if at is None else f"{at.astimezone():%Y-%m-%d %H:%M}"


async def _issue(settings: Settings, kind: Kind, agent: str | None, holds: timedelta) -> tuple[str, Token]:
    if agent is not None:
        await _check_agent(settings, agent)
    now = datetime.now(UTC)
    async with _store(settings) as store:
        text, token = await store.issue(kind, agent, now + holds, now)
        try:
            await _note(settings, "token issue", token)
        except StoreFault:
            await store.revoke(token.id, now)  # nobody has it yet
            raise
    return text.value, token


async def _list(settings: Settings) -> list[Token]:
    async with _store(settings) as store:
        return await store.all()


async def _revoke(settings: Settings, token_id: str) -> Token:
    async with _store(settings) as store:
        before = await store.get(token_id)
        await store.revoke(token_id, datetime.now(UTC))
        token = await store.get(token_id)
    if before is None or token is None:
        raise Problem(f"no token has the id {token_id}; see: ctibridge token list")
    if before.revoked_at is None:
        await _note(settings, "token revoke", token)
    return token


async def _note(settings: Settings, act: str, token: Token) -> None:
    """Raises StoreFault."""
    async with await Acts.open(settings.node.state_dir / FILE, actor(), busy_ms=WAIT_MS) as acts:
        await acts.note(act, agent=token.agent, detail=f"{token.id}, {token.kind.value}")


async def _check_agent(settings: Settings, agent: str) -> None:
    lookup = await Lookup.open(settings.node.state_dir / FILE, settings.resolution, settings.language)
    try:
        found = lookup.snapshot().agents.get(agent)
    finally:
        await lookup.close()
    if found is None:
        raise Problem(f"agent {agent} is not in the directory; add a row to agents.csv and run: ctibridge import")
    if found.disabled:
        raise Problem(f"agent {agent} is disabled in the directory; enable the row in agents.csv and import it again")


@asynccontextmanager
async def _store(settings: Settings) -> AsyncIterator[TokenStore]:
    """Whoever has it open is told once where another process keeps him waiting."""
    telling = asyncio.get_running_loop().call_later(TELL_AFTER, _tell)
    try:
        store = await TokenStore.open(settings.node.state_dir / FILE, busy_ms=WAIT_MS)
        try:
            yield store
        finally:
            await store.close()
    finally:
        telling.cancel()


def _tell() -> None:
    print(f"another ctibridge is writing to the store; waiting up to {WAIT_MS // 1000} s for it", file=sys.stderr)


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except StoreFault as fault:
        raise Problem("; ".join(told(fault))) from None
    except sqlite3.Error as error:
        raise Problem(f"store {FILE}: {'; '.join(told(error))}") from None


def _shown(token: Token) -> dict[str, str | None]:
    expires_at = None if token.expires_at is None else token.expires_at.isoformat().replace("+00:00", "Z")
    return {"agent": token.agent, "kind": token.kind.value, "expires_at": expires_at}
