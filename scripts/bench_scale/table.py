"""The measures as a table for the terminal and for docs/performance.md, and as JSON."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench_scale.figures import Measure, Rule, figure

HEADER = ("work", "incidents", "edition", "ours", "peer", "", "ratio", "by processor", "bar", "")
START, END = "<!-- measured: start -->", "<!-- measured: end -->"
Machine = dict[str, Any]


def as_json(measures: list[Measure], machine: Machine) -> dict[str, Any]:
    """All of it, for `json.dumps`."""
    return {"machine": machine, "measures": [asdict(one) | {"bar_text": one.bar_text()} for one in measures]}


def from_json(found: dict[str, Any]) -> list[Measure]:
    """The measures that :func:`as_json` wrote."""
    given = {one.name for one in fields(Measure)} - {"ratio", "met"}
    measures = []
    for record in found["measures"]:
        kept = {name: value for name, value in record.items() if name in given}
        both = kept["processor"]
        processor = None if both is None else (both[0], both[1])
        measures.append(Measure(**kept | {"rule": Rule(kept["rule"]), "processor": processor}))
    return measures


def cells(one: Measure) -> tuple[str, ...]:
    """A measure as a row of ``HEADER``."""
    return (
        one.work, f"{one.size:,}", one.edition, figure(one.ours, one.unit), one.peer, figure(one.theirs, one.unit),
        "" if one.ratio is None else f"{one.ratio:.3g}×", one.processor_text(), one.bar_text(), one.verdict(),
    )  # fmt: skip


def machine_text(machine: Machine) -> str:
    """Where and when it was measured."""
    return ", ".join(f"{name} {value}" for name, value in machine.items())


def score(measures: list[Measure]) -> str:
    """How many bars are met."""
    judged = [one.met for one in measures if one.met is not None]
    return f"{sum(judged)} of {len(judged)} bars met"


def show(measures: list[Measure], machine: Machine) -> None:
    """Print the table for people."""
    console = Console(highlight=False, width=None if Console().is_terminal else 200)
    console.print(machine_text(machine), markup=False)
    table = Table(*HEADER)
    for one in measures:
        table.add_row(*cells(one))
    console.print(table)
    for note in _notes(measures):
        console.print(f"  {note}", markup=False)
    console.print(score(measures), markup=False)


def _notes(measures: list[Measure]) -> list[str]:
    found = [f"{one.work}, {one.size:,}, {one.edition}: {note}" for one in measures for note in one.notes]
    return list(dict.fromkeys(found))


def write_docs(path: Path, measures: list[Measure], machine: Machine) -> None:
    """Put the table between the markers of ``path``.

    Raises:
        ValueError: the file has no markers.
    """
    before, start, rest = path.read_text("utf-8").partition(START)
    _, end, after = rest.partition(END)
    if start == "" or end == "":
        raise ValueError(f"{path} has no {START} and {END}.")
    path.write_text(f"{before}{START}\n{_markdown(measures, machine)}\n{END}{after}", encoding="utf-8")


def _markdown(measures: list[Measure], machine: Machine) -> str:
    lines = [f"Measured: {machine_text(machine)}. {score(measures)}.", ""]
    lines += [_line(HEADER), _line(("---",) * len(HEADER))]
    lines += [_line(cells(one)) for one in measures]
    return "\n".join([*lines, "", *(f"* {note}" for note in _notes(measures))])


def _line(texts: tuple[str, ...]) -> str:
    return f"| {' | '.join(texts)} |"
