"""Reading MAVERICK's reports."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from db.errors import InputError
from incidents.suggestions.accounts import day_text
from incidents.suggestions.maverick import read_maverick

FEW = Path(__file__).parents[2] / "fixtures" / "maverick" / "few.csv"
REPORTS = Path(__file__).parents[4] / "shared" / "data" / "maverick" / "reports.csv"


def test_reports_are_read_with_their_events() -> None:
    accounts, events = read_maverick(FEW)
    first = accounts.rows[0]
    assert (len(accounts), len(set(events.tolist()))) == (30, 7)
    assert (first.start is not None and day_text(first.start), first.killed, first.radius_km) == (
        "2011-01-03", (8.0, 8.0), 6.0,
    )  # fmt: skip
    assert first.publisher == "Xinhua News Agency"
    assert first.title.startswith("Côte d'Ivoire : 8 morts")
    assert first.press is True


def test_a_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("id,event_id\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="country, date_start") as caught:
        read_maverick(file)
    assert caught.value.code == "missing_column"


def test_a_bad_row_is_named(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    text = FEW.read_text(encoding="utf-8").replace("2011-01-03,2011-01-03", "2011-13-03,2011-01-03", 1)
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="line 2"):
        read_maverick(file)


def test_the_whole_file_holds_the_pairs_it_is_known_for() -> None:
    if not REPORTS.is_file():
        pytest.skip("../shared/data/maverick is not beside this checkout")
    accounts, events = read_maverick(REPORTS)
    sizes = np.unique(events, return_counts=True)[1]
    assert (len(accounts), len(sizes), int((sizes * (sizes - 1) // 2).sum())) == (3_287, 2_200, 3_251)
