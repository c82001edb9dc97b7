"""``incidents import`` and ``incidents load``: records in bulk."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from db.settings import settings
from incidents.cli.app import ByOption, measuring, new_app, reading, recording, the_database
from incidents.importers.ged import import_ged
from incidents.importers.own_csv import import_csv
from incidents.importers.own_geojson import import_geojson
from incidents.importers.rows import Outcome
from incidents.importers.runs import find_run, kept_rows, list_runs, summary
from incidents.named import load_named

import_app = new_app("Read incidents from a file. Reading it again changes nothing; rows that are refused are kept.")
load_app = new_app("Load records that come with the product.")

PartialOption = Annotated[bool, typer.Option("--partial", help="Take the good rows and keep the bad ones aside.")]


@load_app.command("named")
def named_command(by: ByOption = None) -> None:
    """Record the named incidents: Mosul on 17 March 2017, the Raqqa school, Al Jinah, the Aleppo mosque.

    Example: incidents load named
    """
    with recording(by, "the named incidents that come with the product") as session:
        counts = load_named(session)
    added = [f"{count} {kind}" for kind, count in asdict(counts).items() if count > 0]
    typer.echo("named incidents: " + (", ".join(added) + " added" if len(added) > 0 else "nothing new"))


@import_app.command("ged")
def ged_command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="UCDP GED files (CSV, 41 or 45 columns).")],
    why: Annotated[str | None, typer.Option("--why", help="Default: that the file was imported.")] = None,
    by: ByOption = None,
) -> None:
    """Read events of UCDP's Georeferenced Event Dataset. Each becomes an incident with UCDP's claims.

    A newer file supersedes what it changes. An interrupted import keeps whole batches; run it again to finish.

    Example: incidents import ged ged191.csv
    """
    for file in files:
        with measuring(file.name) as progress:
            counts = import_ged(the_database(), file, who=by or settings().who(), why=why, progress=progress)
        with reading() as session:
            typer.echo(summary(find_run(session, counts.run_id)))
        for name, reasons in (("flagged", counts.flags), ("rejected", counts.rejections)):
            for reason, count in sorted(reasons.items()):
                typer.echo(f"  {name} {reason}: {count:,}")


@import_app.command("csv")
def csv_command(
    incidents: Annotated[Path, typer.Argument(metavar="INCIDENTS.csv", help="One row an incident.")],
    claims: Annotated[Path | None, typer.Option("--claims", help="A file of one row a claim.")] = None,
    encoding: Annotated[str | None, typer.Option("--encoding", help="Only if it is not UTF-8, e.g. cp1256.")] = None,
    create_sources: Annotated[
        bool, typer.Option("--create-sources", help="Record unknown sources and reports.")
    ] = False,
    partial: PartialOption = False,
    why: Annotated[str | None, typer.Option("--why")] = None,
    by: ByOption = None,
) -> None:
    """Read incidents, and claims, from CSV files as `incidents export` writes them, or as you fill them in.

    Example: incidents import csv incidents.csv --claims claims.csv --by "A. Recorder"
    """
    with recording(by, why or f"import of {incidents.name}") as session:
        outcome = import_csv(
            session, incidents, claims, encoding=encoding, create_sources=create_sources, partial=partial
        )
        line = _outcome(outcome)
    typer.echo(line)


@import_app.command("geojson")
def geojson_command(
    file: Annotated[Path, typer.Argument(metavar="FILE.geojson", help="As `incidents export` writes it.")],
    partial: PartialOption = False,
    why: Annotated[str | None, typer.Option("--why")] = None,
    by: ByOption = None,
) -> None:
    """Read incidents with everything said of them from our own GeoJSON.

    Example: incidents import geojson partner.geojson
    """
    with recording(by, why or f"import of {file.name}") as session:
        line = _outcome(import_geojson(session, file, partial=partial))
    typer.echo(line)


@import_app.command("log")
def log_command(
    run: Annotated[int | None, typer.Argument(help="Number of a run; left out, all runs are listed.")] = None,
) -> None:
    """List the import runs, or the rows that one of them rejected or flagged, with line and reason.

    Example: incidents import log 3
    """
    with reading() as session:
        if run is None:
            for found in list_runs(session):
                typer.echo(f"{found.id}  {found.file_format}  {summary(found)}")
            return
        for row in kept_rows(session, run):
            typer.echo(f"line {row.line}  {row.verdict.value}  {row.reason}: {row.message}")


def _outcome(outcome: Outcome) -> str:
    kept = f" (kept aside: incidents import log {outcome.run_id})" if len(outcome.rejected) > 0 else ""
    derived = f"; worked out, not read: {', '.join(outcome.ignored)}" if len(outcome.ignored) > 0 else ""
    return (
        f"{outcome.read:,} rows read, {outcome.added:,} added, {outcome.unchanged:,} unchanged, "
        f"{len(outcome.rejected):,} rejected{kept}{derived}"
    )
