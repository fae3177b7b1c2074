import pytest

from ctibridge.lookup import cells, memo


def test_what_stands_in_many_rows_is_parsed_once() -> None:
    asked: list[str] = []

    def parse(text: str) -> str:
        asked.append(text)
        return text.upper()

    take = memo.of_few(parse)
    assert [take("de"), take("de"), take(" de")] == ["DE", "DE", "DE"]
    assert asked == ["de", "de"]  # a cell is remembered as it stands, and cleaned before it is parsed


def test_a_column_of_many_values_is_not_kept_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memo, "MOST", 3)
    kept = memo.Memo(cells.name)
    assert [kept[str(number)] for number in range(10)] == [str(number) for number in range(10)]
    assert len(kept) <= 3


def test_a_cell_that_is_wrong_is_not_kept() -> None:
    kept = memo.Memo(cells.flag)
    for _ in range(2):
        with pytest.raises(ValueError, match="neither true nor false"):
            kept["perhaps"]
    assert kept == {}


@pytest.mark.parametrize("parse", [cells.name, cells.numbers, cells.plain_text])
def test_columns_that_differ_in_each_row_are_cleaned_too(parse: cells.Parse) -> None:
    assert memo.of_many(parse)(" Zu\u0308rich\0 ") == "Zürich"
