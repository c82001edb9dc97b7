"""What all commands share: the database, who works, how errors end, and the options of queries."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from sqlmodel import Session
from typer.core import TyperGroup

from db.engine import Database, open_database
from db.errors import AtlasError
from db.session import read_session, write_session
from db.settings import settings
from db.vocabulary import Grading, InvestigationState
from incidents.ranges import Rule
from incidents.tiers import Tier
from incidents.windows import day_span

INTERRUPTED = 130
PLAIN_WIDTH = 160
"""Columns of a table when the output is not a terminal: a pipe or a file should not be folded at 80."""


class AtlasGroup(TyperGroup):
    """A command group that ends with one clear paragraph on standard error, never with a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; turn this product's errors into its exit codes."""
        try:
            return super().invoke(ctx)
        except AtlasError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(error.exit_code) from error
        except KeyboardInterrupt as error:
            typer.echo("Interrupted; what was not finished was not kept.", err=True)
            raise typer.Exit(INTERRUPTED) from error
        except BrokenPipeError as error:
            # The reader (head, less) has seen enough; silence Python's own complaint at exit.
            sys.stdout = None
            raise typer.Exit(0) from error


def new_app(help_text: str, *, root: bool = False) -> typer.Typer:
    """A command group with this product's manners."""
    return typer.Typer(
        help=help_text,
        cls=AtlasGroup if root else TyperGroup,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=root,
    )


def console() -> Console:
    """Where tables go: the terminal as wide as it is, anything else wide and without colour."""
    if sys.stdout.isatty():
        return Console()
    return Console(file=sys.stdout, width=PLAIN_WIDTH, no_color=True, highlight=False)


def the_database() -> Database:
    """The database of the settings."""
    return open_database()


@contextmanager
def reading() -> Iterator[Session]:
    """A read session on the database of the settings."""
    with read_session(the_database()) as session:
        yield session


@contextmanager
def recording(by: str | None, why: str) -> Iterator[Session]:
    """A write session on the database of the settings."""
    with write_session(the_database(), who=by or settings().who(), why=why) as session:
        yield session


def instant(day: str | None) -> datetime | None:
    """The last second of ``day`` (UTC), or None."""
    return None if day is None else day_span(day, allow_open=False)[1]


def first_instant(day: str | None) -> datetime | None:
    """The first second of ``day`` (UTC), or None."""
    return None if day is None else day_span(day, allow_open=False)[0]


def given(**values: Any) -> dict[str, Any]:
    """The options that were given, for a model whose other fields keep their defaults."""
    return {name: value for name, value in values.items() if value is not None and value != []}


IncidentArgument = Annotated[str, typer.Argument(metavar="INCIDENT", help="Code, a source's code, or a name.")]
ByOption = Annotated[
    str | None, typer.Option("--by", help="Who records it; default INCIDENTS_ACTOR, else your login name.")
]
WhyOption = Annotated[str, typer.Option("--why", help="The reason, kept with every row.")]
VersionOption = Annotated[
    int | None, typer.Option("--version", help="The version you saw; refuses to overwrite a later edit.")
]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="Answer with what was said by the end of this day.")
]
RuleOption = Annotated[Rule, typer.Option("--rule", help="The rule that ranges are made by.")]
InOption = Annotated[
    str | None, typer.Option("--in", metavar="PLACE", help='A place with an extent, e.g. "Aleppo governorate".')
]
NearOption = Annotated[
    str | None, typer.Option("--near", metavar="PLACE", help='The centre of a circle, e.g. "Al Jinah".')
]
RadiusOption = Annotated[
    str | None, typer.Option("--radius", metavar="DISTANCE", help="The circle's radius: 5km, 500m.")
]
BboxOption = Annotated[str | None, typer.Option("--bbox", metavar="W,S,E,N", help="A box in degrees, longitude first.")]
PolygonOption = Annotated[Path | None, typer.Option("--polygon", metavar="FILE", help="A polygon in a GeoJSON file.")]
FromOption = Annotated[
    str | None, typer.Option("--from", metavar="DATE", help="The incident's window ends on or after this day (UTC).")
]
ToOption = Annotated[
    str | None, typer.Option("--to", metavar="DATE", help="The incident's window starts on or before this day (UTC).")
]
StatusOption = Annotated[InvestigationState | None, typer.Option("--status", help="Some investigation stands here.")]
GradingOption = Annotated[Grading | None, typer.Option("--grading", help="Some body's current grading.")]
SourceOption = Annotated[
    str | None, typer.Option("--source", metavar="ORGANISATION", help="It made a claim about the incident.")
]
BelligerentOption = Annotated[
    str | None,
    typer.Option("--belligerent", metavar="ORGANISATION", help="Some source names it as perpetrator or side."),
]
KilledMinOption = Annotated[
    int | None, typer.Option("--killed-min", min=0, help="Some source puts the killed at this or more.")
]
TextOption = Annotated[str | None, typer.Option("--text", help="Part of a name, place or code, in any script.")]
TierOption = Annotated[Tier, typer.Option("--tier", help="What may be seen.")]


@contextmanager
def counting(what: str) -> Iterator[Callable[[int], None]]:
    """A running count of work whose end is not known, on a terminal only; call it with the number done."""
    columns = (
        TextColumn("{task.description}"),
        SpinnerColumn(),
        TextColumn("{task.completed:,.0f}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(what)
        yield lambda done: progress.update(task, completed=done)


@contextmanager
def measuring(what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar with rate and remaining time, on a terminal only; call it with what is done and the whole."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, whole: progress.update(task, completed=done, total=whole)
