import subprocess
import sys

FREED_AMONG_OTHERS = """
import sys
from pathlib import Path
from ctibridge import heap

def resident():
    line = next(x for x in Path("/proc/self/status").read_text().splitlines() if x.startswith("RssAnon:"))
    return int(line.split()[1])

if sys.argv[1] == "settled":
    assert heap.settle()
first = bytearray(4 << 20)
del first  # from now on glibc would keep what is smaller among everything else
page_by_page = b"1" * 256
before, tables, stays = resident(), [], []
for _ in range(64):
    table = bytearray(1 << 20)
    table[::4096] = page_by_page
    tables.append(table)
    stays.append(bytearray(2000))
del table
tables.clear()
print(resident() - before)
"""
MOST = 8_000
"""KiB of the 64 MiB that were freed."""


def kept(how: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", FREED_AMONG_OTHERS, how], check=True, capture_output=True, text=True, timeout=60
    )
    return int(done.stdout)


def test_large_tables_that_are_freed_among_small_things_leave_no_holes() -> None:
    assert kept("settled") < MOST < kept("as glibc would")


def test_a_system_without_glibc_goes_on_as_it_is() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; sys.modules['ctypes'] = None; from ctibridge import heap; print(heap.settle())",
        ],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "False\n"
