"""The session of docs/gazetteer.md is real: every command in it is run, and prints what the page says it prints."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, SHARED
from tests.test_readme import BLOCK, matches

PAGE = ROOT / "docs" / "gazetteer.md"


def steps(page: str) -> list[tuple[str, list[str]]]:
    """Each command of the console blocks, with the lines it is said to print; ``> `` continues a command."""
    found: list[tuple[str, list[str]]] = []
    for line in (line for block in BLOCK.findall(page) for line in block.splitlines()):
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif line.startswith("> "):
            command, printed = found[-1]
            found[-1] = (f"{command}\n{line[2:]}", printed)
        else:
            found[-1][1].append(line)
    return found


@pytest.mark.xdist_group("readme")
def test_the_session_of_the_page_is_real(tmp_path: Path) -> None:
    if not (SHARED / "data").is_dir():
        pytest.skip("../shared/data is not beside this checkout")
    work = tmp_path / "work"
    work.mkdir()
    (tmp_path / "shared").symlink_to(SHARED)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    told = {"PATH": path, "INCIDENTS_ACTOR": "A. Recorder", "COLUMNS": "160", "NO_COLOR": "1", "PYTHONUTF8": "1"}
    env = {name: value for name, value in os.environ.items() if name != "INCIDENTS_DATABASE_URL"} | told
    found = steps(PAGE.read_text(encoding="utf-8"))
    assert len(found) > 40, "the page has lost its session"
    for command, said in found:
        done = subprocess.run(
            ["bash", "-c", command], cwd=work, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            stdin=subprocess.DEVNULL, timeout=300, check=False,
        )  # fmt: skip
        printed = done.stdout.rstrip("\n").splitlines()
        assert matches(printed, said), f"$ {command}\nprinted:\n{done.stdout}\nthe page says:\n" + "\n".join(said)
