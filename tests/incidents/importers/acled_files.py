"""Files as ACLED gives them out, for tests; all rows are made up."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.conftest import ROOT

MADE_UP = ROOT / "tests" / "fixtures" / "acled_made_up.csv"


def write_changed(path: Path, **values: str) -> Path:
    """Write the made-up file with other values in its first row."""
    with MADE_UP.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0] |= values
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path
