"""Commands as a person types them."""

from pathlib import Path

from ctibridge.cli import main
from tests.cli.test_directory import config


def run(folder: Path, *argv: str) -> int:
    """`ctibridge ARGV` over the store in that folder: the exit code, also of a problem."""
    return main([*argv, "--config", config(folder)])
