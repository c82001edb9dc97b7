"""The benchmark runs, and its peer writes the same rows; how fast is not asserted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
FEW = ROOT / "tests" / "fixtures" / "ged" / "iraq_few.csv"


def test_the_benchmark_of_ged_measures_an_import_beside_its_peer_and_its_growth() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "bench.py"), "ged", str(FEW), "--json"]
    done = subprocess.run([*command, "--repeat", "1", "--growth", "1,3"], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    (file,) = found["files"]
    assert (file["events"], file["rejected"]) == (5, 0)
    assert (file["rows"]["incident"], file["rows"]["claim"]) == (5, 34)
    assert file["ratio"] > 0
    assert [(row["copies"], row["events"]) for row in found["growth"]] == [(1, 5), (3, 15)]
