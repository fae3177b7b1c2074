"""A certificate authority of the test run: keys and certificates that `openssl` makes, valid for a day, in a folder of
the run. Nothing of it is trusted anywhere else.

Comes in: names and addresses. Goes out: PEM files, and the authority's own as what a trunk's CA file names.
"""

from __future__ import annotations

import ipaddress
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.peers.process import PeerError, require_program

CertificateKind = Literal["good", "expired", "stranger", "misnamed"]

_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Certificate:
    """PEM files: the certificate, and the key that fits it."""

    chain: Path
    key: Path


class Authority:
    """Signs what it is asked to; `ca_file` is what a client has to trust."""

    def __init__(self, directory: Path, name: str = "Test authority") -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.ca_file = directory / "ca.pem"
        self._directory = directory
        self._key = directory / "ca.key"
        self._made = 0
        self._stranger: Authority | None = None
        _openssl(
            ["req", "-x509", *_KEY, "-days", "2", "-subj", f"/CN={name}", "-keyout", self._key, "-out", self.ca_file,
             "-addext", "keyUsage=critical,keyCertSign,cRLSign"]
        )  # fmt: skip

    @property
    def stranger(self) -> Authority:
        """Another authority, which nobody trusts."""
        if self._stranger is None:
            self._stranger = Authority(self._directory / "stranger", "Test stranger")
        return self._stranger

    def certificate(self, *names: str) -> Certificate:
        """For these host names and IP addresses, valid from now on for a day."""
        return self._sign(names, days=1)

    def expired(self, *names: str) -> Certificate:
        """As `certificate`, but its last day was yesterday."""
        return self._sign(names, days=-1)

    def of_kind(self, kind: CertificateKind, *names: str) -> Certificate:
        """good; expired; of an authority that nobody trusts; for somebody else."""
        if kind == "good":
            return self.certificate(*names)
        if kind == "expired":
            return self.expired(*names)
        if kind == "stranger":
            return self.stranger.certificate(*names)
        return self.certificate("elsewhere.test")

    def _sign(self, names: tuple[str, ...], days: int) -> Certificate:
        self._made += 1
        base = self._directory / f"leaf{self._made}"
        chain, key, request, extensions = (base.with_suffix(f".{end}") for end in ("pem", "key", "csr", "ext"))
        extensions.write_text(_extensions(names), encoding="ascii")
        _openssl(["req", "-new", *_KEY, "-subj", "/CN=PBX of a test", "-keyout", key, "-out", request])
        _openssl(
            ["x509", "-req", "-in", request, "-CA", self.ca_file, "-CAkey", self._key, "-set_serial", str(self._made),
             "-days", str(days), "-extfile", extensions, "-out", chain]
        )  # fmt: skip
        return Certificate(chain, key)


def _extensions(names: tuple[str, ...]) -> str:
    listed = ",".join(f"{'IP' if _is_address(name) else 'DNS'}:{name}" for name in names)
    return (
        f"subjectAltName={listed}\nbasicConstraints=critical,CA:FALSE\n"
        "keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n"
        "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
    )


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _openssl(arguments: list[str | Path]) -> None:
    done = subprocess.run(
        [require_program("openssl"), *map(str, arguments)], capture_output=True, timeout=_TIMEOUT, check=False
    )
    if done.returncode != 0:
        raise PeerError(f"openssl {arguments[0]}: {done.stderr.decode(errors='replace')[-1000:]}")
