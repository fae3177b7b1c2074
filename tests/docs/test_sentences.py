"""What a sentence tells people to type is there: module and option, test file and variable, target, unit."""

import re
from functools import cache
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT
from tests.docs.sentences import ELSEWHERE, command
from tests.repository.test_docs import prose

TYPED = sorted(
    (str(page.relative_to(ROOT)), words)
    for page in PAGES
    for words in set(re.findall(r"`([^`]+)`", prose(page)))
    if (found := command(words)) and found[1][0] not in ELSEWHERE
)
_ACTIONS = {"enable", "start", "stop", "restart", "reload", "status", "edit", "is-failed"}


@cache
def text(folder: str) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / folder).rglob("*.py")))


def complaint(words: str) -> str | None:
    """What of it is not there."""
    variables, typed = command(words) or ([], [])
    lost = [
        name for name in variables if not any(name in text(str(Path(word).parent)) for word in typed if "/" in word)
    ]
    options = [word for word in typed if word.startswith("--")]
    match typed:
        case ["python", "-m", module, *_] if module.split(".")[0] in ("bench", "tools"):
            lost += [] if (ROOT / f"{module.replace('.', '/')}.py").exists() or module == "bench" else [module]
            lost += [option for option in options if f'"{option}"' not in text("bench")]
        case ["pytest", *rest]:
            lost += [word for word in rest if word.startswith("tests/") and not (ROOT / word).exists()]
        case ["make", target, *_]:
            lost += [] if re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE) else [target]
        case ["systemctl", *rest]:
            action, *units = [word for word in rest if not word.startswith("--")]
            lost += [action] if action not in _ACTIONS else []
            lost += [unit for unit in units if not _is_ours(unit)]
        case _:
            lost.append("a program that this test does not know")
    return f"{words}: {lost}" if lost else None


def _is_ours(unit: str) -> bool:
    name = unit if Path(unit).suffix else f"{unit}.service"
    return any((ROOT / "systemd").rglob(name))


@pytest.mark.parametrize(("page", "words"), TYPED)
def test_what_a_sentence_names_is_there(page: str, words: str) -> None:
    assert complaint(words) is None, page


@pytest.mark.parametrize(
    "words",
    [
        "python -m bench.nothing",
        "python -m bench.size --persons 3",
        "CTIBRIDGE_NOBODY_READS=1 pytest tests/faults/test_kill.py",
        "pytest -s tests/faults/test_nowhere.py",
        "make nothing",
        "systemctl reload ctibridges",
        "systemctl ask ctibridge",
        "python3 tools",
    ],
)
def test_what_is_not_there_would_be_seen(words: str) -> None:
    assert command(words) is None or complaint(words)


def test_sentences_are_read() -> None:
    assert len(TYPED) > 60
    assert command("time ctibridge check") is None
    assert command("A=b pytest x") == (["A"], ["pytest", "x"])
    assert command("no program") is None
