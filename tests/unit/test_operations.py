"""What docs/operations.md says about the figures and the web server in front."""

from __future__ import annotations

import re

from infra.metrics import REGISTRY
from tests.process import ROOT

TEXT = (ROOT / "docs" / "operations.md").read_text()


def test_each_figure_is_explained() -> None:
    named = set(re.findall(r"keban_[a-z_]+", TEXT))
    for metric in REGISTRY.collect():
        assert {metric.name, f"{metric.name}_total"} & named, metric.name


def test_what_is_for_operators_only_is_not_published() -> None:
    nginx = re.search(r"```nginx\n(.*?)```", TEXT, re.S)
    assert nginx
    closed = re.search(r"location ~ (\S+) \{[^}]*?return 404;", nginx[1])
    assert closed
    for path in ("/metrics", "/healthz", "/readyz"):
        assert re.match(closed[1], path)
    for path in ("/wechat", "/courses/metrics", "/me"):
        assert not re.match(closed[1], path)
