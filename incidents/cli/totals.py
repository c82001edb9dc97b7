"""``incidents total``: how many in several events together, each counted once."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.table import Table
from sqlmodel import Session

from db.cells import neutralise_cell, visible
from db.vocabulary import Category, Outcome
from incidents.areas import country_of, query_area
from incidents.cli.answers import print_json
from incidents.cli.app import console, first_instant, instant, reading
from incidents.cli.groups import AtlasCommand
from incidents.cli.options import (
    AsOfOption,
    BboxOption,
    FromOption,
    InOption,
    NearOption,
    PolygonOption,
    RadiusOption,
    RuleOption,
    TierOption,
    ToOption,
)
from incidents.cli.text import counted
from incidents.ranges import Rule
from incidents.relations import QueryArea
from incidents.tiers import Tier
from incidents.totals.breakdown import By, Part, breakdown
from incidents.totals.records import COLUMNS, PART_COLUMNS, Sheet, part_record
from incidents.totals.scope import Asked, gather
from incidents.totals.tally import Fit, Subject, tally


class Format(StrEnum):
    """What the answer is printed as."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


FormatOption = Annotated[Format, typer.Option("--format", help="How to print the answer.")]
BelligerentsOption = Annotated[
    list[str] | None,
    typer.Option("--belligerent", metavar="ORGANISATION", help="Some source names it or a part of it; repeat."),
]
ReportsOption = Annotated[
    list[str] | None,
    typer.Option("--report", metavar="REPORT", help="Read the figures of this report only; repeat."),
]
SourcesOption = Annotated[
    list[str] | None,
    typer.Option("--source", metavar="ORGANISATION", help="Read the figures of this source only; repeat."),
]


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("total", cls=AtlasCommand)(total_command)


def total_command(
    inside: InOption = None,
    near: NearOption = None,
    radius: RadiusOption = None,
    bbox: BboxOption = None,
    polygon: PolygonOption = None,
    start: FromOption = None,
    end: ToOption = None,
    belligerent: BelligerentsOption = None,
    category: Annotated[Category, typer.Option("--category", help="Who is counted; never mixed.")] = Category.CIVILIAN,
    outcome: Annotated[Outcome, typer.Option("--outcome", help="What befell them.")] = Outcome.KILLED,
    rule: RuleOption = Rule.ENVELOPE,
    report: ReportsOption = None,
    source: SourcesOption = None,
    by: Annotated[By | None, typer.Option("--by", help="In parts; they need not add up to the whole.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Print each claim behind the total.")] = False,
    form: FormatOption = Format.TABLE,
    as_of: AsOfOption = None,
    tier: TierOption = Tier.INTERNAL,
) -> None:
    """How many in several events together: each event once, no part added to its whole, undecided pairs both ways.

    Example: incidents total --in Syria --from 2017-03-01 --to 2017-03-31 --belligerent "US-led Coalition"
    --category civilian --rule envelope
    """
    with reading() as session:
        area, country = place_of(session, inside=inside, near=near, radius=radius, bbox=bbox, polygon=polygon)
        asked = Asked(
            Subject(category, outcome, rule), area=area, countries=country, start=first_instant(start),
            end=instant(end), belligerents=tuple(belligerent or ()), reports=tuple(report or ()),
            sources=tuple(source or ()), as_of=instant(as_of), tier=tier,
        )  # fmt: skip
        sheet = sheet_of(session, asked)
        parts = [] if by is None else breakdown(session, sheet.found, by)
    if form is Format.JSON:
        print_json(sheet.total_record(parts, explain=explain))
    elif form is Format.CSV:
        rows = [part_record(part) for part in parts] if by is not None else sheet.event_records()
        write_csv(PART_COLUMNS if by is not None else COLUMNS, rows)
    else:
        _print(sheet, parts, by, explain=explain)


def place_of(session: Session, *, inside: str | None, **ways: Any) -> tuple[QueryArea | None, frozenset[str]]:
    """The area asked for; of a country without a boundary its code, which incidents carry."""
    country = country_of(session, inside)
    area = query_area(session, inside=inside if country is None else None, **ways)
    return area, frozenset(() if country is None else (country,))


