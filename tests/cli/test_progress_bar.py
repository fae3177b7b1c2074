from ctibridge.cli.progress_bar import BETWEEN, ProgressBar
from ctibridge.lookup.progress import Progress


def test_a_file_that_is_read() -> None:
    bar = ProgressBar()
    assert bar.show(Progress("people.csv", 0, 1000, 0), 5.0) == "\rpeople.csv  [----------------]   0%  0 of 1,000"
    line = bar.show(Progress("people.csv", 500, 1000, 12_000), 7.0)
    assert line == "\rpeople.csv  [########--------]  50%  12,000 rows  6,000/s"


def test_the_rows_of_the_files_before_do_not_make_this_one_faster() -> None:
    bar = ProgressBar()
    bar.show(Progress("people.csv", 1000, 1000, 50_000), 0.0)
    bar.show(Progress("phones.csv", 0, 1000, 50_000), 10.0)
    assert bar.show(Progress("phones.csv", 500, 1000, 50_100), 11.0).rstrip().endswith("50,100 rows  100/s")


def test_accounts_that_are_written() -> None:
    bar = ProgressBar()
    bar.show(Progress("people.csv", 10, 10, 60), 0.0)
    line = bar.show(Progress("writing account", 12, 1000, 60), 0.0).rstrip()
    assert line == "\rwriting account  [----------------]   1%  12 of 1,000"


def test_a_small_file_is_heard_of_when_it_is_read() -> None:
    bar = ProgressBar()
    bar.show(Progress("sites.csv", 10, 10, 50), 1.0)
    assert bar.show(Progress("people.csv", 10, 10, 86), 2.0).rstrip().endswith("100%  86 rows  36/s")


def test_a_long_path_leaves_room_for_the_rest() -> None:
    bar = ProgressBar()
    bar.show(Progress(f"/srv/{'x' * 100}/people.csv", 1, 4, 0), 0.0)
    line = bar.show(Progress(f"/srv/{'x' * 100}/people.csv", 3, 4, 10_000_000), 60.0)
    assert len(line) <= 80
    assert "people.csv" in line


def test_a_step_of_unknown_length() -> None:
    assert ProgressBar().show(Progress("index", 0, None, 0), 0.0) == "\rindex"


def test_a_terminal_is_not_flooded_and_sees_the_end() -> None:
    bar = ProgressBar()
    assert bar.show(Progress("people.csv", 1, 10, 1), 0.0)
    assert bar.show(Progress("people.csv", 2, 10, 2), BETWEEN / 2) == ""
    assert bar.show(Progress("people.csv", 3, 10, 3), BETWEEN)
    assert bar.show(Progress("people.csv", 10, 10, 9), BETWEEN)
    assert bar.show(Progress("index", 0, 10, 9), BETWEEN)


def test_a_shorter_line_leaves_nothing_of_the_longer_one() -> None:
    bar = ProgressBar()
    long = bar.show(Progress("people.csv", 5, 10, 0), 0.0)
    assert len(bar.show(Progress("index", 0, None, 0), 1.0)) == len(long)
    assert bar.clear() == "\r     \r"
    assert bar.clear() == ""
