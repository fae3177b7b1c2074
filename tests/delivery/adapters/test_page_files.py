from pathlib import Path

from ctibridge.delivery.adapters import page_files

FOLDER = Path(page_files.__file__).with_name("page")


def test_the_list_is_the_folder() -> None:
    assert set(page_files.read()) == {str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file()}
    assert page_files.read()["page.js"].media_type.startswith("text/javascript")


def test_nothing_in_the_page_comes_from_elsewhere_or_writes_markup() -> None:
    for name, file in page_files.read().items():
        text = file.body.decode()
        assert "://" not in text.replace("http://www.w3.org/2000/svg", ""), name
        for word in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "autofocus"):
            assert word not in text, f"{word} in {name}"
        assert "<script>" not in text
        assert " style=" not in text


# Where it moves by the agent's own key: to what the key is for, or back to where it was when a part is drawn anew.
MOVE_THE_FOCUS = {"keys.js", "search.js", "rows.js"}


def test_the_focus_moves_by_the_agents_own_key_alone() -> None:
    scripts = {name: file.body.decode() for name, file in page_files.read().items() if name.endswith(".js")}
    assert {name for name, text in scripts.items() if ".focus(" in text} == MOVE_THE_FOCUS
