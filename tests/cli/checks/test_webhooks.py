from datetime import UTC, datetime, timedelta

import pytest

from ctibridge.cli.checks import webhooks
from ctibridge.cli.checks.webhook_probe import Seen
from ctibridge.delivery.webhook_settings import WebhookSettings
from ctibridge.domain.account import Account
from ctibridge.domain.agent import Agent
from ctibridge.domain.finding import Kind
from ctibridge.fields import Secret
from ctibridge.lookup.snapshot import Snapshot

NOW = datetime(2026, 11, 21, 18, tzinfo=UTC)
PLACE = "tool.example.net:443"
CERTIFICATE = f"webhook tool: {PLACE} takes connections, its certificate is trusted and ends "


@pytest.mark.parametrize(
    ("seen", "kind", "text", "mend"),
    [
        (Seen(PLACE), Kind.GOOD, f"webhook tool: {PLACE} takes connections", None),
        (Seen(PLACE, "no answer within 6 s"), Kind.MEND, f"webhook tool: {PLACE}: no answer within 6 s", "see that"),
        (Seen(PLACE, "no such host; mend url"), Kind.MEND, f"webhook tool: {PLACE}: no such host", "mend url"),
        (Seen(PLACE, ends=NOW + timedelta(90)), Kind.GOOD, CERTIFICATE + "in 90 days", None),
        (Seen(PLACE, ends=NOW + timedelta(20)), Kind.NOTE, CERTIFICATE + "in 20 days", "let it be renewed"),
        (Seen(PLACE, ends=NOW + timedelta(0.5)), Kind.MEND, CERTIFICATE + "today", "let it be renewed"),
    ],
)
def test_receivers(seen: Seen, kind: Kind, text: str, mend: str | None) -> None:
    row = webhooks.receiver("tool", seen, NOW)
    assert (row.kind, row.text) == (kind, text)
    assert (row.mend or "").startswith(mend or "")


def test_whom_the_directory_does_not_know() -> None:
    directory = Snapshot(agents={"ana": Agent("ana", "Ana")}, accounts={"acme": Account("acme", "ACME AG")})

    def of(**keys: tuple[str, ...]) -> WebhookSettings:
        return WebhookSettings("tool", "https://tool.example.net/", Secret(file="k"), **keys)  # type: ignore[arg-type]

    assert list(webhooks.names([of(), of(agents=("ana",), accounts=("acme",))], directory)) == []
    (row,) = webhooks.names([of(agents=("ana", "anna"), accounts=("acne",))], directory)
    assert (row.kind, row.text) == (
        Kind.MEND,
        "webhook tool: the directory does not know: account acne, agent anna",
    )
