"""What is said where a file was written by a later ctibridge: one sentence with the mend, whichever room finds it."""

MEND = "run the newer ctibridge, or restore the backup made before the upgrade: ctibridge restore FILE --replace"


def later(what: str, found: object, known: int) -> str:
    """what: the room. found: its version; None where the file does not say. Behind the file's name and a colon."""
    version = "unknown" if found is None else found
    return f"its tables ({what}) are of version {version}, this ctibridge knows {known}; {MEND}"
