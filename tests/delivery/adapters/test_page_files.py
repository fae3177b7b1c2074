from pathlib import Path

from ctibridge.delivery.adapters import page_files

FOLDER = Path(page_files.__file__).with_name("page")


def test_the_list_is_the_folder() -> None:
    assert set(page_files.NAMES) == {path.name for path in FOLDER.iterdir()}
    assert page_files.read()["page.js"].media_type.startswith("text/javascript")


def test_nothing_in_the_page_comes_from_elsewhere_or_writes_markup() -> None:
    for name, file in page_files.read().items():
        text = file.body.decode()
        assert "://" not in text.replace("http://www.w3.org/2000/svg", ""), name
        for word in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", ".focus(", "autofocus"):
            assert word not in text, f"{word} in {name}"
        assert "<script>" not in text
        assert " style=" not in text
