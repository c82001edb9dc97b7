"""``incidents db``: the database file itself."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer
from sqlmodel import Session

from db.copy import Start, copy
from db.engine import Database, open_database
from db.errors import InputError, StorageError
from db.migrations import REVISIONS
from db.schema import info, problems, upgrade
from gazetteer.units import refresh_units
from incidents.cli import text
from incidents.cli.app import counting, reading, recording, the_database, tracking
from incidents.cli.groups import AtlasCommand, new_app
from incidents.derived import differences, rebuild

DERIVED = "0003"
"""The schema that has what is derived today; what a later one adds needs no derived row made anew."""


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    database = new_app("The database: make it, bring it up to date, check it, copy it.")
    database.command("upgrade", cls=AtlasCommand)(upgrade_command)
    database.command("check", cls=AtlasCommand)(check_command)
    database.command("rebuild", cls=AtlasCommand)(rebuild_command)
    database.command("info", cls=AtlasCommand)(info_command)
    database.command("copy", cls=AtlasCommand)(copy_command)
    app.add_typer(database, name="db")


def upgrade_command() -> None:
    """Create the database, or bring its schema up to date. All of it or nothing; the data stay.

    Example: INCIDENTS_DATABASE_URL=sqlite:////data/incidents.db incidents db upgrade
    """
    database = the_database()
    before, after = upgrade(database)
    if before == after:
        typer.echo(f"{database.where}: schema {after} already")
        return
    typer.echo(f"{database.where}: schema {before or 'none'} → {after}")
    if before is not None and REVISIONS.index(before) < REVISIONS.index(DERIVED):
        # A schema before 0002 did not keep the units, and a search without them knows no district.
        with recording(None, "the schema was upgraded: which units hold each place") as session:
            placed = refresh_units(session)
            _rebuild(session)
        typer.echo(f"units of {placed:,} places found from the boundaries")


def check_command() -> None:
    """Check that the file, its references, tables, triggers and derived rows are whole.

    Example: incidents db check
    """
    database = the_database()
    found = problems(database)
    if len(found) > 0:
        raise StorageError("damaged", "; ".join(found), where=database.where, fix="Restore the last good backup.")
    with reading() as session, counting("incidents compared") as progress:
        found = differences(session, progress)
    if len(found) > 0:
        raise StorageError("derived_differs", "; ".join(found), where=database.where, fix="Run: incidents db rebuild")
    typer.echo(f"{database.where}: whole")


def rebuild_command() -> None:
    """Make the derived rows anew: the index of places, the text search, the ready features. The records stay.

    Example: incidents db rebuild
    """
    with recording(None, "the derived rows were made anew") as session:
        done = _rebuild(session)
    typer.echo(f"derived rows of {text.counted(done, 'incident')} made anew")


def _rebuild(session: Session) -> int:
    with counting("incidents indexed") as progress:
        return rebuild(session, progress)


def info_command() -> None:
    """Print where the database is, its schema, and how many rows each table holds.

    Example: incidents db info
    """
    found = info(the_database())
    typer.echo(f"{found.where}  {found.size_bytes / 1e6:.1f} MB  schema {found.revision}  {found.program}")
    for name, count in found.counts.items():
        typer.echo(f"  {name:<24}{count:>10,}")
    if found.lag is not None:
        typer.echo(f"{found.lag.where}: {found.lag}")
    for warning in found.warnings:
        typer.echo(f"note: {warning}", err=True)


STARTS = {
    Start.RESUMED: "an earlier copy was interrupted: it went on where that one stopped",
    Start.AGAIN: "the source has changed since an earlier copy was interrupted: it was copied again from its beginning",
}


def copy_command(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="URL of the database to copy; it is only read.")],
    target: Annotated[str, typer.Argument(metavar="TARGET", help="URL of a missing or empty database.")],
) -> None:
    """Copy everything, history and journal included, between a SQLite file and PostgreSQL, either way.

    Both URLs are given; INCIDENTS_DATABASE_URL names neither. An interrupted copy is continued by the same command,
    and until it is finished nothing else works on the target. At the end the rows of each table and the SHA-256 of
    the journal are compared in both.

    Example: incidents db copy sqlite:///incidents.db postgresql://atlas@db.example/incidents
    """
    origin, copied_to = _at("SOURCE", source), _at("TARGET", target)
    done = copy(origin, copied_to, partial(tracking, "rows"))
    if done.start in STARTS:
        typer.echo(f"note: {STARTS[done.start]}", err=True)
    typer.echo(f"{origin.where} → {copied_to.where}")
    for name, count in done.inventory.counts.items():
        typer.echo(f"  {name:<24}{count:>12,}")
    held = done.inventory
    typer.echo(f"equal in both: {held.rows:,} rows, and the journal of {held.journal:,} lines, SHA-256 {held.head}")


def _at(place: str, url: str) -> Database:
    """The database that the argument called ``place`` names."""
    try:
        return open_database(url)
    except InputError as error:
        error.where = place
        raise
