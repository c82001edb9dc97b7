"""``incidents export``: files for maps and spreadsheets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from incidents.areas import query_area
from incidents.cli.app import first_instant, instant, reading, tracking
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
    TierOption,
    ToOption,
)
from incidents.cli.text import counted
from incidents.exports.formats import FileFormat, format_of, walks, write_export
from incidents.exports.selection import Selection, partition_keys
from incidents.query import Query, find
from incidents.ranges import Rule
from incidents.tiers import Tier


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("export", cls=AtlasCommand)(export_command)


def export_command(
    out: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="The name says the format: .geojson, .geojsons, .csv, .gpkg, .fgb, .parquet, .zip (a release), "
            "also with .gz or .zst; - is standard output.",
        ),
    ],
    form: Annotated[
        FileFormat | None,
        typer.Option("--format", help="Default by the name; csv has one row an incident, claims (CSV) one a claim."),
    ] = None,
    areas: Annotated[bool, typer.Option("--areas", help="Draw each place as its area, not as a point.")] = False,
    partition_by: Annotated[
        str | None,
        typer.Option(
            "--partition-by",
            metavar="KEYS",
            help="FILE is a folder of GeoParquet files, one for each: country, year, or country,year.",
        ),
    ] = None,
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
    personal names. A file, or folder, appears only when it is whole.

    Example: incidents export al-jinah.geojson --near "Al Jinah" --radius 5km --areas
    """
    by = partition_keys(partition_by)
    kind = format_of(out, form, by)
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
        keys, matches = answer.packed_keys(), None if everywhere else answer.match_of()
        with tracking("incidents", len(keys) * walks(kind)) as told:
            wanted = Selection(
                session, keys, tier=tier, rule=rule, as_of=query.as_of, areas=areas, matches=matches, told=told
            )
            count = write_export(kind, out, wanted, by)
    written = counted(count, "claim" if kind is FileFormat.CLAIMS else "incident")
    left = "" if len(answer.unlocated) == 0 else f"; left out, without a place: {len(answer.unlocated):,}"
    typer.echo(f"{out}: {written}, tier {tier.value}{left}", err=True)
