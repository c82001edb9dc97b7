"""The notebook of docs/ is real: it runs from its first cell to its last, and draws what it says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.conftest import ROOT

NOTEBOOK = ROOT / "docs" / "analysis.ipynb"

# Another process: the kernel talks over the loopback, which tests may not.
EXECUTE = """
import sys, nbformat
from nbclient import NotebookClient

notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[2])
"""


@pytest.mark.long
def test_the_notebook_runs_and_draws_a_map_and_a_chart(tmp_path: Path) -> None:
    done = tmp_path / "done.ipynb"
    subprocess.run([sys.executable, "-c", EXECUTE, NOTEBOOK, done], check=True, cwd=tmp_path)
    cells = nbformat.read(done, as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    assert [output.text for output in outputs if output.output_type == "stream"] == []
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 2
    texts = [output["data"]["text/plain"] for output in outputs if "text/plain" in output.get("data", {})]
    assert any("2017-03" in text and "without a number" in text for text in texts)
    assert texts[-1] == "['incidents.gpkg', 'incidents.parquet']"


def test_the_notebook_is_kept_without_outputs() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(code) > 5
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
