"""A Lua script of ours: its text stands in a file beside this one and is loaded with the package."""

from hashlib import sha1
from importlib.resources import files


class Script:
    """name: of the file, without `.lua`. Redis runs it as one step, and knows it by the SHA-1 of its text."""

    def __init__(self, name: str) -> None:
        self.text = files(__package__).joinpath(f"{name}.lua").read_text(encoding="utf-8")
        self.sha = sha1(self.text.encode(), usedforsecurity=False).hexdigest()