def sheet_of(session: Session, asked: Asked) -> Sheet:
    """The total with all that it is made of."""
    found = gather(session, asked)
    return Sheet(found, tally(found.records(), found.links, asked.subject))


def write_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Records as CSV on standard output; lists are joined with "; ", and no cell is a formula."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row[name]) for name in columns])


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        value = "; ".join(map(str, value))
    return neutralise_cell(value) if isinstance(value, str) else value


def _print(sheet: Sheet, parts: Sequence[Part], by: By | None, *, explain: bool) -> None:
    typer.echo(f"{headline(sheet)}: {sheet.tally.total.text()}")
    for line in remarks(sheet):
        typer.echo(line)
    if by is not None:
        console().print(_part_table(parts, by))
    else:
        console().print(_event_table(sheet))
    if explain:
        for row in sheet.event_records(explain=True):
            typer.echo(visible(f"{row['event']}  {row['name']}: {row['text']}"))
            for claim in row["claims"]:
                typer.echo(visible(claim_line(claim)))


def headline(sheet: Sheet) -> str:
    """What is counted, and by which rule."""
    subject = sheet.found.asked.subject
    what = f"{subject.outcome.value} {subject.category.value}".replace("_", " ")
    return f"{what[0].upper()}{what[1:]}, by {subject.rule.value}, each event once"


def remarks(sheet: Sheet) -> list[str]:
    """How many events, what is undecided and how much that is, and what was left apart."""
    tally, found = sheet.tally, sheet.found
    records = sum(len(event.keys) for event in tally.counted())
    events = f"{counted(sheet.fits(Fit.SURELY), 'event')} surely and {sheet.fits(Fit.POSSIBLY)} possibly in scope"
    lines = [f"{events}, of {counted(records, 'record')}; {tally.without_figure()} without a figure"]
    if len(tally.unsure) > 0:
        both = f"as one event {tally.same.total.text()}, as two {tally.different.total.text()}"
        pairs = ", ".join(f"{pair['first']} and {pair['second']}" for pair in sheet.undecided())
        lines.append(visible(f"{counted(len(tally.unsure), 'undecided pair')}: {both} ({pairs})"))
    if sheet.fits(Fit.UNKNOWN) > 0:
        lines.append(f"{counted(sheet.fits(Fit.UNKNOWN), 'event')} without a place or time to compare, not counted")
    if found.untimed > 0:
        lines.append(f"{counted(found.untimed, 'incident')} without a time left out")
    return lines


def _event_table(sheet: Sheet) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("Event", "Records", "Days", "Figure", "Scope", "Part of", "Why only possibly"):
        table.add_column(title, overflow="fold")
    for row in sheet.event_records():
        days = " to ".join(dict.fromkeys(day for day in (row["first_day"], row["last_day"]) if day is not None))
        cells = [row["event"], ", ".join(row["records"]), days, row["text"], row["fit"], row["part_of"] or ""]
        table.add_row(*(visible(cell) for cell in (*cells, "; ".join(row["why"]))))
    return table


def _part_table(parts: Sequence[Part], by: By) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in (by.value.capitalize(), "Figure", "Surely", "Possibly", "Without a figure", "Undecided pairs"):
        table.add_column(title, overflow="fold")
    for row in map(part_record, parts):
        counts = (row["surely"], row["possibly"], row["without_figure"], row["unsure_pairs"])
        table.add_row(visible(row["label"]), row["text"], *map(str, counts))
    return table


def claim_line(claim: Mapping[str, Any]) -> str:
    """A claim on one line: used or left out, figure, words, source, date, report, code."""
    words = f" “{claim['words']}”" if claim["words"] and claim["words"] != claim["figure"] else ""
    stated = f", {claim['stated']}" if claim["stated"] else ""
    why = f" – {claim['why']}" if claim["why"] else ""
    what = f"{claim['category'].replace('_', ' ')} {claim['figure']}{words}"
    return (
        f"  {claim['use'].replace('_', ' '):<9} {what} – {claim['source']}{stated} "
        f"[{claim['report']}] {claim['claim']}{why}"
    )
