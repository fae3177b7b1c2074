"""Looks at the receivers of webhooks: is there such a host, does it take connections, whose certificate does it show?
Nothing is posted: what a receiver does with a test nobody knows.
"""

import socket
import ssl
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from ctibridge.delivery.webhook_settings import WebhookSettings
from ctibridge.sip.adapters import tls

PATIENCE = 6.0
"""Seconds for all receivers together, names included: they are looked at at the same time."""
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Seen:
    """place: host and port, all of the URL that is ever shown. fault: why it cannot be reached, with the mend behind a
    semicolon where there is one; ends: when its certificate runs out, None over plain http."""

    place: str
    fault: str | None = None
    ends: datetime | None = None


def look(webhooks: Iterable[WebhookSettings], patience: float = PATIENCE) -> Sequence[Seen]:
    """In their order. A name server that never answers blocks its thread alone, which ends with the process."""
    looks = [_Look(webhook, patience) for webhook in webhooks]
    for one in looks:
        one.start()
    until = time.monotonic() + patience
    for one in looks:
        one.join(max(until - time.monotonic(), 0))
    return [one.seen for one in looks]


class _Look(threading.Thread):
    def __init__(self, webhook: WebhookSettings, patience: float) -> None:
        super().__init__(daemon=True)
        parts = urlsplit(webhook.url)
        self._host = parts.hostname or ""
        self._port = parts.port or _PORTS[parts.scheme]
        self._is_tls = parts.scheme == "https"
        self._ca_file = webhook.ca_file
        self._patience = patience
        host = f"[{self._host}]" if ":" in self._host else self._host
        self._place = f"{host}:{self._port}"
        self.seen = self._not_reached(f"no answer within {patience:.0f} s")

    def run(self) -> None:
        try:
            self.seen = Seen(self._place, ends=self._connect())
        except socket.gaierror:
            self.seen = self._not_reached("no such host; mend url, or the name server that this machine asks")
        except ssl.SSLCertVerificationError as error:
            mend = "mend url, ca_file or the receiver's certificate"
            self.seen = self._not_reached(f"its certificate is refused: {error.verify_message}; {mend}")
        except ssl.SSLError:
            self.seen = self._not_reached("it speaks no TLS there; mend url")
        except TimeoutError:
            return
        except (
            OSError,
            ValueError,
        ) as error:  # tls.CaFault is an OSError; ValueError: no certificate shows such a name
            self.seen = self._not_reached(getattr(error, "strerror", None) or "it cannot be reached")

    def _connect(self) -> datetime | None:
        context = tls.client_context(self._ca_file) if self._is_tls else None
        with socket.create_connection((self._host, self._port), self._patience) as plain:
            if context is None:
                return None
            with context.wrap_socket(plain, server_hostname=self._host) as stream:
                shown = stream.getpeercert()
                assert shown is not None
                return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)

    def _not_reached(self, fault: str) -> Seen:
        return Seen(self._place, fault)
