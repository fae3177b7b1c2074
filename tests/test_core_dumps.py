"""Who dies leaves nothing behind: each kind of process of ours is killed as a crash kills it, with dumps allowed."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

PATTERN = Path("/proc/sys/kernel/core_pattern")
DUMPABLE = "import ctypes; print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"  # PR_GET_DUMPABLE
REFUSE = "from ctibridge import core_dumps; print(core_dumps.refuse())"
CRASHES = {
    "plain": "",  # shows that the machine writes dumps at all
    "a command": "from ctibridge.cli import main; assert main(['schema', 'config']) == 0",
    "the index's process": "from ctibridge.lookup.adapters.index.build import main; assert main(['none.db']) == 1",
    "an import's process": (
        "from ctibridge.lookup.adapters.importing import workers\nworkers._end_with_parent = int\nworkers._begin(None)"
    ),
}
root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may allow what was refused before, and change his user")


def _allow() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


def python(words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", words]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=60, preexec_fn=_allow, check=False
    )


@root
@pytest.mark.skipif(not PATTERN.exists() or PATTERN.read_text().strip() != "core", reason="dumps go elsewhere here")
@pytest.mark.parametrize("who", CRASHES)
def test_what_dies_leaves_no_dump(tmp_path: Path, who: str) -> None:
    done = python(f"{CRASHES[who]}\nimport os; os.abort()", tmp_path)
    assert done.returncode == -signal.SIGABRT, done.stderr
    assert any(file.name.startswith("core") for file in tmp_path.iterdir()) is (who == "plain")


@root
def test_where_dumps_go_into_a_program_the_limit_alone_would_not_do(tmp_path: Path) -> None:
    assert python(f"{DUMPABLE}\n{REFUSE}\n{DUMPABLE}", tmp_path).stdout.split() == ["1", "True", "0"]


@root
def test_a_change_of_user_does_not_undo_it(tmp_path: Path) -> None:
    """Root's commands take the owner of the store; the kernel then forgets what was said, and dumps again where
    fs.suid_dumpable says so, as systemd-coredump sets it. So it is said twice, as only the second one counts."""
    (tmp_path / "state").mkdir()
    os.chown(tmp_path / "state", 65534, 65534)
    words = (
        "from pathlib import Path; from ctibridge import core_dumps; from ctibridge.cli import options\n"
        "import os; said = []; core_dumps.refuse = lambda: said.append(os.geteuid())\n"
        "options._check_installation = lambda *_: None; options._take(Path('state')); print(said)"
    )
    assert python(words, tmp_path).stdout == "[65534]\n"


@root
def test_where_there_is_no_ctypes_the_limit_holds(tmp_path: Path) -> None:
    words = "import resource; print(resource.getrlimit(resource.RLIMIT_CORE)[0])"
    done = python(f"import sys; sys.modules['ctypes'] = None\n{REFUSE}\n{words}", tmp_path)
    assert done.stdout.splitlines() == ["False", "0"]
