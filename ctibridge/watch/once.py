"""The address that a browser is started with in place of the page's, which names the caller: command lines can be read
by every user of the machine. It says nothing, and leads to the page once.
"""

_HEAD = "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
NOTHING = f"HTTP/1.1 404 Not Found\r\n{_HEAD}".encode()


def once(authority: str, token: str) -> str:
    """authority: 127.0.0.1 and a port. token: that nobody can guess, of letters that an address has as they are."""
    return f"http://{authority}/{token}"


def is_asked(head: bytes, authority: str, token: str) -> bool:
    """Does this head of a request (RFC 9112; without the empty line) ask for that address, and for nothing else?

    Host has to be ours (3.2), so that no name which somebody's DNS leads here will do.
    """
    line, *fields = head.split(b"\r\n")
    named = [field.partition(b":") for field in fields]
    hosts = [value.strip(b" \t") for name, _, value in named if name.lower() == b"host"]
    return line == f"GET /{token} HTTP/1.1".encode() and hosts == [authority.encode()]


def leading_to(page: str) -> bytes:
    """page: as `opening.address` lets it pass, so it can end no line."""
    return f"HTTP/1.1 302 Found\r\nLocation: {page}\r\n{_HEAD}".encode()
