"""One JSON object a line, and nothing personal in it."""

import io
import json
import logging
from enum import Enum
from pathlib import Path

import pytest
import structlog

from ctibridge import logs
from ctibridge.domain.private import MASK, Name, Number

SECRET = "what a caller sent"


@pytest.fixture
def written() -> io.StringIO:
    stream = io.StringIO()
    logs.configure(stream)
    return stream


def lines(written: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_one_object_a_line(written: io.StringIO) -> None:
    structlog.get_logger().info("started", lines=3, ready=True, share=0.5, none=None)
    (line,) = lines(written)
    assert str(line.pop("time")).endswith("Z")
    assert line == {"event": "started", "level": "info", "lines": 3, "ready": True, "share": 0.5, "none": None}


class Colour(Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Number("+4989123456"), MASK),
        (Name("Maria Meier"), MASK),
        ([Number("+4989123456"), "word"], [MASK, "word"]),
        ({"caller": Name("Maria Meier")}, {"caller": MASK}),
        ({Name("Maria Meier"): 1}, {MASK: 1}),
        (b"INVITE", "bytes"),
        (ValueError(SECRET), "ValueError"),
        (Colour.RED, "red"),
        (Path("/var/lib"), "/var/lib"),
        (Path("/\udcff"), "/\udcff"),
        (("a", 1), ["a", 1]),
        (object(), "object"),
    ],
)
def test_what_is_neither_plain_nor_masked_is_the_name_of_its_type(
    value: object, shown: object, written: io.StringIO
) -> None:
    structlog.get_logger().info("event", value=value)
    assert lines(written)[0]["value"] == shown


def test_an_exception_tells_its_class_and_place_and_never_its_message(written: io.StringIO) -> None:
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        structlog.get_logger().error("failed", exc_info=True)
        structlog.get_logger().error("failed", exc_info=error)
        logging.getLogger("some.library").exception("it failed")
    assert SECRET not in written.getvalue()
    for line in lines(written):
        assert line["exception"] == "ValueError"
        assert "test_logs.py" in str(line["at"])


def test_no_exception_is_no_exception(written: io.StringIO) -> None:
    structlog.get_logger().error("failed", exc_info=True)
    assert "exception" not in lines(written)[0]


def test_a_library_shows_its_template_and_not_its_arguments(written: io.StringIO) -> None:
    logging.getLogger("some.library").warning("cannot read %r", SECRET)
    (line,) = lines(written)
    assert (line["event"], line["logger"], line["template"]) == ("library", "some.library", "cannot read %r")
    assert SECRET not in written.getvalue()


@pytest.mark.parametrize(
    ("message", "template"),
    [
        (f"Exception in callback f('{SECRET}')\nhandle: <Handle f('{SECRET}')>", "Exception in callback f"),
        (
            f"Task exception was never retrieved\nfuture: <Task exception={SECRET}>",
            "Task exception was never retrieved",
        ),
        (f"Executing <Task {SECRET}> took 0.2 seconds", "Executing"),
    ],
)
def test_asyncio_which_writes_whole_what_failed_is_cut(message: str, template: str, written: io.StringIO) -> None:
    logging.getLogger("asyncio").warning(message)
    assert lines(written)[0]["template"] == template
    assert SECRET not in written.getvalue()


@pytest.mark.parametrize(("level", "name"), [(35, "warning"), (45, "error"), (99, "critical"), (30, "warning")])
def test_a_level_that_only_a_library_knows(level: int, name: str, written: io.StringIO) -> None:
    logging.getLogger("some.library").log(level, "odd")
    assert lines(written)[0]["level"] == name


def test_a_library_may_log_an_object(written: io.StringIO) -> None:
    logging.getLogger("some.library").warning(ValueError(SECRET))
    assert lines(written)[0]["template"] == "ValueError"


def test_what_is_below_the_level_is_not_written(written: io.StringIO) -> None:
    structlog.get_logger().debug("detail")
    logging.getLogger("some.library").info("detail")
    assert written.getvalue() == ""


def test_a_journal_that_went_away_costs_the_line_and_nothing_else(written: io.StringIO) -> None:
    written.close()
    structlog.get_logger().info("ringing", call="01JD")
