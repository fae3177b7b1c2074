"""`make docs`: the whole of docs/ as a site that asks nobody for anything, is found by its search, and fails on a link
that leads nowhere."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.peers.axe import violations
from tests.peers.chromium import Chromium

ROOT = Path(__file__).parents[2]
MAKEFILE = ROOT / "Makefile"
SOURCES = ("docs", "examples", "CHANGELOG.md", "ctibridge/delivery/adapters/page")
PAGES = ("docs/index.html", "docs/check.html", "docs/pbx/kamailio.html", "docs/concepts.html", "search.html?q=alone")


def build(tree: Path, out: Path) -> subprocess.CompletedProcess[str]:
    """As the target says it."""
    (command,) = re.findall(
        r"^\t\$\(BIN\)/sphinx-build (.*) --doctree-dir \S+ \. site$", MAKEFILE.read_text(), re.MULTILINE
    )
    words = [sys.executable, "-m", "sphinx", *command.split(), "--doctree-dir", str(out / "trees"), ".", str(out)]
    return subprocess.run(words, cwd=tree, check=False, capture_output=True, text=True)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    made = build(ROOT, out)
    assert made.returncode == 0, made.stderr
    return out


def test_each_document_is_a_page_of_it(site: Path) -> None:
    documents = [path.relative_to(ROOT).with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")]
    assert [path for path in documents if not (site / path).exists()] == []
    assert (site / "examples" / "README.html").exists()


def test_the_first_page_leads_to_it(site: Path) -> None:
    (target,) = re.findall(r'url=([^"]+)', (site / "index.html").read_text())
    assert (site / target).exists()


def test_what_leads_nowhere_or_is_led_to_from_nowhere_fails_it(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for name in SOURCES:
        here = ROOT / name
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(here, tree / name) if here.is_dir() else shutil.copy(here, tree / name)
    for folder in ("config", "systemd"):
        shutil.copytree(ROOT / folder, tree / folder)
    for page in (tree / "docs").rglob("*.md"):
        if page.name != "index.md":
            page.write_text("# A page\n")
    (tree / "docs" / "check.md").write_text("# Check\n\n[a](nowhere.md) [b](page.md#no-such-part)\n")
    (tree / "docs" / "lost.md").write_text("# Lost\n")
    made = build(tree, tmp_path / "out")
    assert made.returncode != 0
    for fault in ("'nowhere.md'", "no-such-part", "lost.md: WARNING: document isn't included in any toctree"):
        assert fault in made.stderr


@pytest.mark.peer("chromium", "axe-core")
async def test_it_needs_no_network_and_keeps_nobody_out(site: Path, chromium: Chromium) -> None:
    """Opened from the disk, as from a machine without any network; wide and light, narrow and dark."""
    for width, scheme in ((1280, "light"), (360, "dark")):
        page = await chromium.page(width=width)
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        for path in PAGES:
            await page.goto(f"file://{site}/{path}")
            assert await page.evaluate("document.documentElement.scrollWidth") == width, path
            assert await violations(page) == [], (path, width)
        results = page.locator("#search-results li > a:first-child")
        await expect(results.get_by_text("Architecture")).to_be_visible()  # they come one after the other
        found = await results.all_inner_texts()
        place = {title.partition(":")[0]: at for at, title in enumerate(found)}
        assert place["When something does not work"] < place["Architecture"], "how it was made comes behind its use"
    outside = {url.partition(":")[0] for url in chromium.requests} - {"file", "data"}
    assert outside == set()
