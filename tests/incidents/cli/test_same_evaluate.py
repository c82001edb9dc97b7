"""``incidents same evaluate``: measured beside the bars, and a model that is written and read again."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from incidents.suggestions import evaluation
from incidents.suggestions.model import FIRST_NAMES, SECOND_NAMES, read_model
from incidents.suggestions.training import SEEDS, SHARED
from tests.incidents.cli.conftest import Run
from tests.incidents.suggestions.labelled import reports, written


def test_made_up_reports_are_measured_and_a_model_is_written(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("lightgbm")
    for settings in (evaluation.FIRST, evaluation.SECOND):
        monkeypatch.setitem(settings, "rounds", 15)
        monkeypatch.setitem(settings, "min_data_in_leaf", 10)  # they are few
    monkeypatch.setitem(SHARED, "num_threads", 1)  # see tests/incidents/suggestions/conftest.py
    file, model = written(tmp_path / "reports.csv", reports(100)), tmp_path / "model.json"
    shown = run("same", "evaluate", file, "--write", model).stdout
    rows = {line.split("  ")[0].strip(): line.split() for line in shown.splitlines()}
    assert [rows["average precision, by quarters"][at] for at in (-4, -3, -2)] == ["≥", "0.8", "0.762"]
    assert rows["candidates a record"][-1] in {"yes", "no"}
    assert str(model) in shown.replace("\n", "")
    made = read_model(json.loads(model.read_text(encoding="utf-8")))
    assert (made.first.features, made.second.features) == (FIRST_NAMES, SECOND_NAMES)
    assert len(made.first.trees) == SEEDS * 15


def test_without_lightgbm_nothing_is_measured(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lightgbm", None)  # as if it were not installed
    said = run("same", "evaluate", written(tmp_path / "reports.csv", reports(60)), exits=5).stderr
    assert "[missing_extra]" in said
    assert "incident-atlas[training]" in said


def test_a_file_without_the_columns_is_refused(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "reports.csv"
    file.write_text("id,event_id\n1,2\n", encoding="utf-8")
    assert "[missing_column]" in run("same", "evaluate", file, exits=2).stderr
