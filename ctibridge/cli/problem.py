"""What a command tells a person when it cannot go on."""


class Problem(Exception):
    """One line: what, where, and the mend. code: 1 failed or found a problem, 2 wrong usage or configuration."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code
