"""What the tests of dialog-info share: documents, NOTIFYs, and the captured ones."""

from pathlib import Path

from ctibridge.sip import message
from ctibridge.sip.dialog_info import CONTENT_TYPE, NAMESPACE
from ctibridge.sip.line_dialogs import Change, Changed, Confirmed, Ended, Refresh, Rings
from ctibridge.sip.message import HeaderList, Headers, Request, Response
from tests.sip.scripts import NUMBER

CAPTURES = Path(__file__).parents[1] / "captures"
RINGING, ANSWERED = "asterisk/dialog-info", "asterisk/dialog-info-answered"
CALLER = f"sip:{NUMBER}@pbx"
AOR = "sip:6001@pbx"


def xml(*dialogs: str, version: int = 0, state: str = "full") -> bytes:
    """A document as PBXs write it."""
    inside = "\n".join(dialogs)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<dialog-info xmlns="{NAMESPACE}" version="{version}" '
        f'state="{state}" entity="{AOR}">\n{inside}\n</dialog-info>'
    ).encode()


def element(name: str, state: str, attributes: str = 'direction="recipient"', caller: str | None = CALLER) -> str:
    remote = f"<remote><identity>{caller}</identity></remote>" if caller else ""
    return f'<dialog id="{name}" {attributes}>{remote}<state>{state}</state></dialog>'


def notify(
    cseq: int, state: str = "active;expires=300", body: bytes = b"", *, call: str = "t3", ours: str = "t4",
    theirs: str = "p1", event: str = "dialog", kind: str = CONTENT_TYPE, contact: str = "<sip:192.0.2.9:5060>",
    extra: HeaderList = (),
) -> Request:  # fmt: skip
    """A NOTIFY to the first subscription of a counted Fresh: its Call-ID is t3, its From tag t4."""
    lines = [
        ("via", f"SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK{cseq}"), ("from", f"<{AOR}>;tag={theirs}"),
        ("to", f"<sip:cti@pbx>;tag={ours}"), ("call-id", call), ("cseq", f"{cseq} NOTIFY"), ("contact", contact),
        ("event", event), ("subscription-state", state), *extra,
    ]  # fmt: skip
    lines += [("content-type", kind)] if body else []
    return Request("NOTIFY", "sip:token@192.0.2.1:5066", Headers(tuple(lines)), body)


def without(request: Request, name: str) -> Request:
    lines = tuple(line for line in request.headers.lines if line[0] != name)
    return Request(request.method, request.uri, Headers(lines), request.body)


def captured(scenario: str, which: str = "rx") -> list[Request | Response]:
    """In the order in which they came."""
    return [message.parse(path.read_bytes()) for path in sorted((CAPTURES / scenario).glob(f"*-{which}-*.sip"))]


def short(change: Change) -> str:
    """What it says, without what is long."""
    match change:
        case Rings(dialog) | Changed(dialog):
            return f"{type(change).__name__} {dialog.remote.display_name if dialog.remote else '-'}"
        case Confirmed(dialog, was_ringing):
            return f"Confirmed {dialog.remote.display_name if dialog.remote else '-'} {was_ringing}"
        case Ended(_, _, _, was_confirmed):
            return f"Ended {was_confirmed}"
        case Refresh():
            return "Refresh"
