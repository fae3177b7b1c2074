"""`ctibridge share`, `grant`, `revoke`, `grants`, `announce`: who may see whom, and what a customer's pops say."""

import argparse
import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

from ctibridge.cli import options
from ctibridge.cli.actor import actor as _actor
from ctibridge.cli.problem import Problem
from ctibridge.cli.sharing import HERE_HELP, sharing
from ctibridge.cli.shown import shown
from ctibridge.config import Settings
from ctibridge.domain.agent import Grant, RoleShare, holds
from ctibridge.domain.note import plain
from ctibridge.lookup import cells, tags, visibility
from ctibridge.lookup.adapters.acts import Actor, Acts, HasEnded, UnknownName
from ctibridge.lookup.adapters.purge import purge
from ctibridge.lookup.adapters.schema import FILE, StoreFault

T = TypeVar("T")
_ACCOUNT = "the customer's id, as in accounts.csv"
_UNTIL = "when it ends: 2026-12-31 (its first minute, UTC) or 2026-12-31T18:00:00+01:00"


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    share = commands.add_parser("share", help="a customer lends the provider its analyst role, or takes it back")
    share.add_argument("account", metavar="ACCOUNT", help=_ACCOUNT)
    share.add_argument("--until", metavar="T", help=_UNTIL)
    share.add_argument("--revoke", action="store_true", help="the role is taken back now; its people leave the store")
    share.add_argument("--here", action="store_true", help=f"with --revoke, {HERE_HELP}")
    grant = commands.add_parser("grant", help="an agent may see the people of a customer")
    grant.add_argument("agent", metavar="AGENT", help="the agent's id, as in agents.csv")
    grant.add_argument("account", metavar="ACCOUNT", help=_ACCOUNT)
    grant.add_argument("--until", metavar="T", help=_UNTIL)
    grant.add_argument("--hours", metavar="H", help="only then: 'Mo-Fr 22:00-06:00 Europe/Berlin'")
    revoke = commands.add_parser("revoke", help="an agent may no longer see the people of a customer")
    revoke.add_argument("agent", metavar="AGENT", help="the agent's id, as in agents.csv")
    revoke.add_argument("account", metavar="ACCOUNT", help=_ACCOUNT)
    revoke.add_argument("--here", action="store_true", help=HERE_HELP)
    grants = commands.add_parser("grants", help="who may see whom, now and otherwise")
    grants.add_argument("--json", action="store_true", help="for programs")
    announce = commands.add_parser("announce", help="a line on each pop of a customer")
    announce.add_argument("account", metavar="ACCOUNT", help=_ACCOUNT)
    announce.add_argument("text", metavar="TEXT", help="one line, for the agents")
    announce.add_argument("--until", metavar="T", help=_UNTIL)
    announce.add_argument("--site", metavar="S", help="only for callers of this site")
    parsers = (
        (share, run_share),
        (grant, run_grant),
        (revoke, run_revoke),
        (grants, run_grants),
        (announce, run_announce),
    )
    for parser, run in parsers:
        options.add_config(parser)
        parser.set_defaults(run=run)


def run_share(args: argparse.Namespace) -> int:
    """Raises Problem."""
    if args.revoke and args.until is not None:
        raise Problem("share takes either --until T or --revoke", code=2)
    if args.here and not args.revoke:
        raise Problem("--here goes with --revoke", code=2)
    until = _until(args.until)
    settings, actor = options.open_state(args), _actor()
    with sharing(args, settings, here=args.here):
        said = (
            _take_back(settings, actor, args.account) if args.revoke else _share(settings, actor, args.account, until)
        )
    print(said)
    return 0


def _share(settings: Settings, actor: Actor, account: str, until: datetime | None) -> str:
    _act(settings, actor, lambda acts: acts.share(account, until))
    return f"{account} shares its role {_ending(until)}"


def _take_back(settings: Settings, actor: Actor, account: str) -> str:
    refused = _act(settings, actor, lambda acts: _end_share(acts, account))
    gone = _purge(settings, actor)
    # A share that an import or its own end has ended: what is left of it leaves now.
    if refused is not None and account not in gone:
        raise Problem(refused)
    left = f"; {gone[account]:,} people left the store" if account in gone else ""
    return f"{account} no longer shares its role{left}"


def run_grant(args: argparse.Namespace) -> int:
    """Raises Problem."""
    until, hours = _until(args.until), _hours(args.hours)
    settings, actor = options.open_state(args), _actor()
    with sharing(args, settings):
        shares, _ = _act(settings, actor, lambda acts: _granted(acts, args.agent, args.account, until, hours))
    print(f"{args.agent} may see the people of {args.account} {_ending(until)}" + (f", {hours}" if hours else ""))
    if not any(share.account == args.account and holds(share.starts_at, share.ends_at, actor.at) for share in shares):
        print(f"but {args.account} does not share its role now; run: ctibridge share {args.account}")
    return 0


def run_revoke(args: argparse.Namespace) -> int:
    """Raises Problem."""
    settings = options.open_state(args)
    with sharing(args, settings, here=args.here):
        _act(settings, _actor(), lambda acts: acts.revoke(args.agent, args.account))
    print(f"{args.agent} no longer sees the people of {args.account}; open pops lose them within a minute")
    return 0


