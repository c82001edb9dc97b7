"""The figures as one structure, and the tables printed from it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

from rich.console import Console
from rich.markup import escape
from rich.table import Table

Value: TypeAlias = float | int | str | list[float] | None
"""A figure, two of one kind (distinct texts, weighted by events), words, or nothing."""

OURS = "ours"


@dataclass
class Row:
    """One measure.

    Attributes:
        what: was measured.
        values: by who was measured; ours first.
        bar: that ours is to reach.
        at_most: whether the bar is an upper limit.
        met: whether ours reaches the bar; None where there is none.
    """

    what: str
    values: dict[str, Value]
    bar: Value = None
    at_most: bool = False
    met: bool | None = None

    def __post_init__(self) -> None:
        if self.bar is not None and self.values.get(OURS) is not None:
            self.met = reaches(self.values[OURS], self.bar, at_most=self.at_most)


@dataclass
class Section:
    """Measures of one kind.

    Attributes:
        title: what they are, with units.
        rows: the measures.
        notes: how they were had, one sentence each.
        lists: longer lists that belong to them, by title.
    """

    title: str
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    lists: dict[str, list[str]] = field(default_factory=dict)

    def add(
        self, what: str, ours: Value, *, bar: Value = None, at_most: bool = False, peers: dict[str, Value] | None = None
    ) -> None:
        """Add a measure of ours, with its peers'."""
        self.rows.append(Row(what, {OURS: ours} | (peers or {}), bar, at_most))


def reaches(ours: Value, bar: Value, *, at_most: bool) -> bool:
    """Whether every figure of ours reaches the one of the bar, as it is printed: rounding is no miss and no merit."""
    pairs = zip(_numbers(ours), _numbers(bar), strict=True)
    return all(mine <= limit if at_most else mine >= limit for mine, limit in pairs)


def _numbers(value: Value) -> list[float]:
    if isinstance(value, list):
        return value
    if isinstance(value, int | float):
        return [float(value)]
    raise TypeError(f"{value!r} is no figure to compare.")


def as_json(sections: list[Section], machine: dict[str, Any]) -> dict[str, Any]:
    """All of it, for `json.dumps`."""
    return {"machine": machine, "sections": [asdict(section) for section in sections]}


def show(figures: dict[str, Any]) -> None:
    """Print what `as_json` returned, for people."""
    console = Console(highlight=False, width=None if Console().is_terminal else 150)
    console.print(", ".join(f"{name} {value}" for name, value in figures["machine"].items()))
    for section in figures["sections"]:
        console.print(f"\n[bold]{escape(section['title'])}[/bold]")
        console.print(_table(section))
        for note in section["notes"]:
            console.print(f"  {note}", markup=False)
        for title, lines in ((title, lines) for title, lines in section["lists"].items() if lines):
            console.print(f"  {title}:", markup=False)
            for line in lines:
                console.print(f"    {line}", markup=False)
    bars = [row for section in figures["sections"] for row in section["rows"] if row["met"] is not None]
    console.print(f"\n{sum(row['met'] for row in bars)} of {len(bars)} bars met")


def _table(section: dict[str, Any]) -> Table:
    columns = list(dict.fromkeys(name for row in section["rows"] for name in row["values"]))
    with_bars = any(row["bar"] is not None for row in section["rows"])
    table = Table()
    table.add_column("")
    for name in (*columns, *(("bar", "met") if with_bars else ())):
        table.add_column(name, justify="right")
    for row in section["rows"]:
        cells = [_text(row["values"].get(name)) for name in columns]
        if with_bars:
            limit = "" if row["bar"] is None else ("≤ " if row["at_most"] else "≥ ") + _text(row["bar"])
            cells += [limit, {None: "", True: "yes", False: "NO"}[row["met"]]]
        table.add_row(row["what"], *cells)
    return table


def _text(value: Value) -> str:
    if value is None:
        return "-"
    if isinstance(value, list):
        return " / ".join(_text(one) for one in value)
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}" if abs(value) < 1 else f"{value:.1f}"
    return f"{value:,}" if isinstance(value, int) else value
