"""Column names of a stranger's file, as they may be shown: who left a quote open has people's rows in them."""

import unicodedata

LONGEST = 40


def brief(heading: str) -> str:
    """The first line of it, without control characters, and at most 40 characters."""
    first = next(iter(heading.strip().splitlines()), "")
    text = "".join(sign for sign in first if unicodedata.category(sign) not in {"Cc", "Cf", "Cs"})
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
