"""One line on a terminal that says how far an import is. Time comes in as an argument (monotonic seconds)."""

from ctibridge.lookup.progress import Progress

BETWEEN = 0.1
"""Seconds between two lines: a person reads no faster, and a terminal is slower than an import."""
_CELLS = 16
# A line that does not fit is two lines, of which a carriage return takes one back.
_LONGEST_STEP = 24


class ProgressBar:
    """Says what to write; the first line of a step comes at once."""

    def __init__(self) -> None:
        self._step = ""
        self._since = self._before = 0.0
        self._rows = self._rows_before = 0
        self._next = 0.0
        self._shown = 0

    def show(self, progress: Progress, now: float) -> str:
        """What to write to the terminal; empty while the last line is still good."""
        first = progress.step != self._step
        if first:
            # The first word of a step comes behind its first rows: they began where the step before it ended.
            self._step = progress.step
            self._since, self._rows_before = self._before or now, self._rows
        self._before, self._rows = now, progress.rows
        if not first and now < self._next and progress.done != progress.total:
            return ""
        self._next = now + BETWEEN
        text = self._line(progress, now - self._since)
        padded = f"\r{text:<{self._shown}}"
        self._shown = len(text)
        return padded

    def clear(self) -> str:
        """What takes the line away."""
        blank = f"\r{'':<{self._shown}}\r" if self._shown else ""
        self._shown = 0
        return blank

    def _line(self, progress: Progress, seconds: float) -> str:
        step = progress.step
        parts = [step if len(step) <= _LONGEST_STEP else f"…{step[1 - _LONGEST_STEP :]}"]
        if progress.share is not None:
            parts.append(f"{_bar(progress.share)} {progress.share:4.0%}")
        rows = progress.rows - self._rows_before
        if rows:
            # While rows come in, what counts is how many; of other steps, which of how many.
            parts.append(f"{progress.rows:,} rows")
            parts.append(f"{rows / seconds:,.0f}/s" if seconds > 0 else "")
        elif progress.total:
            parts.append(f"{progress.done:,} of {progress.total:,}")
        return "  ".join(filter(None, parts))


def _bar(share: float) -> str:
    filled = int(share * _CELLS)
    return f"[{'#' * filled}{'-' * (_CELLS - filled)}]"
