"""One JSON object a line on standard error; numbers and names cannot get in.

Values are let through by type: words, numbers, truth values and nothing else. `Private` values print their mask, every
other object prints the name of its class. An exception tells its class and where it happened, never its message, which
may quote what a caller sent.
"""

import json
import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from enum import Enum
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Any, TextIO

import msgspec
import structlog

from ctibridge.domain.private import Private

DEEPEST_FRAMES = 12
_BEFORE_DETAIL = re.compile(r"[(<{\[:]")
_Event = MutableMapping[str, Any]
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def configure(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """structlog and the standard library's logging both write to `stream` (default: standard error) from now on."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            exception_without_message,
            only_plain_values,
            structlog.processors.JSONRenderer(serializer=_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _Writer(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [_ToStructlog()]
    root.setLevel(max(level, logging.WARNING))


def only_plain_values(_logger: object, _method: str, event: _Event) -> _Event:
    """The gate: what is neither plain nor masked becomes the name of its type."""
    return {key: _plain(value) for key, value in event.items()}


def exception_without_message(_logger: object, _method: str, event: _Event) -> _Event:
    """`exc_info` becomes `exception` (its class) and `at` (where it happened, innermost last)."""
    info = event.pop("exc_info", None)
    found = sys.exc_info() if info is True else info
    if isinstance(found, BaseException):
        found = (type(found), found, found.__traceback__)
    if isinstance(found, tuple) and found[0] is not None:
        event["exception"] = found[0].__name__
        event["at"] = _where(found[2])
    return event


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Private):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return type(value).__name__


def _where(traceback: TracebackType | None) -> list[str]:
    frames = extract_tb(traceback)[-DEEPEST_FRAMES:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]


def _json(event: _Event, **_: object) -> str:
    try:
        return msgspec.json.encode(event).decode()
    except UnicodeEncodeError:  # half a surrogate pair: a file name that is no UTF-8
        return json.dumps(event)


class _Writer:
    """Writes lines. One that cannot be written is lost: a journal that went away must not cost a call its pop."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def msg(self, line: str) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(line + "\n")
            self._stream.flush()

    debug = info = warning = error = critical = log = fatal = exception = msg


class _ToStructlog(logging.Handler):
    """Lines of libraries: their message's template without its arguments, which may be personal."""

    def emit(self, record: logging.LogRecord) -> None:
        level = min(max(record.levelno // 10 * 10, logging.DEBUG), logging.CRITICAL)  # structlog knows the usual ones
        log = structlog.get_logger()
        log.log(level, "library", logger=record.name, template=_template(record), exc_info=record.exc_info)


def _template(record: logging.LogRecord) -> str:
    if not isinstance(record.msg, str):
        return type(record.msg).__name__
    first = record.msg.partition("\n")[0]
    # asyncio writes whole what failed, arguments and all: `Exception in callback f(…)`, `<Task … exception=…>`.
    return _BEFORE_DETAIL.split(first)[0].strip() if record.name == "asyncio" else first
