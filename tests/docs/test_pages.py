"""Every command that README and documentation show is run: typed as it stands there, in a house as the page assumes.

What needs systemd or apt runs in a booted Debian (tests/systemd); what is typed on other machines stands in `sh`.
"""

import importlib.metadata
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.fences import fences
from tests.docs.kinds import BY_ITSELF, PLAIN, place
from tests.docs.pages import FOLLOWED, PAGES, ROOT, of_place, shown
from tests.softphone.softphones import needs_softphone

pytestmark = [pytest.mark.e2e]
NAMESPACES = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]


HERE = [page for page in PAGES if page != FOLLOWED and any(place(command.text) == "here" for command in shown(page))]


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Of each page; skipped where no such house can be made."""
    apart = NAMESPACES + ([] if os.geteuid() == 0 else ["--map-root-user"])
    if subprocess.run([*apart, "true"], capture_output=True, check=False, timeout=20).returncode:
        if os.environ.get("CI") == "true":
            pytest.fail("unshare cannot make namespaces here", pytrace=False)
        pytest.skip("unshare cannot make namespaces here")
    done = subprocess.run(
        [*apart, sys.executable, "-m", "tests.docs.inside", str(tmp_path_factory.mktemp("house")), *map(str, HERE)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=110,
    )  # fmt: skip
    if done.returncode:
        pytest.fail(f"no house could be made:\n{done.stderr}", pytrace=False)
    found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.peer("kamailio", "ip", "dbus-daemon", "redis-server")
@pytest.mark.parametrize(
    "page",
    # The test call that it shows is picked up by pyVoIP.
    [pytest.param(page, marks=[needs_softphone] * (page.name == "selftest.md")) for page in HERE],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_each_command_of_a_page_does_what_it_shows(page: Path, wrong: dict[str, list[str]]) -> None:
    if wrong[str(page)]:
        pytest.fail("\n".join(wrong[str(page)]), pytrace=False)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_fence_is_of_a_kind_that_is_known(page: Path) -> None:
    found = fences(page.read_text(encoding="utf-8"))
    assert [(fence.line, fence.kind) for fence in found if fence.kind not in PLAIN | {"console"}] == []
    typed = [fence.line for fence in found if fence.kind in PLAIN - {"sh"} and "\n$ " in f"\n{fence.text}"]
    assert typed == [], "a prompt outside of a console"


@pytest.mark.parametrize("command", of_place("project"))
def test_what_builds_the_project_is_a_target(command: str) -> None:
    done = subprocess.run(
        ["bash", "-c", command.replace("make", "make -n", 1)], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_what_runs_on_a_machine_by_another_test_is_typed_there() -> None:
    assert BY_ITSELF.keys() <= set(of_place("machine"))
    for command, test in BY_ITSELF.items():
        assert command in (ROOT / test).read_text(encoding="utf-8")


@pytest.mark.parametrize("command", of_place("package"))
def test_what_is_fetched_is_a_package_that_we_have_in_our_lock(command: str) -> None:
    names = [word for word in command.split()[2:] if not word.startswith("-")]
    assert names
    for name in names:
        assert importlib.metadata.version(name)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_is_typed_elsewhere_is_a_shells_language(page: Path) -> None:
    for fence in fences(page.read_text(encoding="utf-8")):
        if fence.kind == "sh":
            done = subprocess.run(["bash", "-n"], input=fence.text, capture_output=True, text=True, check=False)
            assert (done.returncode, done.stderr) == (0, ""), f"line {fence.line}"
