"""Speed, start and memory, each in a process of its own."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

from bench_gazetteer.accuracy import SETS
from bench_gazetteer.clock import child, medians, progress
from bench_gazetteer.figures import Section

ASKED = {"SY": "Aleppo", "IQ": "Mosul", "-": "Mosul"}
NL_ASKED = 1_000


def measure(database: Path, folder: Path, evaluate: ModuleType, split: str, repeat: int) -> Section:
    """Look-ups, answers, the first answer and memory on the two countries."""
    section = Section(f"7. Speed, medians of {repeat}, one process each")
    files = {name: _questions(folder / f"{name}.jsonl", evaluate.load(name, split)) for name in SETS}
    run = medians([child("keys", database, files["ucdp_sy"]) for _ in range(repeat)])
    section.add("exact key, made from the text, look-ups a second", run["made"], bar=20_000)
    section.add("exact key, given, look-ups a second", run["given"])
    section.add("folded key by SQL, look-ups a second", run["sql"])
    for name, file in files.items():
        for mode in ("ctx", "none"):
            run = medians([child("answers", database, file, mode) for _ in range(repeat)])
            section.add(f"locate, {name} {mode}, a second", run["per_s"], bar=500)
            section.add(f"locate, {name} {mode}, a processor second", run["per_cpu_s"])
            what = f"locate, {name} {mode}, peak MB, both countries read"
            section.add(what, run["peak_rss_mb"], bar=200, at_most=True)
            progress(f"answers of {name} {mode}: {run['per_s']:,.0f} a second")
    for country, text in ASKED.items():
        run = medians([child("cold", database, country, text) for _ in range(repeat)])
        _add_cold(section, "both countries" if country == "-" else country, run)
    section.notes.append("The first answer counts from opening the database; the imports before it stand apart.")
    return section


def _add_cold(section: Section, what: str, run: dict[str, Any]) -> None:
    section.add(f"cold start, {what}: first answer, seconds", run["first_seconds"], bar=0.5, at_most=True)
    section.add(f"cold start, {what}: importing the libraries, seconds", run["import_seconds"])
    section.add(f"cold start, {what}: second answer, seconds", run["second_seconds"])
    section.add(f"cold start, {what}: peak MB", run["peak_rss_mb"], bar=200, at_most=True)


def growth(databases: dict[int, Path], data: Path, folder: Path, repeat: int) -> Section:
    """The search on NL.txt once, twice and four times: each name has as many places."""
    section = Section("7b. Growth of the search: NL.txt, its places again under other keys")
    lines = (data / "NL.txt").read_text("utf-8").splitlines()
    names = [cells[1] for cells in (line.split("\t") for line in lines) if cells[6] == "P"]
    sample = names[:: len(names) // NL_ASKED][:NL_ASKED]
    file = _questions(folder / "nl.jsonl", [{"text": name, "country": "NL"} for name in sample])
    for copies, database in databases.items():
        run = medians([child("cold", database, "NL", "Amsterdam") for _ in range(repeat)])
        section.add(f"{copies}x: first answer, seconds", run["first_seconds"])
        section.add(f"{copies}x: peak MB", run["peak_rss_mb"])
        run = medians([child("keys", database, file) for _ in range(repeat)])
        section.add(f"{copies}x: exact key look-ups a second", run["made"])
        run = medians([child("answers", database, file, "ctx") for _ in range(repeat)])
        section.add(f"{copies}x: locate, country given, a second", run["per_s"])
        section.add(f"{copies}x: peak MB after {NL_ASKED:,} answers", run["peak_rss_mb"])
        progress(f"search on NL.txt {copies}x")
    return section


def _questions(file: Path, rows: list[dict[str, Any]]) -> Path:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file
