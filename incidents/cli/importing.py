"""``incidents import`` and ``incidents load``: records in bulk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import Session

from db.cells import visible
from db.derived import refresh_touched
from db.errors import InputError
from db.settings import settings
from incidents.cli import text
from incidents.cli.app import counting, measuring, read_as, reading, recording, the_database
from incidents.cli.groups import AtlasCommand, new_app
from incidents.cli.options import ByOption
from incidents.cli.text import counted
from incidents.dates import DayOrder
from incidents.importers.acled import import_acled
from incidents.importers.airwars import import_airwars
from incidents.importers.ged import import_ged
from incidents.importers.own_csv import import_csv, write_templates
from incidents.importers.own_geojson import import_geojson
from incidents.importers.rows import Outcome
from incidents.importers.runs import find_run, kept_rows, list_runs, summary
from incidents.named import load_named

ImportWhyOption = Annotated[
    str | None,
    typer.Option("--why", metavar="TEXT", help="The reason, kept with every row; default: that it was imported."),
]
EncodingOption = Annotated[
    str | None, typer.Option("--encoding", metavar="NAME", help="Only if it is not UTF-8, e.g. cp1256.")
]
ColumnOption = Annotated[
    list[str] | None,
    typer.Option("--column", metavar="OURS=THEIRS", help="Another name of a column in the file; may be repeated."),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be recorded and which rows would be refused; keep nothing.")
]
PartialOption = Annotated[bool, typer.Option("--partial", help="Take the good rows and keep the bad ones aside.")]


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    reader = new_app("Read incidents from a file. Reading it again changes nothing; rows that are refused are kept.")
    reader.command("ged", cls=AtlasCommand)(ged_command)
    reader.command("csv", cls=AtlasCommand)(csv_command)
    reader.command("template", cls=AtlasCommand)(template_command)
    reader.command("geojson", cls=AtlasCommand)(geojson_command)
    reader.command("acled", cls=AtlasCommand)(acled_command)
    reader.command("airwars", cls=AtlasCommand)(airwars_command)
    reader.command("log", cls=AtlasCommand)(log_command)
    loader = new_app("Load records that come with the product.")
    loader.command("named", cls=AtlasCommand)(named_command)
    app.add_typer(reader, name="import")
    app.add_typer(loader, name="load")


def named_command(by: ByOption = None) -> None:
    """Record the named incidents: Mosul on 17 March 2017, the Raqqa school, Al Jinah, the Aleppo mosque.

    Example: incidents load named
    """
    with recording(by, "the named incidents that come with the product") as session:
        counts = load_named(session)
    added = [counted(count, kind.removesuffix("s")) for kind, count in asdict(counts).items() if count > 0]
    typer.echo("named incidents: " + (", ".join(added) + " added" if len(added) > 0 else "nothing new"))


def ged_command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="UCDP GED files (CSV, 41 or 45 columns).")],
    encoding: EncodingOption = None,
    why: ImportWhyOption = None,
    by: ByOption = None,
) -> None:
    """Read events of UCDP's Georeferenced Event Dataset. Each becomes an incident with UCDP's claims.

    A newer file supersedes what it changes. An interrupted import keeps whole batches; run it again to finish.

    Example: incidents import ged ged191.csv
    """
    for file in files:
        with measuring(file.name) as progress:
            counts = import_ged(
                the_database(), file, who=by or settings().who(), why=why, encoding=encoding, progress=progress
            )
        with reading() as session:
            tags = f" ({text.counted(counts.tags, 'tag row')} skipped)" if counts.tags > 0 else ""
            typer.echo(summary(find_run(session, counts.run_id)) + tags + read_as(file, encoding))
        for name, reasons in (("flagged", counts.flags), ("rejected", counts.rejections)):
            for reason, count in sorted(reasons.items()):
                typer.echo(f"  {name} {reason}: {count:,}")


def csv_command(
    incidents: Annotated[
        Path | None,
        typer.Argument(metavar="INCIDENTS.csv", help="One row an incident; left out, only claims are read."),
    ] = None,
    claims: Annotated[
        Path | None, typer.Option("--claims", metavar="CLAIMS.csv", help="A file of one row a claim.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="OURS=THEIRS", help="Another name of a column in the files; may be repeated."),
    ] = None,
    encoding: EncodingOption = None,
    date_format: Annotated[
        DayOrder | None,
        typer.Option("--date-format", help="Only if days are written 17/03/2017 (dmy) or 03/17/2017 (mdy)."),
    ] = None,
    create_sources: Annotated[
        bool, typer.Option("--create-sources", help="Record sources and reports that are not recorded.")
    ] = False,
    keep_unknown: Annotated[
        bool, typer.Option("--keep-unknown", help="Keep columns that are not known in the notes, by their names.")
    ] = False,
    partial: PartialOption = False,
    dry_run: DryRunOption = False,
    why: ImportWhyOption = None,
    by: ByOption = None,
) -> None:
    """Read incidents, and claims, from CSV files as `incidents export` writes them, or as you fill them in.

    Example: incidents import csv incidents.csv --claims claims.csv --column name=Title --by "A. Recorder"
    """
    files = [file for file in (incidents, claims) if file is not None]
    if len(files) == 0:
        raise InputError(
            "nothing_to_read", "No file was named.", fix="Name a file of incidents, or give --claims FILE."
        )
    names = " and ".join(file.name for file in files)
    with (
        _importing(by, why or f"import of {names}", dry_run=dry_run) as session,
        measuring(names) as progress,
    ):
        found = import_csv(
            session,
            incidents,
            claims,
            mapping=_mapping(column or []),
            encoding=encoding,
            day_order=date_format,
            create_sources=create_sources,
            keep_unknown=keep_unknown,
            partial=partial or dry_run,
            progress=progress,
        )
    for file, outcome in ((incidents, found.incidents), (claims, found.claims)):
        if file is not None and outcome is not None:
            _tell(file, outcome, dry_run=dry_run, encoding=encoding)


def _mapping(pairs: list[str]) -> dict[str, str]:
    """Our column name for each of theirs, from ``OURS=THEIRS``."""
    found = {}
    for pair in pairs:
        ours, equals, theirs = pair.partition("=")
        if equals == "" or ours == "" or theirs == "":
            raise InputError(
                "bad_column", "A column is written OURS=THEIRS.", got=pair, fix="For example: --column name=Title"
            )
        found[theirs] = ours
    return found


def template_command(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where incidents.csv and claims.csv are written.")],
) -> None:
    """Write empty tables to fill in with any list of incidents, for `incidents import csv`.

    Example: incidents import template my-list
    """
    for file in write_templates(folder):
        typer.echo(f"{file}: every column is described in docs/formats.md")


def geojson_command(
    file: Annotated[Path, typer.Argument(metavar="FILE.geojson", help="As `incidents export` writes it.")],
    partial: PartialOption = False,
    dry_run: DryRunOption = False,
    why: ImportWhyOption = None,
    by: ByOption = None,
) -> None:
    """Read incidents with everything said of them from our own GeoJSON.

    Example: incidents import geojson partner.geojson
    """
    with (
        _importing(by, why or f"import of {file.name}", dry_run=dry_run) as session,
        measuring(file.name) as progress,
    ):
        outcome = import_geojson(session, file, partial=partial or dry_run, progress=progress)
    _tell(file, outcome, dry_run=dry_run)


def airwars_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Incidents with Airwars' columns: CSV, or JSON.")],
    column: ColumnOption = None,
    retrieved: Annotated[
        str | None,
        typer.Option("--retrieved", metavar="DAY", help="When it was fetched; dates what has no post_modified."),
    ] = None,
    licence: Annotated[
        str | None,
        typer.Option("--licence", metavar="TEXT", help="Under which it may be passed on; without one it is internal."),
    ] = None,
    encoding: EncodingOption = None,
    partial: PartialOption = False,
    dry_run: DryRunOption = False,
    why: ImportWhyOption = None,
    by: ByOption = None,
) -> None:
    """Read Airwars' incidents, with ranges, gradings, places, assessments and statements. Victims are not read.

    What a newer file changes supersedes what it said before; incidents that it no longer has are named and left.

    Example: incidents import airwars incidents.json --dry-run
    """
    names, kept = _mapping(column or []), partial or dry_run
    with (
        _importing(by, why or f"import of {file.name}", dry_run=dry_run) as session,
        measuring(file.name) as progress,
    ):
        outcome = import_airwars(
            session,
            file,
            names=names,
            retrieved=retrieved,
            licence=licence,
            encoding=encoding,
            partial=kept,
            progress=progress,
        )
    _tell(file, outcome, dry_run=dry_run, encoding=encoding)


def acled_command(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="Your own download of ACLED's events.")],
    column: ColumnOption = None,
    encoding: EncodingOption = None,
    partial: PartialOption = False,
    dry_run: DryRunOption = False,
    why: ImportWhyOption = None,
    by: ByOption = None,
) -> None:
    """Read ACLED's events. ACLED's terms do not let them be passed on: they are internal and may not be exported.

    What a newer file changes supersedes what it said before; events that it does not have are named and left.

    Example: incidents import acled acled.csv --dry-run
    """
    names, kept = _mapping(column or []), partial or dry_run
    with (
        _importing(by, why or f"import of {file.name}", dry_run=dry_run) as session,
        measuring(file.name) as progress,
    ):
        outcome = import_acled(session, file, names=names, encoding=encoding, partial=kept, progress=progress)
    _tell(file, outcome, dry_run=dry_run, encoding=encoding)


class _DryRunError(Exception):
    """Ends a dry run: what leaves a write session with an error is not kept."""


@contextmanager
def _importing(by: str | None, why: str, *, dry_run: bool) -> Iterator[Session]:
    """A session for an import, of which a dry run keeps nothing."""
    try:
        with recording(by, why) as session:
            yield session
            if dry_run:
                raise _DryRunError
            with counting("incidents indexed") as done:
                refresh_touched(session, done)
    except _DryRunError:
        return


def _tell(file: Path, outcome: Outcome, *, dry_run: bool, encoding: str | None = None) -> None:
    """Print what became of a file, or in a dry run what would become of it and which rows would be refused."""
    changed = f", {outcome.superseded:,} to change" if outcome.superseded > 0 else ""
    if dry_run:
        typer.echo(
            f"{file.name}: dry run, nothing was kept: {counted(outcome.read, 'row')} read, {outcome.added:,} to add, "
            f"{outcome.unchanged:,} unchanged{changed}, {len(outcome.rejected):,} to reject{read_as(file, encoding)}"
        )
    else:
        typer.echo(f"{file.name}: {_outcome(outcome)}{read_as(file, encoding)}")
    for line in _remarks(outcome):
        typer.echo(visible(f"  {line}"))
    for one in outcome.rejected if dry_run else ():
        typer.echo(visible(f"  - {one.error}"))


def _remarks(outcome: Outcome) -> Iterator[str]:
    """What else there is to say of somebody else's file, a line each."""
    if len(outcome.recorded) > 0:
        new = (counted(count, table.replace("_", " ")) for table, count in outcome.recorded.items())
        yield f"new: {', '.join(new)}"
    if len(outcome.kept) > 0:
        yield f"columns not read, kept word for word in the notes: {', '.join(outcome.kept)}"
    if len(outcome.left) > 0:
        yield f"columns neither read nor kept, they may name private persons: {', '.join(outcome.left)}"
    if outcome.missing_count > 0:
        more = ", ..." if outcome.missing_count > len(outcome.missing) else ""
        codes = ", ".join(outcome.missing)
        yield f"{outcome.missing_count:,} recorded earlier are not in this file, and stay: {codes}{more}"


