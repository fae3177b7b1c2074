"""How the agent's own programs are started: no shell, nothing to read, and without the token that watch may have got by
its environment."""

import os
import signal
from collections.abc import Mapping

_SECRETS = frozenset({"CTIBRIDGE_TOKEN", "CREDENTIALS_DIRECTORY"})


class NoProgram(Exception):
    """What was asked for needs a program that is not installed: one line, with the mend."""


def surroundings(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment that such a program gets."""
    return {name: value for name, value in environment.items() if name not in _SECRETS}


def spawn(words: list[str]) -> int:
    """Starts a program that may outlive us, in a session of its own and heard nowhere; returns its process id, which
    is to be waited for. Raises OSError. (A `subprocess.Popen` complains when it is left, asyncio's kills the program.)
    """
    nowhere = [(os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_RDWR, 0) for descriptor in (0, 1, 2)]
    return os.posix_spawnp(
        words[0],
        words,
        surroundings(os.environ),
        file_actions=nowhere,
        setsid=True,
        setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],  # Python ignores them, programs do not expect that
    )