def run_announce(args: argparse.Namespace) -> int:
    """Raises Problem."""
    until, text = _until(args.until), plain(args.text)
    settings, actor = options.open_state(args), _actor()
    language = tags.canonical(settings.language.default)
    try:
        if not cells.plain_text(text):
            raise Problem("the announcement is empty", code=2)
    except ValueError as error:
        raise Problem(f"the announcement is {error}", code=2) from None
    id_ = secrets.token_hex(4)
    with sharing(args, settings):
        _act(settings, actor, lambda acts: acts.announce(args.account, id_, text, language, until, args.site))
    if until is None:
        mend = f"import announcements.csv with id {id_}, text_{language} and ends_at"
        print(f"each pop of {args.account} says so without end; to end it, {mend}")
    else:
        print(f"each pop of {args.account} says so {_ending(until)}")
    return 0


def run_grants(args: argparse.Namespace) -> int:
    """Raises Problem."""
    actor = _actor()
    shares, grants = _act(options.open_state(args), actor, lambda acts: acts.grants())
    rows = [_share_row(share, actor.at) for share in shares]
    rows += [_grant_row(grant, shares, actor.at) for grant in grants]
    if args.json:
        print(json.dumps(rows, indent=2))
    elif not rows:
        print("nothing is shared or granted yet; begin with: ctibridge share ACCOUNT")
    else:
        print(f"{'AGENT':<20}{'ACCOUNT':<20}{'FROM':<18}{'UNTIL':<18}{'STATE':<14}HOURS")
        for row in rows:
            line = (
                f"{row['agent'] or '(share)':<20}{row['account']:<20}{_minute(row['starts_at']):<18}"
                f"{_minute(row['ends_at']):<18}{row['state']:<14}{row['hours'] or ''}"
            )
            print(shown(line).rstrip())
    return 0


async def _granted(
    acts: Acts, agent: str, account: str, until: datetime | None, hours: str | None
) -> tuple[list[RoleShare], list[Grant]]:
    await acts.grant(agent, account, until, hours)
    return await acts.grants()


async def _end_share(acts: Acts, account: str) -> str | None:
    """None, or why not: it had ended before."""
    try:
        await acts.end_share(account)
    except HasEnded as fault:
        return str(fault)
    return None


def _act(settings: Settings, actor: Actor, what: Callable[[Acts], Awaitable[T]]) -> T:
    async def act() -> T:
        async with await Acts.open(settings.node.state_dir / FILE, actor) as acts:
            return await what(acts)

    try:
        return asyncio.run(act())
    except (StoreFault, UnknownName) as fault:
        raise Problem(str(fault)) from None


def _purge(settings: Settings, actor: Actor) -> dict[str, int]:
    try:
        return asyncio.run(purge(settings.node.state_dir / FILE, actor.at, settings.privacy.purge_after))
    except StoreFault as fault:
        raise Problem(str(fault)) from None


def _until(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(str(cells.moment(text.strip()) or ""))
    except ValueError:
        raise Problem(
            f"--until {text!r} is no time; write it like 2026-12-31 or 2026-12-31T18:00:00Z", code=2
        ) from None
    if at <= datetime.now(UTC):
        raise Problem(f"--until {text}: that is over already", code=2)
    return at


def _hours(text: str | None) -> str | None:
    if text is None:
        return None
    if not text.strip():
        raise Problem("--hours is empty; write them like 'Mo-Fr 22:00-06:00 Europe/Berlin', or leave it out", code=2)
    try:
        return str(cells.hours(text))
    except ValueError as error:
        raise Problem(f"--hours: {error}", code=2) from None


def _ending(until: datetime | None) -> str:
    return "until it is revoked" if until is None else f"until {until:%Y-%m-%d %H:%M} UTC"


def _share_row(share: RoleShare, at: datetime) -> dict[str, str | None]:
    return _row(None, share.account, share.starts_at, share.ends_at, None, _state(share.starts_at, share.ends_at, at))


def _grant_row(grant: Grant, shares: list[RoleShare], at: datetime) -> dict[str, str | None]:
    state = _state(grant.starts_at, grant.ends_at, at)
    if state == "holds" and not any(
        share.account == grant.account and holds(share.starts_at, share.ends_at, at) for share in shares
    ):
        state = "not shared"
    elif state == "holds" and grant.hours is not None and not visibility.open_at(grant.hours, at):
        state = "other hours"
    return _row(grant.agent, grant.account, grant.starts_at, grant.ends_at, grant.hours, state)


def _row(
    agent: str | None, account: str, starts_at: datetime | None, ends_at: datetime | None, hours: str | None, state: str
) -> dict[str, str | None]:
    def text(at: datetime | None) -> str | None:
        return None if at is None else at.isoformat().replace("+00:00", "Z")

    times = {"starts_at": text(starts_at), "ends_at": text(ends_at)}
    return {"agent": agent, "account": account, **times, "hours": hours, "state": state}


def _state(starts_at: datetime | None, ends_at: datetime | None, at: datetime) -> str:
    if ends_at is not None and ends_at <= at:
        return "ended"
    return "holds" if holds(starts_at, ends_at, at) else "not yet"


def _minute(text: str | None) -> str:
    return "" if text is None else text[:16].replace("T", " ")
