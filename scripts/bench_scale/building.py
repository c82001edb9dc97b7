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
        _filled(case).unlink(missing_ok=True)
        marker.write_text(json.dumps(_loaded(case)), encoding="utf-8")
    found = json.loads(marker.read_text("utf-8"))
    ours, theirs, runs = found["ours"], found["theirs"], found["runs"]
    notes = [
        f"{ours['incidents']:,} incidents and {ours['claims']:,} claims, {ours['rejected']} rows refused; "
        f"the peer writes {theirs['rows']:,} rows",
        "ours reads and checks two CSV files, keeps journal triggers, and derives the indexes of places and words",
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


def fill(case: Case) -> list[Measure]:
    """Complete the loaded database of ``case`` for the other measures: the rest of the set, and all that is derived.

    PostgreSQL is filled by a copy of the SQLite database of the same size, where there is one: it takes a fraction of
    the time that importing and deriving the same rows again does.
    """
    marker = _filled(case)
    if not marker.exists():
        twin = _twin(case)
        done = _complete(case) if twin is None else _copied(case, twin)
        if case.server is not None and case.edition != SQLITE:
            case.server.execute("VACUUM ANALYZE", name=_name(case))
        marker.write_text(json.dumps(done), encoding="utf-8")
    found = json.loads(marker.read_text("utf-8"))
    return [Measure(NAME, found["work"], case.size, case.edition, found["seconds"], "s", notes=[found["note"]])]


def _filled(case: Case) -> Path:
    return case.folder / f"filled-{case.edition}.json"


def _twin(case: Case) -> Path | None:
    """The SQLite database of the same size, if it is complete."""
    if case.edition == SQLITE or not (case.folder / f"filled-{SQLITE}.json").exists():
        return None
    return sqlite_path(case.folder)


def sqlite_path(folder: Path) -> Path:
    """Where the SQLite database of a size lies."""
    return folder / "incidents.db"


def _complete(case: Case) -> Figures:
    rich = child("loading:load_rich", url=case.url, files=[str(path) for path in case.files.rich])
    rebuilt = child("loading:make_ready", url=case.url)
    progress(
        f"{case.size:,} {case.edition}: {rich['incidents']:,} incidents from GeoJSON in {rich['seconds']:.1f} s, "
        f"derived rows in {rebuilt['seconds']:.1f} s"
    )
    note = f"{rebuilt['incidents']:,} incidents, peak memory {rebuilt['peak_rss_mb']:.0f} MB"
    return {"work": "incidents db rebuild", "seconds": rebuilt["seconds"], "note": note}


def _copied(case: Case, twin: Path) -> Figures:
    _empty(case)
    found = child("loading:copy_all", source=f"sqlite:///{twin}", target=case.url)
    progress(f"{case.size:,} {case.edition}: {found['rows']:,} rows copied in {found['seconds']:.1f} s")
    note = f"{found['rows']:,} rows from SQLite, peak memory {found['peak_rss_mb']:.0f} MB"
    return {"work": "incidents db copy", "seconds": found["seconds"], "note": note}


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
    return {"ours": medians(ours), "theirs": medians(theirs), "runs": case.loads}


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
