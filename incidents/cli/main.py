"""The command tree."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer

from db.schema import check_packages
from incidents.cli import database, export, find, gazetteer, importing, ledger, recording, same, show, status
from incidents.cli.app import new_app

app = new_app(
    "Incident Atlas: incidents of civilian harm, what each source said, and where every investigation stands.\n\n"
    "The database is the SQLite file incidents.db in the working folder; INCIDENTS_DATABASE_URL names another.",
    root=True,
)
find.register(app)
show.register(app)
export.register(app)
recording.register(app)
same.register(app)
app.add_typer(status.app, name="status")
app.add_typer(ledger.claim_app, name="claim")
app.add_typer(ledger.location_app, name="location")
app.add_typer(ledger.grading_app, name="grading")
app.add_typer(ledger.attribution_app, name="attribution")
app.add_typer(ledger.report_app, name="report")
app.add_typer(ledger.organisation_app, name="organisation")
app.add_typer(importing.import_app, name="import")
app.add_typer(importing.load_app, name="load")
app.add_typer(gazetteer.app, name="gazetteer")
app.add_typer(gazetteer.place_app, name="place")
app.add_typer(database.app, name="db")


@app.callback(invoke_without_command=True)
def root(
    ctx: typer.Context,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    """Print the version or the help when no command is given."""
    if show_version:
        typer.echo(f"incident-atlas {version('incident-atlas')}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def main() -> None:
    """Run the command line."""
    check_packages()
    app()
