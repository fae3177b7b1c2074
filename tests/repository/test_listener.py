"""The listener over the whole run: what counts as personal, and that a leak, a lost task or a missing peer fails."""

import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import structlog

from tests import leaks

ROOT = Path(__file__).parents[2]

SUITE = """
import asyncio, logging, pytest, structlog

def test_with_machine():
    pytest.skip("no Debian can be booted here: booting a machine needs root")

def test_clean():
    logging.getLogger("ours").warning("line 6001 registered")

def test_number_in_stdlib_log():
    logging.getLogger("ours").warning("call from %s", "+49 30 1234567")

def test_number_in_structlog():
    structlog.get_logger().info("ringing", caller="004930" + "1234567")

def test_name_in_traceback():
    from tests import leaks
    name = leaks.canary("Zenobia Quist")
    try:
        raise ValueError(name)
    except ValueError:
        logging.getLogger("ours").exception("failed")

async def test_lost_task():
    async def fail():
        raise ValueError("nobody asks")
    asyncio.ensure_future(fail())
    await asyncio.sleep(0)
    await asyncio.sleep(0)

async def test_never_awaited():
    asyncio.sleep(0)

@pytest.fixture(scope="session")
def daemon():
    yield
    logging.getLogger("ours").warning("last words for +49301234567")

def test_session_fixture(daemon):
    pass

@pytest.mark.peer("sipp")
def test_with_peer():
    pass
"""


@pytest.mark.parametrize(
    "line",
    [
        "caller=+4915112345678",
        "to sip:004930123456@pbx",
        "?telephone=%2B4930123456",
        "from +41 (44) 668-18-00",
        '{"event": "ringing", "caller": "+1 212.555.0100"}',
    ],
)
def test_a_number_is_found(line: str) -> None:
    assert leaks.find(line)


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-21T18:00:00.123456Z took 0.0098765431 s",
        "2026-11-21T18:00:00+01:00 line 6001 registered, expires 120",
        "call 01JDX0034567890AB ended",
        "id 3f2a-0098765431ab at 0x0098765431",
        "number +49•••78",
        "branch z9hG4bK+12ab",
    ],
)
def test_what_only_looks_like_a_number_is_left_alone(line: str) -> None:
    assert leaks.find(line) == []


def test_a_name_is_found_in_any_case_and_escaped() -> None:
    leaks.canary("Žofie Ann")
    assert leaks.find('{"name": "\\u017dofie ANN"}') == ["žofie ann"]
    assert leaks.find("Žofie Annette") == []


def test_what_is_expected_is_handed_out_and_forgotten() -> None:
    with leaks.expected() as found:
        logging.getLogger("ours").error("caller %s", "+4930123456")
        structlog.get_logger().error("ringing", caller="+4930123456")
    assert [leak.where for leak in found] == ["the log of ours", "structlog's output"]
    assert leaks.drain() == []


def run_suite(folder: Path, **environment: str) -> str:
    (folder / "test_suite.py").write_text(SUITE)
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "-rfEs"]
    command += ["-c", str(ROOT / "pyproject.toml"), str(folder)]
    plain = {key: value for key, value in os.environ.items() if key != "CI"}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=plain | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return str(done.stdout)


def test_each_fault_fails_the_test_that_caused_it(tmp_path: Path) -> None:
    output = run_suite(tmp_path)
    failed = set(re.findall(r"^(?:ERROR|FAILED) \S+::(\w+)", output, re.MULTILINE))
    assert failed == {
        "test_number_in_stdlib_log",
        "test_number_in_structlog",
        "test_name_in_traceback",
        "test_lost_task",
        "test_never_awaited",
        "test_with_peer",  # the last one: with it the session's fixture is torn down
    }


def test_an_absent_peer_is_named_and_counted(tmp_path: Path) -> None:
    output = run_suite(tmp_path, PATH=str(tmp_path))
    assert "1 tests did not run: Debian packages missing: sip-tester" in output
    assert "1 tests did not run: no Debian can be booted here: booting a machine needs root" in output
    assert re.search("SKIPPED.*sip-tester", output)


def test_an_absent_peer_fails_in_ci(tmp_path: Path) -> None:
    output = run_suite(tmp_path, PATH=str(tmp_path), CI="true")
    assert "needs the Debian packages sip-tester" in output
    assert re.findall("SKIPPED.*sip-tester", output) == []
