"""glibc's heap: what is large has pages of its own, and they go back to the kernel when it is freed.

Left to itself glibc raises the size from which that is so with each large table that is freed, up to 32 MiB. The next
tables then lie between small things, and what they leave is a hole: under 100,000 calls the heap went on growing by a
megabyte for each 10,000 while nothing in it did (docs/reliability.md).
"""

LARGE = 128 << 10
"""Bytes: glibc's own first value."""
_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD, mallopt(3)


def settle() -> bool:
    """For the whole process, from now on. False where there is no glibc, which is no fault."""
    try:
        import ctypes  # noqa: PLC0415 - a hardened kernel may refuse it its memory

        return bool(ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, LARGE))
    except (ImportError, MemoryError, OSError, AttributeError):
        return False
