"""The receiver of examples/webhook.py takes what is signed, once, and nothing else."""

import asyncio
import json
import re
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from tests.delivery.golden_files import GOLDEN
from tests.e2e.conftest import MakeProgram
from tests.e2e.daemon import ROOT
from tests.peers.ports import Loopback
from tests.peers.process import Process

pytestmark = pytest.mark.e2e
KEY = "whsec_" + b64encode(bytes(range(32))).decode()
OTHER = "whsec_" + b64encode(bytes(32)).decode()


def event(name: str, number: int) -> bytes:
    body = json.loads((GOLDEN / f"{name}.json").read_text())
    return json.dumps(body | {"desk": "ana", "id": f"k3f9.{number}"}).encode()


def signed(body: bytes, key: str = KEY, late: float = 0) -> dict[str, str]:
    at = datetime.now(UTC) - timedelta(seconds=late)
    name = json.loads(body)["id"]
    return {
        "webhook-id": name,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(key).sign(name, at, body.decode()),
    }


async def post(port: int, body: bytes, headers: dict[str, str]) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = {"Host": "localhost", "Content-Length": str(len(body)), **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    writer.write(f"POST /hooks HTTP/1.1\r\n{head}\r\n".encode() + body)
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    await writer.wait_closed()
    return int(answer.split()[1])


async def listens(receiver: Process, port: int) -> None:
    async def reached() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        await writer.wait_closed()
        return True

    await receiver.ready(reached, "it listens")


async def test_what_is_signed_counts_once_and_nothing_else_is_taken(program: MakeProgram, loopback: Loopback) -> None:
    port = loopback.port("127.0.0.1")
    receiver = program(str(ROOT / "examples" / "webhook.py"), str(port), WEBHOOK_SECRET=KEY)
    await listens(receiver, port)
    rings, ends = event("call.ringing", 1), event("call.ended", 2)
    assert await post(port, rings, signed(rings)) == 204
    assert await post(port, rings, signed(rings)) == 204, "what came twice is taken, and counts once"
    assert await post(port, ends, signed(ends)) == 204
    assert await post(port, ends, {}) == 401
    assert await post(port, ends, signed(ends, OTHER)) == 401
    assert await post(port, ends, signed(ends, late=3600)) == 401
    assert await post(port, rings, signed(ends)) == 401, "another body than the one that was signed"
    assert await post(port, ends, signed(ends) | {"webhook-signature": "v1,=,,"}) == 401
    assert await post(port, b"\xff", signed(ends)) == 401
    assert await post(port, b"", signed(ends) | {"Content-Length": "9999999"}) == 413
    assert await post(port, b"", signed(ends) | {"Content-Length": "-1"}) == 413
    assert receiver.output() == "ana call.ringing ''\nana call.ended answered_elsewhere\n"


def test_the_readme_names_each_example_and_tests_that_there_are() -> None:
    folder = ROOT / "examples"
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert [one.name for one in folder.iterdir() if f"]({one.name}" not in readme and one.name != "README.md"] == []
    assert [name for name in re.findall(r"`(tests/[^`]+)`", readme) if not (ROOT / name).exists()] == []
