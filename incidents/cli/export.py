"""``incidents export``: files for maps and spreadsheets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from db.errors import InputError
from incidents.areas import query_area
from incidents.cli.app import (
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
    TierOption,
    ToOption,
    first_instant,
    instant,
    reading,
)
from incidents.exports.csvfile import write_claims_csv, write_incidents_csv
from incidents.exports.geojson import write_geojson
from incidents.exports.output import atomic_output
from incidents.query import Query, find
from incidents.ranges import Rule
from incidents.tiers import Tier

FORMATS = {".geojson": "geojson", ".json": "geojson", ".csv": "csv"}


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("export")(export_command)


def export_command(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="FILE.geojson or FILE.csv; - is standard output.")],
    form: Annotated[
        str | None, typer.Option("--format", help="geojson, csv (one row an incident) or claims (CSV).")
    ] = None,
    areas: Annotated[
        bool, typer.Option("--areas", help="GeoJSON: draw each place as its area, not as a point.")
    ] = False,
    tier: TierOption = Tier.PUBLIC,
    rule: RuleOption = Rule.ENVELOPE,
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
) -> None:
    """Write incidents to a file, by default all of them and only what may be public.

    Places are lowered as each record says, restricted reports and what cites them are left out, and so are
    personal names. A file appears only when it is whole.

    Example: incidents export syria.geojson --in Syria --areas
    """
    kind = _format(out, form)
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
            tier=tier,
        )
        answer = find(session, query)
        everywhere = query.area is None
        keys, matches = answer.keys(), None if everywhere else answer.match_of()
        with atomic_output(out) as stream:
            if kind == "claims":
                write_claims_csv(session, keys, stream, tier=tier, as_of=query.as_of)
            elif kind == "csv":
                write_incidents_csv(session, keys, stream, tier=tier, rule=rule, as_of=query.as_of, matches=matches)
            else:
                write_geojson(
                    session, keys, stream, tier=tier, rule=rule, as_of=query.as_of, areas=areas, matches=matches
                )
    left = "" if everywhere else f"; {len(answer.unlocated)} without a place are not in it"
    typer.echo(f"{out}: {len(keys)} incidents, tier {tier.value}{left}", err=True)


def _format(out: Path, form: str | None) -> str:
    chosen = form or FORMATS.get(out.suffix.lower()) or ("geojson" if str(out) == "-" else None)
    if chosen not in {"geojson", "csv", "claims"}:
        raise InputError(
            "unknown_format",
            "The format is not known.",
            got=form or out.name,
            fix="Name the file .geojson or .csv, or give --format geojson, csv or claims.",
        )
    return chosen
