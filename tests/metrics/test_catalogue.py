import re
from pathlib import Path

from ctibridge.metrics import catalogue

DOCUMENT = Path(__file__).parents[2] / "docs" / "metrics.md"


def test_names_are_as_prometheus_wants_them() -> None:
    """https://prometheus.io/docs/practices/naming/: prefix, `_total` for counters and only for them, base units."""
    assert len({one.name for one in catalogue.ALL}) == len(catalogue.ALL)
    for one in catalogue.OURS:
        assert re.fullmatch(r"ctibridge_[a-z][a-z_]*", one.name)
        assert one.name.endswith("_total") is (one.kind == "counter"), one.name
        assert one.name.endswith("_info") is (one.kind == "info"), one.name
        assert not re.search(r"_(ms|milliseconds|kib|mib|minutes)\b", one.name)


def test_no_label_is_a_person_or_grows_with_lines_or_agents() -> None:
    labels = {label for one in catalogue.ALL for label in one.labels}
    of_webhooks = {"webhook", "why"}
    assert labels - of_webhooks == {
        "account", "outcome", "status", "trunk", "state", "code", "step", "file", "version", "python",
    }  # fmt: skip


def test_the_documentation_has_this_very_table() -> None:
    assert catalogue.table() in DOCUMENT.read_text(encoding="utf-8"), "put catalogue.table() into docs/metrics.md"
