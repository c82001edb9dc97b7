"""Manners of all commands: errors without a traceback, pipes that close early, examples that can be pasted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import incidents.cli.database
from db.engine import Database
from incidents.cli.groups import WIDTH, with_example
from tests.conftest import ROOT

PROGRAM = "from incidents.cli.main import main; main()"


def test_an_example_is_folded_before_options_only() -> None:
    text = with_example('Do it.\n\nExample: incidents add one --name "a b" ' + " ".join(["--alias 'x y'"] * 9))
    lines = text.partition("Example:")[2].split("\n")
    assert all(line.endswith(" \\") for line in lines[:-1])
    assert all(len(line) <= WIDTH + 2 for line in lines)
    assert all(line.startswith("    --alias") for line in lines[1:])
    assert with_example("No example.") == "No example."


def test_an_interrupted_command_says_so(run: Any, world: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(incidents.cli.database, "info", stop)
    assert "Interrupted" in run("db", "info", exits=130).stderr


@pytest.mark.parametrize(
    "command",
    [
        "show raqqa-school --explain",  # many lines, each flushed
        "export -",  # bytes, in large pieces
        "find --format csv",
        "organisation list",
    ],
)
def test_a_reader_that_stops_early_is_no_error(command: str, world: Database) -> None:
    line = f'"{sys.executable}" -c "{PROGRAM}" {command} | head -1; exit ${{PIPESTATUS[0]}}'
    done = subprocess.run(
        ["bash", "-c", line], cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False
    )
    assert len(done.stdout.splitlines()) == 1
    assert "Error" not in done.stderr
    assert "Exception" not in done.stderr
    assert done.returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("command", ["find", "find --format json", "export -"])
def test_standard_output_on_a_full_disk_is_told_in_one_line(command: str, world: Database) -> None:
    line = f'"{sys.executable}" -c "{PROGRAM}" {command} >/dev/full'
    done = subprocess.run(
        ["bash", "-c", line], cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False
    )
    assert done.returncode == 5
    assert done.stderr.startswith("[system_error] ")
    assert "Traceback" not in done.stderr
