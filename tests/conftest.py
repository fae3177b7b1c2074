"""What holds for every test: nothing personal in a log, no lost task, no peer program silently absent."""

import gc
import logging
import os
import sys
import threading
from collections import Counter
from collections.abc import Generator, Iterator
from typing import Any

import hypothesis
import pytest
import structlog

from tests import leaks
from tests.peers.process import PACKAGES, find_program
from tests.systemd.machine import UNBOOTED

pytest_plugins = ["tests.peers.plugin"]

# A slow example on a busy machine is no wrong one.
hypothesis.settings.register_profile("house", parent=hypothesis.settings.default, deadline=None)
hypothesis.settings.load_profile("house")

_ENDED = pytest.StashKey[int]()
_lost: list[str] = []
_of_workers: list[str] = []  # what they complained of after their last test
_absent: dict[str, list[str]] = {}  # package -> the tests that did not run without it


# -- the listener ------------------------------------------------------------------------------------------------------

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
_FORMAT = logging.Formatter("%(message)s")


def _heard(record: logging.LogRecord) -> None:
    text = _FORMAT.format(record)
    extras = {key: value for key, value in vars(record).items() if key not in _STANDARD}
    leaks.scan(f"{text} {extras or ''}", f"the log of {record.name}")
    if record.name == "asyncio" and record.levelno >= logging.ERROR:
        _lost.append(text)


def _listen(patch: pytest.MonkeyPatch) -> None:
    """Every record and every rendered line passes these two, whatever handlers, levels and files a test configures."""
    handle = logging.Logger.handle
    process = structlog.BoundLoggerBase._process_event

    def handle_heard(self: logging.Logger, record: logging.LogRecord) -> None:
        _heard(record)
        handle(self, record)

    def process_heard(self: structlog.BoundLoggerBase, name: str, event: str | None, kw: dict[str, Any]) -> Any:
        args, fields = process(self, name, event, kw)
        for arg in args:
            leaks.scan(arg.decode() if isinstance(arg, bytes) else str(arg), "structlog's output")
        leaks.scan(str(fields), "structlog's output")
        return args, fields

    patch.setattr(logging.Logger, "handle", handle_heard)
    patch.setattr(structlog.BoundLoggerBase, "_process_event", process_heard)


def _complaints() -> list[str]:
    complaints = [str(leak) for leak in leaks.drain()] + [f"lost by asyncio: {text}" for text in _lost]
    _lost.clear()
    return complaints


def pytest_configure(config: pytest.Config) -> None:
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    leaks.register_sample()
    _listen(patch)
    # What steps back behind the daemon does so for good: a test that runs it in here would make all behind it slower.
    patch.setattr(os, "nice", lambda _by: 0)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None, None, None]:
    """Behind the teardown of the fixtures, since what they stop may still have something to say."""
    try:
        yield
    finally:
        if complaints := _complaints():
            pytest.fail("\n".join(complaints), pytrace=False)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """What nobody waited for is only noticed when it is collected, perhaps after the last test."""
    gc.collect()
    complaints = _complaints() + _of_workers
    said: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if said is not None:
        said.update(complaints=complaints, absent=_absent)
    elif complaints:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        session.config.get_terminal_writer().line("\nAfter the last test: " + "\n".join(complaints), red=True)
    session.config.stash[_ENDED] = int(session.exitstatus)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """One of the processes that share the tests has ended; what it would say at its end is said here."""
    said: dict[str, Any] = getattr(node, "workeroutput", None) or {}
    _of_workers.extend(said.get("complaints", ()))
    for package, tests in said.get("absent", {}).items():
        _absent.setdefault(package, []).extend(tests)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """A test that failed while its database was open leaves the thread of it, for which Python waits at its end: once
    for an hour, until CI gave up."""
    left = [thread for thread in threading.enumerate() if thread.is_alive() and not thread.daemon]
    left.remove(threading.main_thread())
    if left and _ENDED in config.stash:
        names = ", ".join(thread.name for thread in left)
        sys.stderr.write(f"threads that a test left running, and that are not waited for: {names}\n")
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(config.stash[_ENDED] or pytest.ExitCode.TESTS_FAILED)


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """What a command configures in the test's own process ends with the test."""
    root, config = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**config)


# -- peer programs -----------------------------------------------------------------------------------------------------


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Without its peer a test is skipped on a person's machine and fails in CI: there, green means that it ran."""
    wanted = {program for mark in item.iter_markers("peer") for program in mark.args}
    missing = sorted(PACKAGES[program] for program in wanted if find_program(program) is None)
    if not missing:
        return
    for package in missing:
        _absent.setdefault(package, []).append(item.nodeid)
    reason = f"needs the Debian packages {', '.join(missing)}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _absent:
        tests = {test for names in _absent.values() for test in names}
        terminalreporter.write_line(
            f"{len(tests)} tests did not run: Debian packages missing: {' '.join(sorted(_absent))}", yellow=True
        )
    reasons = (skipped.longrepr[2] for skipped in terminalreporter.stats.get("skipped", []))
    for reason, times in Counter(reason for reason in reasons if UNBOOTED in reason).items():
        terminalreporter.write_line(f"{times} tests did not run: {reason.removeprefix('Skipped: ')}", yellow=True)
