"""Time and memory of a process, and figures from a process of its own."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SCRIPTS = Path(__file__).resolve().parents[1]


class Clock:
    """Wall and processor time since it was made."""

    def __init__(self) -> None:
        self.wall, self.cpu = time.perf_counter(), time.process_time()

    def read(self) -> dict[str, float]:
        """Both, in seconds."""
        return {"seconds": time.perf_counter() - self.wall, "cpu_seconds": time.process_time() - self.cpu}


def peak_rss_mb() -> float:
    """The most memory this process has had resident, in MB (10^6 bytes)."""
    status = Path("/proc/self/status")
    if status.exists():
        # On Linux ru_maxrss begins with the parent's: a child of a large process would seem large.
        (line,) = [line for line in status.read_text("utf-8").splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) * 1024 / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def child(*arguments: str | Path) -> dict[str, Any]:
    """What `bench_gazetteer.child` prints in a fresh process: its own memory and start are measured, not this one's."""
    command = [sys.executable, str(Path(__file__).with_name("child.py")), *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(SCRIPTS), str(SCRIPTS.parent)])}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def medians(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The median of every number over the runs."""
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def progress(text: str) -> None:
    """Say what is done now, beside the figures."""
    print(time.strftime("%H:%M:%S"), text, file=sys.stderr, flush=True)
