"""Takes webhooks and prints them: `WEBHOOK_SECRET=whsec_… python examples/webhook.py 8200`. Needs `standardwebhooks`.

What is not signed with our secret is refused, what comes twice counts once, and the answer is quick: who has more to
do with an event puts it into a queue. Stands behind a proxy that speaks TLS, or on the daemon's own machine.
"""

import os
import sys
from collections import OrderedDict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock

from standardwebhooks import Webhook, WebhookVerificationError

MOST = 1024 * 1024
webhook = Webhook(os.environ["WEBHOOK_SECRET"])
one_at_a_time = Lock()
seen: OrderedDict[str, None] = OrderedDict()
"""The newest ten thousand ids; a receiver that must forget nothing keeps them in its database."""


class Receiver(BaseHTTPRequestHandler):
    timeout = 10

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MOST:
            return self.answer(413)
        try:
            event = webhook.verify(self.rfile.read(int(length)), dict(self.headers))
        except (WebhookVerificationError, ValueError):
            return self.answer(401)
        with one_at_a_time:
            if event["id"] not in seen:
                take(event)  # if this fails we do not answer, and the event comes again
                seen[event["id"]] = None
            if len(seen) > 10_000:
                seen.popitem(last=False)
        return self.answer(204)

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Not the addresses of who asks."""


def take(event: dict) -> None:
    """With `repr`, as a caller writes his own name. `webhook.gap`: events of this desk will not come."""
    call = event["data"].get("call", {})
    print(event["desk"], event["type"], call.get("outcome") or repr(event["data"].get("why", "")), flush=True)


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
