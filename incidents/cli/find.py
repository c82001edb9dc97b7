"""``incidents find``: incidents by place, time, status and what was said."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table
from sqlmodel import Session

from db.cells import visible
from db.errors import InputError
from db.vocabulary import Category
from incidents.answers import read_cursor
from incidents.areas import query_area
from incidents.cli import text
from incidents.cli.app import console, first_instant, instant, reading
from incidents.cli.groups import AtlasCommand
from incidents.cli.options import (
    AsOfOption,
    BboxOption,
    BelligerentOption,
    FromOption,
    GradingOption,
    InOption,
    KilledMinOption,
    NearOption,
    PolygonOption,
    RadiusOption,
    RuleOption,
    SourceOption,
    StatusOption,
    TextOption,
    ToOption,
)
from incidents.dossiers import dossiers
from incidents.exports.csvfile import write_incidents_csv
from incidents.exports.geojson import write_geojson
from incidents.exports.jsonfile import write_json
from incidents.phrases import day
from incidents.query import Answer, Match, Query, find, page
from incidents.ranges import Rule
from incidents.same_event import standing
from incidents.tiers import Tier
from incidents.totals.sums import Total
from incidents.totals.tally import Links, links_of
from incidents.views import Dossier

SHOWN = 50


class Format(StrEnum):
    """What the answer is printed as."""

    TABLE = "table"
    JSON = "json"
    GEOJSON = "geojson"
    CSV = "csv"


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("find", cls=AtlasCommand)(find_command)


def find_command(
    inside: InOption = None,
    near: NearOption = None,
    radius: RadiusOption = None,
    bbox: BboxOption = None,
    polygon: PolygonOption = None,
    start: FromOption = None,
    end: ToOption = None,
    status: StatusOption = None,
    grading: GradingOption = None,
    source: SourceOption = None,
    belligerent: BelligerentOption = None,
    killed_min: KilledMinOption = None,
    words: TextOption = None,
    as_of: AsOfOption = None,
    rule: RuleOption = Rule.ENVELOPE,
    unlocated: Annotated[bool, typer.Option("--unlocated", help="List those without a place too.")] = False,
    form: Annotated[Format, typer.Option("--format", help="How to print the answer.")] = Format.TABLE,
    limit: Annotated[
        int | None,
        typer.Option("--limit", metavar="N", min=1, help=f"At most N. Default: {SHOWN} for a table, else all."),
    ] = None,
    after: Annotated[
        str | None,
        typer.Option("--after", metavar="CURSOR", help="Go on where a page ended; what it said. Not for a table."),
    ] = None,
    tier: Annotated[Tier | None, typer.Option("--tier", help="Default: internal for a table, else public.")] = None,
) -> None:
    """Find incidents. Each answer says whether it lies surely or possibly in the place asked for.

    Example: incidents find --near "Al Jinah" --radius 5km --from 2017-03-01 --to 2017-03-31
    """
    seen = tier or (Tier.INTERNAL if form is Format.TABLE else Tier.PUBLIC)
    with reading() as session:
        query = Query(
            area=query_area(session, inside=inside, near=near, radius=radius, bbox=bbox, polygon=polygon),
            start=first_instant(start),
            end=instant(end),
            status=status,
            grading=grading,
            source=source,
            belligerent=belligerent,
            killed_min=killed_min,
            text=words,
            as_of=instant(as_of),
            tier=seen,
        )
        if form is not Format.TABLE and not unlocated and (limit is not None or after is not None):
            _write_page(session, query, rule, form, limit=limit or SHOWN, after=after)
            return
        _refuse_after(after)
        answer = find(session, query)
        if form is Format.TABLE:
            _print_table(session, answer, query, rule, limit=limit or SHOWN, unlocated=unlocated)
        else:
            _write(session, answer, query, rule, form, limit=limit, unlocated=unlocated)


def _refuse_after(after: str | None) -> None:
    if after is not None:
        raise InputError(
            "after_needs_pages",
            "A table, and a list with those without a place, tell of the whole answer.",
            where="--after",
            fix="Choose --format json, csv or geojson, without --unlocated.",
        )


def _write_page(session: Session, query: Query, rule: Rule, form: Format, *, limit: int, after: str | None) -> None:
    """A page costs the same however long the whole answer is, so it does not say how many are left."""
    found = page(session, query, limit, None if after is None else read_cursor(after))
    _write_keys(session, [hit.key for hit in found.hits], {hit.key: hit.match for hit in found.hits}, query, rule, form)
    if found.next is not None:
        typer.echo(f"... and more; --after {found.next.text()} goes on.", err=True)


def _write(
    session: Session, answer: Answer, query: Query, rule: Rule, form: Format, *, limit: int | None, unlocated: bool
) -> None:
    everything, matches = answer.keys(unlocated=unlocated), answer.match_of()
    keys = everything[:limit]
    _write_keys(session, keys, matches, query, rule, form)
    if len(keys) < len(everything):
        typer.echo(_more(len(keys), len(everything)), err=True)
    if query.area is not None and len(answer.unlocated) > 0:
        typer.echo(_unlocated(answer, listed=unlocated), err=True)


def _write_keys(
    session: Session, keys: list[int], matches: dict[int, Match], query: Query, rule: Rule, form: Format
) -> None:
    out = sys.stdout.buffer
    if form is Format.GEOJSON:
        write_geojson(session, keys, out, tier=query.tier, rule=rule, as_of=query.as_of, matches=matches)
    elif form is Format.CSV:
        write_incidents_csv(session, keys, out, tier=query.tier, rule=rule, as_of=query.as_of, matches=matches)
    else:
        write_json(session, keys, out, tier=query.tier, rule=rule, as_of=query.as_of, matches=matches)
    out.flush()


def _more(shown: int, found: int) -> str:
    return f"... and {found - shown:,} more; --limit {found} shows all."


def _unlocated(answer: Answer, *, listed: bool) -> str:
    """What became of those that match but for the place, which is not known."""
    without = f"{text.counted(len(answer.unlocated), 'incident')} without a place to compare"
    return f"{without}, listed last." if listed else f"{without}; --unlocated lists them."


def _print_table(session: Session, answer: Answer, query: Query, rule: Rule, *, limit: int, unlocated: bool) -> None:
    matches = answer.match_of()
    keys = answer.keys(unlocated=unlocated)
    shown = list(dossiers(session, keys[:limit], tier=query.tier, as_of=query.as_of))
    console().print(_table(shown, rule, {key: matches[key] for key in keys[:limit]}, placed=query.area is not None))
    if len(keys) > limit:
        typer.echo(_more(limit, len(keys)))
    everything = shown if len(keys) <= limit else dossiers(session, keys, tier=query.tier, as_of=query.as_of)
    links = links_of(standing(session))
    typer.echo(_summary(everything, rule, matches, links, placed=query.area is not None))
    if query.area is not None and len(answer.unlocated) > 0:
        typer.echo(_unlocated(answer, listed=unlocated))
    if answer.untimed > 0:
        typer.echo(f"{text.counted(answer.untimed, 'incident')} without a time left out.")


def _table(shown: Iterable[Dossier], rule: Rule, matches: dict[int, Match], *, placed: bool) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("Code", "Name", "Day", "Place", "Civilians killed", "People killed", "Grading", "Investigations"):
        table.add_column(title, overflow="fold")
    if placed:
        table.add_column("Match")
    for one in shown:
        row = [
            one.code,
            visible(one.name) + _shared_event(one),
            day(one),
            text.where(one),
            text.killed(one, Category.CIVILIAN, rule),
            text.killed(one, Category.TOTAL_PEOPLE, rule),
            text.grading(one),
            text.status(one),
        ]
        table.add_row(*row, *([matches[one.key].value] if placed else []))
    return table


def _shared_event(one: Dossier) -> str:
    """The other records of the same event, so that nobody adds their figures up."""
    return f" (= {', '.join(one.same_as)})" if len(one.same_as) > 0 else ""


def _summary(found: Iterable[Dossier], rule: Rule, matches: dict[int, Match], links: Links, *, placed: bool) -> str:
    together, inside = (Total(Category.CIVILIAN, rule=rule, links=links) for _ in range(2))
    for one in found:
        together.add(one)
        if matches[one.key] is Match.SURELY:
            inside.add(one)
    possibly = sum(match is Match.POSSIBLY for match in matches.values())
    certainty = f" ({inside.incidents} surely, {possibly} possibly inside)" if placed else ""
    count = f"{text.counted(together.incidents, 'incident')}{certainty}, {text.counted(together.events, 'event')}"
    return f"{count}. Civilians killed, by {rule.value}, each event once: {_figure(together, inside, placed=placed)}"


def _figure(together: Total, inside: Total, *, placed: bool) -> str:
    """What is possibly inside can only raise the upper end: it may as well lie outside."""
    missing = together.events - together.known
    rest = f" ({text.counted(missing, 'event')} without a figure)" if missing > 0 else ""
    if not placed or together.events == inside.events:
        return together.text() + rest
    most = f"up to {together.amount.high}{'+' if together.amount.high_open else ''} with those possibly inside{rest}"
    return f"{inside.text()} surely inside, {most}" if inside.events > 0 else most
