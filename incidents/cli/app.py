"""What all commands share: the database, who works, days, tables and progress."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text
from sqlmodel import Session

from db.encoding import encoding_of
from db.engine import Database, open_database
from db.session import read_session, write_session
from db.settings import settings
from incidents.windows import day_span

PLAIN_WIDTH = 160
"""Columns of a table when the output is not a terminal: a pipe or a file should not be folded at 80."""

_said: set[str] = set()


def console() -> Console:
    """Where tables go: the terminal as wide as it is, anything else wide and without colour.

    Markup and emoji codes are off: a name such as "[/b]" or ":fire:" is printed as it is recorded.
    """
    if sys.stdout.isatty():
        return Console(markup=False, emoji=False)
    return Console(file=sys.stdout, width=PLAIN_WIDTH, no_color=True, highlight=False, markup=False, emoji=False)


def the_database() -> Database:
    """The database of the settings."""
    return open_database()


@contextmanager
def reading() -> Iterator[Session]:
    """A read session on the database of the settings; says on standard error what a replica lacks."""
    database = the_database()
    with read_session(database) as session:
        _warn_of(database, session)
        yield session


def _warn_of(database: Database, session: Session) -> None:
    lag = database.lag(session.connection())
    # A command may open several sessions; what it has said it does not say again.
    if lag is not None and lag.behind and str(lag) not in _said:
        _said.add(str(lag))
        typer.echo(f"note: {lag}", err=True)


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


def read_as(file: Path, encoding: str | None = None) -> str:
    """The end of an import's line: which encoding was read, where it was not plain UTF-8 (B03)."""
    name = encoding_of(file, encoding)
    return "" if name == "utf-8" else f"; read as {name}"


def given(**values: Any) -> dict[str, Any]:
    """The options that were given, for a model whose other fields keep their defaults."""
    return {name: value for name, value in values.items() if value is not None and value != []}


@contextmanager
def counting(what: str) -> Iterator[Callable[[int], None]]:
    """A running count of work whose end is not known, on a terminal only; call it with the number done."""
    with naming() as progress:
        progress(what, 0)
        yield lambda done: progress(what, done)


@contextmanager
def naming() -> Iterator[Callable[[str, int], None]]:
    """As :func:`counting`, for work in several parts; call it with the part's name and the number done in it."""
    columns = (
        TextColumn("{task.description}"),
        SpinnerColumn(),
        TextColumn("{task.completed:,.0f}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("")
        yield lambda what, done: progress.update(task, description=what, completed=done)


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


@contextmanager
def tracking(what: str, whole: int) -> Iterator[Callable[[int], None]]:
    """As :func:`measuring`, for a known number of records: call it with the number done."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f}/{task.total:,.0f}"),
        _RateColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(what, total=whole)
        yield lambda done: progress.update(task, completed=done)


class _RateColumn(ProgressColumn):
    """Records a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f}/s", style="progress.data.speed")
