"""The command tree, and the function that the command ``incidents`` runs."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Annotated

import typer

from incidents.cli.groups import new_app

STORAGE = 4

app = new_app(
    "Incident Atlas: incidents of civilian harm, what each source said, and where every investigation stands.\n\n"
    "The database is the SQLite file incidents.db in the working folder; INCIDENTS_DATABASE_URL names another.",
    root=True,
)


@app.callback(invoke_without_command=True)
def root(
    ctx: typer.Context,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    """Print the version or the help when no command is given."""
    if show_version:
        typer.echo(f"incident-atlas {_version()}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


def _version() -> str:
    try:
        return version("incident-atlas")
    except PackageNotFoundError:
        return "(run from a folder that is not installed)"


def main() -> None:
    """Run the command line, unless another distribution hides this one's ``db`` package."""
    if _hidden():
        typer.echo(
            "[package_overwritten] Another installed package named 'db' hides this product's own.\n"
            "  Install incident-atlas into an environment of its own.",
            err=True,
        )
        sys.exit(STORAGE)
    app()


def _hidden() -> bool:
    """Whether ``db.tables`` is not there, asked without importing it: that takes half a second."""
    try:
        return find_spec("db.tables") is None
    except ModuleNotFoundError:
        return True
