"""TLS towards a registrar: chain and name are verified, and what fails is said so that an administrator can mend it.

One deviation: a certificate for `*.example.net` stands for `pbx.example.net`, as everywhere but in RFC 5922 section
7.2; who buys his certificates has such ones, and whoever holds one was given the whole domain.
"""

import errno
import ssl
from pathlib import Path

from ctibridge.sip.hop import Hop

_UNTRUSTED = frozenset({2, 18, 19, 20, 21, 27})
"""OpenSSL's X509_V_ERR codes for a chain that ends at nobody we know, a self-signed certificate included."""
_NOT_YET, _EXPIRED = 9, 10
_OTHER_NAME = frozenset({62, 64})


class CaFault(OSError):
    """The trunk's `ca_file` is of no use; one line with the mend."""

    def __init__(self, told: str) -> None:
        super().__init__(errno.EINVAL, told)

    def __str__(self) -> str:
        return str(self.strerror)


def client_context(ca_file: str | None) -> ssl.SSLContext:
    """ca_file: PEM, the only authorities that count; None: the system's. Raises CaFault."""
    if ca_file is not None and not Path(ca_file).is_file():
        raise CaFault(f"ca_file {ca_file}: no such file; name a PEM file with the authority's certificate")
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # ssl.SSLError is one
        mend = "is no PEM certificate" if isinstance(error, ssl.SSLError) else str(error.strerror)
        raise CaFault(f"ca_file {ca_file}: {mend}; name a PEM file with the authority's certificate") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def why(error: Exception, hop: Hop) -> str:
    """What kept a connection from standing, in one line without anything of a caller."""
    name = hop.name or hop.host
    if isinstance(error, ssl.SSLCertVerificationError):
        return _of_certificate(error.verify_code, name)
    if isinstance(error, ssl.SSLError):
        return f"no TLS with {name}: it speaks none at port {hop.port}, or none of version 1.2 or newer"
    if isinstance(error, TimeoutError):
        return f"{name} does not answer at port {hop.port} ({hop.transport})"
    if isinstance(error, ConnectionRefusedError):
        return f"{name} does not listen at port {hop.port} ({hop.transport})"
    reason = (
        error.strerror if isinstance(error, OSError) and error.strerror else "the connection broke while it was opened"
    )
    return f"{name} cannot be reached over {hop.transport}: {reason}"


def _of_certificate(code: int, name: str) -> str:
    if code in _UNTRUSTED:
        return f"certificate of {name} is not trusted; give ca_file"
    if code in _OTHER_NAME:
        return f"certificate shows another name than {name}; write registrar as the certificate does"
    if code == _EXPIRED:
        return f"certificate of {name} has expired; renew it"
    if code == _NOT_YET:
        return f"certificate of {name} is not valid yet; look at the clocks"
    return f"certificate of {name} is refused (OpenSSL {code})"
