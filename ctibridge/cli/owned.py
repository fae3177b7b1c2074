"""Work on the store for somebody who stays what he is: root writes a backup where only root may write."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from ctibridge.cli import options
from ctibridge.cli.problem import Problem
from ctibridge.cli.shown import shown


def as_owner(state_dir: Path, work: Callable[[], None]) -> bool:
    """Does it as the owner of state_dir, which has to be there: as root in a process of its own that gives root up for
    good (a store may be forged by who owns it), else here. False: it could not there, and has said why. Raises Problem.
    """
    if not _is_roots_to_give_up(state_dir):
        options.become_owner(state_dir)
        work()
        return True
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        _end(state_dir, work)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        raise Problem(f"what did it as the owner of {state_dir} was killed (signal {-code}); see: dmesg")
    return code == 0


def _is_roots_to_give_up(state_dir: Path) -> bool:
    return os.geteuid() == 0 and state_dir.stat().st_uid != 0


def _end(state_dir: Path, work: Callable[[], None]) -> None:
    """The child: nothing of the parent's way back is its own."""
    code = 1
    try:
        options.become_owner(state_dir)
        work()
        code = 0
    except Problem as problem:
        print(shown(f"ctibridge: {problem}"), file=sys.stderr)
    except KeyboardInterrupt:
        pass
    except BaseException:  # noqa: BLE001 - said as Python would, and then the process is over
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
