"""The little of SDP that a test call needs: one audio stream that nobody listens to (RFC 4566, RFC 3264).

In: addresses, the peer's description. Out: bodies. No audio is ever sent by us; a phone that answers wants to read an
offer before it says 200.
"""

_RTPMAP = {"8": "PCMA/8000", "0": "PCMU/8000", "101": "telephone-event/8000"}
_FORMAT = {"101": "0-15"}
"""Payload types in the order in which we like them; 101 is dynamic, and what everybody calls telephone-event."""

CONTENT_TYPE = (("content-type", "application/sdp"),)


def offer(host: str, port: int, session: int) -> bytes:
    """host and port: where audio would be taken. session: a number that tells this session from our others."""
    return _describe(host, port, session, tuple(_RTPMAP))


def answer(offered: bytes, host: str, port: int, session: int) -> bytes | None:
    """What we can of what was offered, in the peer's order (RFC 3264 6.1). None where there is nothing."""
    common = tuple(payload for payload in payloads(offered) if payload in _RTPMAP)
    return _describe(host, port, session, common) if common else None


def payloads(description: bytes) -> tuple[str, ...]:
    """The payload types of the first audio stream that is not switched off; empty where there is none."""
    for line in description.decode("utf-8", "replace").splitlines():
        words = line.partition("=")[2].split()
        if line.startswith("m=audio ") and len(words) > 3 and words[1] != "0":
            return tuple(words[3:])
    return ()


def _describe(host: str, port: int, session: int, formats: tuple[str, ...]) -> bytes:
    address = f"IN {'IP6' if ':' in host else 'IP4'} {host}"
    lines = ["v=0", f"o=- {session} {session} {address}", "s=-", f"c={address}", "t=0 0"]
    lines.append(f"m=audio {port} RTP/AVP {' '.join(formats)}")
    for payload in formats:
        lines.append(f"a=rtpmap:{payload} {_RTPMAP[payload]}")
        if payload in _FORMAT:
            lines.append(f"a=fmtp:{payload} {_FORMAT[payload]}")
    return ("\r\n".join([*lines, "a=ptime:20", "a=sendrecv"]) + "\r\n").encode()
