"""The README's session is real: every command in it is run, and prints what the README says it prints."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, SHARED

README = ROOT / "README.md"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def steps(page: str) -> list[tuple[str, list[str]]]:
    """Each command of a page's console blocks, with the lines it is said to print; ``> `` continues a command."""
    found: list[tuple[str, list[str]]] = []
    for block in BLOCK.findall(page):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif line.startswith("> "):
                command, printed = found[-1]
                found[-1] = (f"{command}\n{line[2:]}", printed)
            else:
                found[-1][1].append(line)
    return found


def matches(printed: list[str], said: list[str]) -> bool:
    """Whether the lines are the same; a line ``...`` in ``said`` stands for any number of lines."""
    if len(said) == 0:
        return len(printed) == 0
    if said[0] == "...":
        return any(matches(printed[start:], said[1:]) for start in range(len(printed) + 1))
    return len(printed) > 0 and printed[0].rstrip() == said[0].rstrip() and matches(printed[1:], said[1:])


def check_session(page: str, tmp_path: Path, *, least: int) -> None:
    """Run every command of a page in a folder of its own, and compare what it prints with what the page says.

    Args:
        page: Markdown text.
        tmp_path: where.
        least: fewer commands mean that the page has lost its session.
    """
    if not (SHARED / "data").is_dir():
        pytest.skip("../shared/data is not beside this checkout")
    work = tmp_path / "work"
    work.mkdir()
    (tmp_path / "shared").symlink_to(SHARED)
    program = Path(sys.executable).parent / "incidents"
    if not program.exists():
        program = Path(shutil.which("incidents") or pytest.fail("the command incidents is not installed"))
    env = os.environ | {
        "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        "INCIDENTS_ACTOR": "A. Recorder",
        "COLUMNS": "160",
        "NO_COLOR": "1",
        "PYTHONUTF8": "1",
    }
    found = steps(page)
    assert len(found) >= least, "the page has lost its session"
    for command, said in found:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=work,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=300,
            check=False,
        )
        printed = done.stdout.rstrip("\n").splitlines()
        assert matches(printed, said), f"$ {command}\nprinted:\n{done.stdout}\nthe page says:\n" + "\n".join(said)


@pytest.mark.xdist_group("readme")
def test_the_session_in_the_readme_is_real(tmp_path: Path) -> None:
    check_session(README.read_text(encoding="utf-8"), tmp_path, least=11)


def test_matching_of_printed_lines_can_fail() -> None:
    assert matches(["a", "b", "c"], ["a", "...", "c"])
    assert not matches(["a", "b", "c"], ["a", "... x"])
    assert not matches(["a"], ["a", "b"])
    assert not matches(["a", "b"], ["a"])
