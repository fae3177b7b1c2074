"""A NOTIFY of the event package `dialog`, as its subscriber reads it (RFC 6665 4.1.3, RFC 4235 3.8)."""

from dataclasses import dataclass, field

from ctibridge.sip import dialog_info, name_addr, subscription_state, uri
from ctibridge.sip.dialog_info import CONTENT_TYPE, DialogInfo
from ctibridge.sip.errors import RemoteFault
from ctibridge.sip.grammar import parameters
from ctibridge.sip.message import HeaderList, Headers, Request
from ctibridge.sip.subscription_state import SubscriptionState, Substate

PACKAGE = "dialog"

REPLY_HEADERS: dict[int, HeaderList] = {415: (("accept", CONTENT_TYPE),), 489: (("allow-events", PACKAGE),)}
"""What our answer to a NOTIFY says besides its status (RFC 3261 21.4.13, RFC 6665 8.3.2)."""


@dataclass(frozen=True, slots=True)
class Notification:
    """info: None without a body. target: where our next request goes, None where Contact gives no such URI. sender: the
    From line, with its tag."""

    state: SubscriptionState
    info: DialogInfo | None
    target: str | None = field(repr=False)
    sender: str = field(repr=False)
    routes: tuple[str, ...] = field(repr=False)


def parse(request: Request) -> Notification:
    """Raises RemoteFault: 489 for another event, 415 or 413 for a body that we do not take, else 400."""
    headers = request.headers
    _check_event(headers)
    state = subscription_state.parse(headers.need("subscription-state"))
    info = _document(request, lenient=state.substate is Substate.TERMINATED)
    return Notification(state, info, _contact(headers), headers.need("from"), tuple(headers.all("record-route")))


def _check_event(headers: Headers) -> None:
    """We never send an `id`, so no event with one is ours (RFC 6665 8.2.1)."""
    package, semicolon, tail = (headers.first("event") or "").partition(";")
    if package.strip().lower() != PACKAGE or "id" in parameters(semicolon + tail):
        raise RemoteFault("Event is not ours", 489)


def _document(request: Request, *, lenient: bool) -> DialogInfo | None:
    """lenient: a body that cannot be taken counts as none, because the end of a subscription is news all the same."""
    try:
        return _read(request) if request.body.strip() else None
    except RemoteFault:
        if lenient:
            return None
        raise


def _read(request: Request) -> DialogInfo:
    kind = (request.headers.first("content-type") or "").partition(";")[0].strip().lower()
    encoding = (request.headers.first("content-encoding") or "identity").strip().lower()
    if kind != CONTENT_TYPE or encoding != "identity":
        raise RemoteFault("body is no dialog-info", 415)
    return dialog_info.parse(request.body)


def _contact(headers: Headers) -> str | None:
    """None where it is missing, or no URI that a start line could hold."""
    try:
        target = name_addr.parse(headers.all("contact")[0]).uri
        return target if uri.parse(target).host and target.isprintable() and " " not in target else None
    except (IndexError, RemoteFault):
        return None
