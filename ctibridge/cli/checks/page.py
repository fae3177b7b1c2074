"""The page, as the daemon says of itself, and what the configuration tells browsers. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from ctibridge.cli.checks.wording import named
from ctibridge.delivery.settings import WebSettings, listen_address
from ctibridge.domain.finding import Finding, note


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of asking `/readyz`. reasons: why it is not ready; remarks: what it says besides.

    fault: why there is no answer of a ctibridge; free: nobody listens there and we could.
    """

    reasons: Sequence[str] = ()
    remarks: Sequence[str] = ()
    fault: str | None = None
    free: bool = False


def answer(heard: Heard | None, listen: str, *, running: bool) -> Iterator[Finding]:
    """heard: None where `listen` asks for any free port, which nobody can know from outside. running: a daemon holds
    `state_dir`."""
    if heard is None:
        yield Finding("ready", f"not asked: {listen} is another port with each start")
    elif heard.free and running:
        text = f"nobody listens at {listen}, but ctibridge runs: it still starts, or has another [web] listen"
        yield note("ready", text, "wait until it is ready; where it is, systemctl restart ctibridge")
    elif heard.free:
        yield note("ready", f"nobody listens at {listen}: ctibridge is not running", "systemctl start ctibridge")
    elif heard.fault is not None:
        yield Finding("ready", f"{listen}: {heard.fault}", "see its log, or choose another [web] listen")
    else:
        for reason in heard.reasons:
            yield Finding("ready", f"not ready: {reason}", "see its log: journalctl -u ctibridge")
        for remark in heard.remarks:
            if remark.startswith("trunk "):
                continue  # its lines have rows of their own, with the mend
            yield note("ready", remark, "see the rows of that subject")
        if not heard.reasons:
            yield Finding("ready", listen)


def addresses(web: WebSettings) -> Iterator[Finding]:
    """What browsers are told: without TLS, tokens and callers go over the network for everybody to read."""
    if web.public_url is not None and not _is_safe(web.public_url):
        text = f"{web.public_url} is not encrypted: tokens and callers are for everybody on the way"
        yield note("public url", text, "let a proxy serve https and write its address")
    elif web.public_url is not None:
        yield Finding("public url", web.public_url)
    elif web.sign_in is not None and not web.allowed_origins:
        text = "none: a page that the proxy of [web.sign_in] shows is refused, and nobody signed in"
        yield Finding("public url", text, "write public_url as agents open the page")
    elif _is_loopback(listen_address(web.listen).host):
        yield Finding("public url", "none: only browsers on this machine reach the page")
    else:
        text = f"none, and {web.listen} is reached from other machines without encryption"
        yield note("public url", text, "listen at 127.0.0.1, put a proxy with TLS before it and write public_url")
    unsafe = [origin for origin in web.allowed_origins if not _is_safe(origin)]
    if unsafe:
        yield note("origins", f"not encrypted: {named(unsafe)}", "serve those pages over https")


def _is_safe(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme.lower() == "https" or _is_loopback(parts.hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
