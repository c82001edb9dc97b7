"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from db.vocabulary import Grading, InvestigationState
from incidents.ranges import Rule
from incidents.tiers import Tier

IncidentArgument = Annotated[str, typer.Argument(metavar="INCIDENT", help="Code, a source's code, or a name.")]

ByOption = Annotated[
    str | None,
    typer.Option("--by", metavar="NAME", help="Who records it; default INCIDENTS_ACTOR, else your login name."),
]
WhyOption = Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason, kept with every row.")]
VersionOption = Annotated[
    int | None,
    typer.Option("--version", metavar="N", help="The version you saw; refuses to overwrite a later edit."),
]
SourceRequired = Annotated[str, typer.Option("--source", metavar="ORGANISATION", help="Who said it: code or name.")]
ReportRequired = Annotated[
    str, typer.Option("--report", metavar="REPORT", help="Where: code or address of a recorded report.")
]
StatedOption = Annotated[
    str | None,
    typer.Option("--stated", metavar="DATE", help="When it was said: day, month, or a/b. Default: as the report."),
]
NoteOption = Annotated[str | None, typer.Option("--note", metavar="TEXT", help="A working note; it is never exported.")]

AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="Answer with what was certainly said by the end of this day."),
]
RuleOption = Annotated[Rule, typer.Option("--rule", help="The rule that ranges are made by.")]
InOption = Annotated[
    str | None, typer.Option("--in", metavar="PLACE", help='A place with a boundary, e.g. "Aleppo governorate".')
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
    int | None, typer.Option("--killed-min", metavar="N", min=0, help="Some source puts the killed at N or more.")
]
TextOption = Annotated[
    str | None, typer.Option("--text", metavar="TEXT", help="Part of a name, place or code, in any script.")
]
TierOption = Annotated[Tier, typer.Option("--tier", help="What may be seen.")]
