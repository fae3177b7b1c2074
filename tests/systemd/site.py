"""A desk service on a booted machine: configured as an administrator does it, the PBX at our end of the cable.

Comes in: a machine with the package, a running Kamailio. Goes out: a service that is active, agents' tokens, and what
systemd and the journal say of it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from tests import leaks
from tests.e2e.daemon import PASSWORD
from tests.peers.kamailio import Kamailio
from tests.peers.ports import Loopback, host_port
from tests.systemd.machine import Machine

CONFIGURATION = "/etc/ctibridge/ctibridge.toml"
SAMPLE = "/usr/share/doc/ctibridge/examples/directory"
PORT = 8137
_TOML = """\
[web]
listen = "{web}"

[[trunk]]
name = "pbx"
registrar = "{registrar}"
domain = "{domain}"
country = "DE"

[[trunk.line]]
user = "6001"
password = {{ file = "secrets/6001" }}
agents = ["ana"]

[[trunk.line]]
user = "6002"
password = {{ credential = "pbx-6002" }}
agents = ["ben"]
"""


class Cable(Loopback):
    """Our end of a machine's cable, for a peer that the machine has to reach."""

    def __init__(self, ours: str) -> None:
        super().__init__()
        self._ours = ours

    def address(self) -> str:
        return self._ours


@dataclass(frozen=True, slots=True)
class Site:
    """web: host:port of the page, for whom is outside."""

    box: Machine
    pbx: Kamailio

    @property
    def web(self) -> str:
        return host_port(self.box.address, PORT)

    def configure(self, more: str = "") -> None:
        """Two lines: the secret of one is the service's to read, systemd hands over that of the other. more: TOML."""
        text = _TOML.format(web=self.web, registrar=self.pbx.registrar, domain=self.pbx.host)
        self.box.write(CONFIGURATION, text + more, 0o640)
        self.box.write("/etc/ctibridge/secrets/6001", PASSWORD, 0o640)
        self.box.run(f"chgrp ctibridge {CONFIGURATION} /etc/ctibridge/secrets/6001")
        self.box.write("/etc/ctibridge/secrets/6002", PASSWORD, 0o600)
        self.drop_in("LoadCredential=pbx-6002:/etc/ctibridge/secrets/6002")

    def drop_in(self, *lines: str, name: str = "secrets") -> None:
        self.box.write(f"/etc/systemd/system/ctibridge.service.d/{name}.conf", "\n".join(["[Service]", *lines, ""]))
        self.box.run("systemctl daemon-reload")

    def start(self) -> None:
        self.box.run(f"ctibridge import {SAMPLE}")
        self.box.run("systemctl enable --now ctibridge")

    def token(self, agent: str) -> str:
        return self.box.run(f"ctibridge token issue --agent {agent}").strip()

    def show(self, name: str) -> str:
        """What systemd knows of the service, like `MainPID`."""
        return self.box.run(f"systemctl show --property {name} --value ctibridge").strip()

    def journal(self, unit: str = "ctibridge") -> str:
        """All that a unit and systemd wrote of it; nothing personal stands in it."""
        said = self.box.run(f"journalctl --unit {unit} --output cat --no-pager")
        leaks.scan(said, f"the journal of {unit}")
        return said

    def events(self) -> list[str]:
        """What the daemon has logged, by name."""
        lines = (json.loads(line) for line in self.journal().splitlines() if line.startswith("{"))
        return [line["event"] for line in lines]
