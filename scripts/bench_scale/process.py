"""Measured processes: one of ours for a task, or another program; the peak memory is that of the process itself."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

SCRIPTS = Path(__file__).resolve().parents[1]
POLL_S = 0.02

Figures = dict[str, Any]


def child(task: str, **arguments: Any) -> Figures:
    """What a task of :mod:`bench_scale.child` answers, run in a fresh process.

    Args:
        task: ``module:function``.
        arguments: of the function; what JSON can hold.
    """
    command = [sys.executable, str(Path(__file__).with_name("child.py")), task]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(SCRIPTS), str(SCRIPTS.parent)])}
    # Not on the command line: one argument holds at most 128 KiB, and six polygons have more.
    given = json.dumps(arguments)
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, input=given)
    if done.returncode != 0:
        sys.exit(f"{task} failed:\n{done.stderr}")
    found: Figures = json.loads(done.stdout.splitlines()[-1])
    return found


def run(*command: str | Path) -> Figures:
    """Run another program; seconds, processor seconds, and the peak of its memory in MB (10^6 bytes)."""
    started, before = time.perf_counter(), _spent_by_children()
    texts = [str(part) for part in command]
    with subprocess.Popen(texts, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as running:
        peak = 0
        while running.poll() is None:
            # ru_maxrss would begin with the memory of this process, which started the program.
            peak = max(peak, peak_kib(running.pid))
            time.sleep(POLL_S)
        seconds = time.perf_counter() - started
        said = "" if running.stderr is None else running.stderr.read()
    if running.returncode != 0:
        sys.exit(f"{' '.join(texts)} failed:\n{said}")
    spent = _spent_by_children() - before
    return {"seconds": seconds, "cpu_seconds": spent, "peak_rss_mb": peak * 1024 / 1e6}


def _spent_by_children() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def peak_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    except OSError:
        return 0  # it has just ended, or this is not Linux
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def repeated(times: int, *works: Callable[[], Figures], first: Figures | None = None) -> list[Figures]:
    """The medians of several works, run by turns so that all of them meet the same load of the machine.

    Args:
        times: runs of each.
        works: what is run.
        first: figures of a run that the first of them has had already; it counts.
    """
    runs: list[list[Figures]] = [[] for _ in works]
    for turn in range(times):
        for number, work in enumerate(works):
            runs[number].append(first if first is not None and (turn, number) == (0, 0) else work())
    return [medians(found) for found in runs]


def medians(runs: Sequence[Figures]) -> Figures:
    """The median of every number over the runs; of anything else, what the first run had."""
    return {
        name: statistics.median(run[name] for run in runs) if isinstance(value, int | float) else value
        for name, value in runs[0].items()
    }
