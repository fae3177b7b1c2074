"""The receivers of webhooks: can they be reached, and does the directory know whom they are told of? Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from ctibridge.cli.checks.trunks import RENEW, URGENT
from ctibridge.cli.checks.webhook_probe import Seen
from ctibridge.cli.checks.wording import counted, named
from ctibridge.delivery.webhook_settings import WebhookSettings
from ctibridge.domain.finding import Finding
from ctibridge.lookup.snapshot import Snapshot

REACHABLE = "see that the receiver runs, and that url and firewall let us reach it"


def receiver(name: str, seen: Seen, at: datetime) -> Finding:
    """at: aware UTC."""
    if seen.fault is not None:
        text, _, mend = seen.fault.rpartition("; ")
        return Finding("receiver", f"webhook {name}: {seen.place}: {text or seen.fault}", mend if text else REACHABLE)
    if seen.ends is None:
        return Finding("receiver", f"webhook {name}: {seen.place} takes connections")
    left = seen.ends - at
    when = f"in {counted(left.days, 'day')}" if left.days else "today"
    text = f"webhook {name}: {seen.place} takes connections, its certificate is trusted and ends {when}"
    if left < RENEW:
        return Finding("receiver", text, "let it be renewed", can_wait=left >= URGENT)
    return Finding("receiver", text)


def names(webhooks: Iterable[WebhookSettings], directory: Snapshot) -> Iterator[Finding]:
    """Whom a receiver is told of, and nobody knows: of those it hears nothing, as after a slip of the pen."""
    for webhook in webhooks:
        unknown = {f"agent {one}" for one in webhook.agents if one not in directory.agents}
        unknown |= {f"account {one}" for one in webhook.accounts if one not in directory.accounts}
        if unknown:
            text = f"webhook {webhook.name}: the directory does not know: {named(unknown)}"
            yield Finding("told of", text, "mend agents and accounts of the webhook, or import them")
