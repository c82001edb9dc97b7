"""``incidents contradictions`` and ``ledger``: what the data say against each other; do monthly books add up?"""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

import typer
from rich.table import Table

from db.cells import visible
from incidents.cli.answers import print_json
from incidents.cli.app import console, reading
from incidents.cli.groups import AtlasCommand
from incidents.cli.options import TierOption
from incidents.cli.text import counted
from incidents.cli.totals import Format, FormatOption, write_csv
from incidents.contradictions.clash import Clash, Kind
from incidents.contradictions.listing import contradictions
from incidents.tiers import Tier
from incidents.totals.books import CLOSINGS, Book, books
from incidents.totals.published import published, standing_of

COLUMNS = ("kind", "about", "reason", "claims")
BOOK_COLUMNS = (
    "source", "period", "before", "received", "reopened", "closed", "credible", "non_credible", "duplicate", "after",
    "problems", "claims",
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command("contradictions", cls=AtlasCommand)(contradictions_command)
    app.command("ledger", cls=AtlasCommand)(ledger_command)


def contradictions_command(
    kind: Annotated[list[Kind] | None, typer.Option("--kind", help="Only of this kind; repeat.")] = None,
    about: Annotated[
        str | None, typer.Option("--about", metavar="TEXT", help="Only those of this event's code or source's name.")
    ] = None,
    form: FormatOption = Format.TABLE,
    tier: TierOption = Tier.INTERNAL,
) -> None:
    """List what the recorded data say against each other, each with the claims and the reason.

    Example: incidents contradictions --kind parts_miss --format json
    """
    with reading() as session:
        found = contradictions(session, tier=tier)
    shown = [one for one in found if (not kind or one.kind in kind) and (about is None or about in one.about)]
    if form is Format.JSON:
        print_json(list(map(_record, shown)))
    elif form is Format.CSV:
        write_csv(COLUMNS, map(_record, shown))
    else:
        _print(shown)


def _record(one: Clash) -> dict[str, Any]:
    return {"kind": one.kind.value, "about": one.about, "reason": one.reason, "claims": list(one.claims)}


def _print(shown: list[Clash]) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 1, 0))
    for title in ("Kind", "About", "Reason", "Claims"):
        table.add_column(title, overflow="fold")
    for one in shown:
        cells = (one.kind.value, one.about, one.reason, ", ".join(one.claims))
        table.add_row(*(visible(cell) for cell in cells))
    console().print(table)
    kinds = ", ".join(f"{count} {kind.value}" for kind, count in Counter(one.kind for one in shown).items())
    typer.echo(f"{counted(len(shown), 'contradiction')}{': ' if kinds else ''}{kinds}")


def ledger_command(form: FormatOption = Format.TABLE, tier: TierOption = Tier.INTERNAL) -> None:
    """Print the monthly books of authorities: reports open before + received - closed = open after, and where not.

    Example: incidents ledger --format csv
    """
    with reading() as session:
        found = books(standing_of(published(session, tier=tier)))
    rows = list(map(_book_record, found))
    if form is Format.JSON:
        print_json(rows)
    elif form is Format.CSV:
        write_csv(BOOK_COLUMNS, rows)
    else:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for title in ("Authority", "Month", "Open before", "Received", "Closed", "Open after", "Check"):
            table.add_column(title, overflow="fold")
        for row in rows:
            numbers = (row["before"], row["received"], _closings(row), row["after"])
            cells = ["" if number is None else str(number) for number in numbers]
            table.add_row(visible(row["source"]), row["period"], *cells, "; ".join(row["problems"]) or "holds")
        console().print(table)


def _closings(row: dict[str, Any]) -> str:
    known = [f"{row[name]} {name}" for name in ("credible", "non_credible", "duplicate") if row[name] is not None]
    return f"{row['closed']} ({', '.join(known)})" if known else f"{row['closed']}"


def _book_record(book: Book) -> dict[str, Any]:
    findings = {outcome.value.removeprefix("reports_"): book.findings.get(outcome) for outcome in CLOSINGS}
    return {
        "source": book.source, "period": book.period, "before": book.before, "received": book.received,
        "reopened": book.reopened, "closed": book.closed, **findings, "after": book.after,
        "problems": list(book.problems()), "claims": list(book.claims),
    }  # fmt: skip
