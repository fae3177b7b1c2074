"""Invariant: that of `tests/sip/test_fuzz.py`, with messages that atheris finds by coverage.

Atheris is no dependency. In an environment that has it beside ours, from the root of the repository:

    python -m tests.fuzz.atheris_sip FOLDER -max_total_time=300 -max_len=6000

FOLDER keeps what it learned; it begins with our corpus. A finding belongs into `tests/sip/torture/seeds`, named by what
went wrong.
"""

import importlib
import sys
from pathlib import Path


def main() -> None:
    atheris = importlib.import_module("atheris")
    # Only what is imported under this is measured.
    with atheris.instrument_imports(include=["ctibridge"]):
        fuzz = importlib.import_module("tests.sip.test_fuzz")
    folders = [Path(argument) for argument in sys.argv[1:] if not argument.startswith("-")]
    for folder in folders[:1]:
        folder.mkdir(parents=True, exist_ok=True)
        for number, data in enumerate(fuzz.mutator.corpus()):
            (folder / f"corpus-{number}").write_bytes(data)
    atheris.Setup(sys.argv, fuzz.everything)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
