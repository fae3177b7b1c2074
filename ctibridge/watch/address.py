"""Where the desk is: what a person writes as its address, as a websocket's."""

import ipaddress
from urllib.parse import urlsplit, urlunsplit

PATH = "/v1/desk"
_NONE = "--url is no address; write it like https://desk.example.net"
_SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}


def desk_url(text: str) -> str:
    """http(s) or ws(s), with the desk's path behind it where that is missing. Raises ValueError with the mend."""
    try:
        parts = urlsplit(text)
        named = parts.hostname and parts.hostname.encode("idna")  # as it is looked up: no label empty or too long
        _ = parts.port  # raises ValueError where it is none
    except ValueError:
        raise ValueError(_NONE) from None
    scheme = _SCHEMES.get(parts.scheme.lower())
    if scheme is None or not named or not text.isprintable() or " " in text:
        raise ValueError(_NONE)
    if parts.username is not None or parts.fragment or parts.query:
        # Whoever lists this machine's processes reads a command line.
        raise ValueError(
            "--url has more than scheme, host and path; a token stands in --token-file or CTIBRIDGE_TOKEN, never in an "
            "address"
        )
    path = parts.path.rstrip("/")
    return urlunsplit((scheme, parts.netloc, path if path.endswith(PATH) else path + PATH, "", ""))


def own_url(host: str, port: int) -> str:
    """Of a daemon that this machine reaches there."""
    return f"ws://[{host}]:{port}{PATH}" if ":" in host else f"ws://{host}:{port}{PATH}"


def is_exposed(url: str) -> bool:
    """Do token and calls travel unencrypted to another machine?"""
    parts = urlsplit(url)
    if parts.scheme != "ws":
        return False
    host = parts.hostname or ""
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"
