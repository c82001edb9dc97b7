"""Sessions in Markdown pages: their commands are run, and print what the page says they print.

A page has up to a hundred commands: those of this product are forks, see :mod:`tests.forks`. What needs a shell (a
pipe, a here-document, another program) goes to bash, which runs the installed program.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import SHARED
from tests.forks import Place, become_the_program, started

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHELL = re.compile(r"[|<>;&$`*?~#!(){}\[\]\\\n]")
"""A character that makes a line one for a shell, also where it stands in quotes."""
TIMEOUT_S = 300


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
    place = _place(tmp_path)
    found = steps(page)
    assert len(found) >= least, "the page has lost its session"
    for command, said in found:
        printed = run(command, place)
        assert matches(printed.rstrip("\n").splitlines(), said), (
            f"$ {command}\nprinted:\n{printed}\nthe page says:\n" + "\n".join(said)
        )


def _place(tmp_path: Path) -> Place:
    folder = tmp_path / "work"
    folder.mkdir()
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
    return Place(folder, env)


def run(command: str, place: Place) -> str:
    """What a command of a page prints, to standard output and error as they come."""
    if command.startswith("incidents ") and SHELL.search(command) is None:
        return _forked(command, place)
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=place.folder,
        env=place.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=TIMEOUT_S,
        check=False,
    )
    return done.stdout


def _forked(command: str, place: Place) -> str:
    """What the program prints, run in a fork of the process that has imported it."""
    # Beside the folder, not in it: a page may list what is there.
    output = place.folder.parent / "printed.txt"
    child = started(become_the_program, shlex.split(command), place, output)
    child.join(TIMEOUT_S)
    ended = child.exitcode is not None
    if not ended:
        child.kill()
        child.join()
    child.close()
    assert ended, f"$ {command}\ndid not end"
    return output.read_text(encoding="utf-8")
