"""`figures_per_agent = false`, the default: whatever is scraped, asked for or checked counts over all agents."""

import re
from pathlib import Path

from ctibridge.delivery.settings import PrivacySettings
from ctibridge.metrics import catalogue
from ctibridge.metrics.catalogue import Metric

ROOT = Path(__file__).parents[2]
ONE = re.compile(r"agent|desk|line|user|person|number|session|call$")
"""A label by any of these would be of one of them."""


def metrics() -> list[Metric]:
    return [one for one in vars(catalogue).values() if isinstance(one, Metric)]


def test_nobody_is_counted_by_default() -> None:
    assert PrivacySettings().figures_per_agent is False


def test_no_metric_has_a_label_that_names_one_of_them() -> None:
    labels = {label for metric in metrics() for label in metric.labels}
    assert len(metrics()) > 20, "they are looked at"
    assert "trunk" in labels
    assert [label for label in sorted(labels) if ONE.search(label)] == []