def log_command(
    run: Annotated[
        int | None, typer.Argument(metavar="RUN", help="Number of a run; left out, all runs are listed.")
    ] = None,
) -> None:
    """List the import runs, or the rows that one of them rejected or flagged, with line and reason.

    Example: incidents import log 1
    """
    with reading() as session:
        if run is None:
            for found in list_runs(session):
                typer.echo(f"{found.id}  {found.file_format}  {summary(found)}")
            return
        for row in kept_rows(session, run):
            typer.echo(visible(f"line {row.line}  {row.verdict.value}  {row.reason}: {row.message}"))


def _outcome(outcome: Outcome) -> str:
    flagged = f", {outcome.flagged:,} flagged" if outcome.flagged > 0 else ""
    changed = f"{outcome.superseded:,} superseded, " if outcome.superseded > 0 else ""
    any_kept = len(outcome.rejected) + outcome.flagged > 0
    kept = f"{flagged} (kept aside: incidents import log {outcome.run_id})" if any_kept else ""
    derived = f"; worked out, so not read: {', '.join(outcome.ignored)}" if len(outcome.ignored) > 0 else ""
    return (
        f"{counted(outcome.read, 'row')} read, {outcome.added:,} added, {outcome.unchanged:,} unchanged, {changed}"
        f"{len(outcome.rejected):,} rejected{kept}{derived}"
    )
