"""What a process takes of the machine, as the kernel says it (proc(5)), and how that grows."""

import re
import urllib.request
from collections.abc import Sequence
from pathlib import Path


def resident(pid: int) -> int:
    """Bytes in memory that are the process's own: files that it maps are the kernel's to drop."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("RssAnon:"))
    return int(line.split()[1]) * 1024


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def threads(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def gauge(web: str, name: str) -> float:
    """One of the daemon's own metrics, summed over its labels. web: its host and port."""
    with urllib.request.urlopen(f"http://{web}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if re.match(rf"{name}[{{ ]", line))


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Of the straight line that fits best (least squares). Raises ValueError for fewer than two."""
    if len(points) < 2:
        raise ValueError(f"no line through {len(points)} points")
    middle = sum(x for x, _ in points) / len(points)
    level = sum(y for _, y in points) / len(points)
    rise = sum((x - middle) * (y - level) for x, y in points)
    return rise / sum((x - middle) ** 2 for x, _ in points)
