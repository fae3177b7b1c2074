"""nginx in front of a desk: TLS, users with passwords, websockets; as docs/sign-in.md has it.

Comes in: where the desk is, who may come. Goes out: a running proxy that says who came, from an address of its own.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path

from tests.peers.authority import Certificate
from tests.peers.process import Process

FROM = "127.0.0.2"
_CONFIG = """\
daemon off;
master_process off;
pid {folder}/pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    map $http_upgrade $connection_upgrade {{ default upgrade; "" ""; }}
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {chain};
        ssl_certificate_key {key};
        auth_basic "desk";
        auth_basic_user_file {folder}/users;
        location / {{
            proxy_pass http://{target};
            proxy_bind {source};
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_set_header X-Forwarded-User $remote_user;
            proxy_set_header Authorization "";
            proxy_read_timeout {read_timeout}s;
        }}
    }}
}}
"""


class Nginx:
    """read_timeout: seconds of silence after which it gives up a websocket; its own default is 60."""

    def __init__(
        self,
        folder: Path,
        certificate: Certificate,
        target: str,
        users: Mapping[str, str],
        port: int,
        read_timeout: int = 60,
    ) -> None:
        folder.mkdir(parents=True)
        names = {"folder": folder, "chain": certificate.chain, "key": certificate.key, "source": FROM}
        text = _CONFIG.format(port=port, target=target, read_timeout=read_timeout, **names)
        (folder / "nginx.conf").write_text(text)
        (folder / "users").write_text("".join(f"{user}:{_hashed(users[user])}\n" for user in users))
        command = ["nginx", "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]
        self.process = Process(command, log=folder / "nginx.log")
        self._pid = folder / "pid"

    async def start(self) -> None:
        self.process.start()
        await self.process.ready(self._pid.exists, "nginx listens")


def _hashed(password: str) -> str:
    """As nginx documents `{SHA}`: for tests and nothing else."""
    return "{SHA}" + base64.b64encode(hashlib.sha1(password.encode(), usedforsecurity=False).digest()).decode()
