"""Only what differs is written, and of it only what the files tell."""

from ctibridge.lookup.adapters.importing.differences import Changes, difference, numbers

STORED = {("a",): ("a", "Ana", "x"), ("b",): ("b", "Ben", None)}


def test_new_and_changed_and_the_same() -> None:
    found = difference(STORED, [["a", "Ana", "x"], ["b", "Benno", None], ["c", "Cem", None]], 1, {1, 2})
    assert (found.new, found.changed) == ([["c", "Cem", None]], [["b", "Benno", None]])
    assert found.changes == Changes(1, 1)


def test_a_column_that_the_files_do_not_have_stays_as_it_is() -> None:
    assert difference(STORED, [["a", "Ana", None]], 1, {1}).changes == Changes()
    assert difference(STORED, [["a", "Anna", None]], 1, {1}).changed == [["a", "Anna", "x"]]


def test_one_that_they_have_empty_is_unknown_now() -> None:
    assert difference(STORED, [["a", "Ana", None]], 1, {1, 2}).changed == [["a", "Ana", None]]


def test_files_that_tell_the_key_alone() -> None:
    assert difference(STORED, [["a", None, None], ["d", None, None]], 1, ()).changes == Changes(new=1)


def test_numbers_that_are_told_no_more_go() -> None:
    stored = {(1, 10): (0, None), (1, 11): (0, None), (1, 12): (0, 5)}
    found = numbers(stored, {(1, 10): (0, None), (1, 12): (1, 5), (1, 13): (0, None)})
    assert (found.new, found.changed, found.removed) == ({(1, 13): (0, None)}, {(1, 12): (1, 5)}, [(1, 11)])
    assert found.changes == Changes(1, 1, 1)


def test_changes_add_up() -> None:
    assert Changes(1, 2, 3) + Changes(1) == Changes(2, 2, 3)
