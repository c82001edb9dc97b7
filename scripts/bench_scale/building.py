"""Measures the bulk load, and leaves the loaded database to the other measures."""

from __future__ import annotations

import json
from pathlib import Path

from bench_gazetteer.clock import progress

from bench_scale.case import SQLITE, Case
from bench_scale.figures import Measure, Rule
from bench_scale.process import Figures, child, medians
from bench_scale.server import new_database

NAME = "load"
BAR, MEMORY_MB = 4.0, 500.0


def load(case: Case, *, again: bool) -> list[Measure]:
    """Load the database of ``case`` and its peer; one that is there is kept, with its figures, unless ``again``."""
    marker = case.folder / f"loaded-{case.edition}.json"
    if again or not marker.exists():
        marker.unlink(missing_ok=True)
        marker.write_text(json.dumps(_loaded(case)), encoding="utf-8")
    found = json.loads(marker.read_text("utf-8"))
    ours, theirs, runs = found["ours"], found["theirs"], found["runs"]
    notes = [
        f"{ours['incidents']:,} incidents and {ours['claims']:,} claims, {ours['rejected']} rows refused; "
        f"the peer writes {theirs['rows']:,} rows",
        "ours reads and checks two CSV files, keeps journal triggers, and derives the indexes of places and words",
        f"not in it: incidents db rebuild makes all derived rows, ready features too, in {found['rebuild']:.0f} s",
    ]
    peer = "executemany" if case.edition == SQLITE else "COPY"
    work = "bulk load of incidents and claims"
    seconds = Measure(
        NAME, work, case.size, case.edition, ours["seconds"], "s", f"the same rows by {peer}", theirs["seconds"],
        Rule.WITHIN, BAR, runs, notes, case.processor(ours, theirs),
    )  # fmt: skip
    memory = Measure(
        NAME, f"{work}: peak memory", case.size, case.edition, ours["peak_rss_mb"], "MB", rule=Rule.AT_MOST,
        bar=MEMORY_MB, runs=runs,
    )  # fmt: skip
    return [seconds, memory]


def _loaded(case: Case) -> Figures:
    ours: list[Figures] = []
    theirs: list[Figures] = []
    for run in range(case.loads):
        _empty(case)
        child("loading:prepare", url=case.url, sources=str(case.files.sources))
        files = {"incidents": str(case.files.incidents), "claims": str(case.files.claims)}
        ours.append(child("loading:load_csv", url=case.url, **files))
        theirs.append(_raw(case))
        progress(
            f"{case.size:,} {case.edition}: load {run + 1} of {case.loads} in {ours[-1]['seconds']:.1f} s, "
            f"the peer in {theirs[-1]['seconds']:.1f} s"
        )
    child("loading:load_rich", url=case.url, files=[str(path) for path in case.files.rich])
    rebuilt = child("loading:make_ready", url=case.url)
    if case.server is not None and case.edition != SQLITE:
        case.server.execute("VACUUM ANALYZE", name=_name(case))
    return {"ours": medians(ours), "theirs": medians(theirs), "runs": case.loads, "rebuild": rebuilt["seconds"]}


def _name(case: Case) -> str:
    return f"atlas_{case.size}"


def _empty(case: Case) -> None:
    if case.edition == SQLITE:
        remove(case.path)
    elif case.server is not None:
        new_database(case.server, _name(case))


def _raw(case: Case) -> Figures:
    if case.edition == SQLITE or case.server is None:
        target = case.folder / "raw.db"
        found = child("loading:raw_sqlite", source=str(case.path), target=str(target))
        remove(target)
        return found
    name = f"raw_{case.size}"
    found = child("loading:raw_copy", source=case.url, target=new_database(case.server, name), folder=str(case.folder))
    case.server.execute(f'DROP DATABASE "{name}"')
    return found


def remove(path: Path) -> None:
    """Delete a SQLite database with what stands beside it."""
    for end in ("", "-wal", "-shm", ".lock"):
        Path(f"{path}{end}").unlink(missing_ok=True)
