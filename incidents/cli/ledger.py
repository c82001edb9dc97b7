"""``incidents claim``, ``location``, ``grading`` and ``attribution``: what sources say of an incident."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from db.cells import visible
from db.strictjson import read_json
from db.vocabulary import (
    AttributionRole,
    AttributionStrength,
    Bound,
    Category,
    Geoprivacy,
    Grading,
    LocationMethod,
    Outcome,
    PrecisionLevel,
    Scope,
)
from incidents.attributions import AttributionInput, GradingInput, add_attribution, add_grading
from incidents.claims import ClaimInput, TotalClaim, add_claim, list_totals, withdraw_claim
from incidents.cli.app import given, reading, recording
from incidents.cli.groups import AtlasCommand, new_app
from incidents.cli.numbers import decimal, whole
from incidents.cli.options import (
    ByOption,
    IncidentArgument,
    NoteOption,
    ReportRequired,
    SourceRequired,
    StatedOption,
    VersionOption,
    WhyOption,
)
from incidents.inputs import validated
from incidents.locations import LocationInput, add_location, withdraw_location
from incidents.ranges import number_text
from incidents.records import find_incident


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    claim = new_app("What a source said about the dead, the injured, the missing.")
    claim.command("add", cls=AtlasCommand)(claim_add)
    claim.command("withdraw", cls=AtlasCommand)(claim_withdraw)
    claim.command("totals", cls=AtlasCommand)(claim_totals)
    location = new_app("Where a source puts an incident.")
    location.command("add", cls=AtlasCommand)(location_add)
    location.command("withdraw", cls=AtlasCommand)(location_withdraw)
    grading = new_app("How well the reporting stands, by whom.")
    grading.command("add", cls=AtlasCommand)(grading_add)
    attribution = new_app("Who is said to have done it, by whom.")
    attribution.command("add", cls=AtlasCommand)(attribution_add)
    for name, group in (("claim", claim), ("location", location), ("grading", grading), ("attribution", attribution)):
        app.add_typer(group, name=name)


def claim_add(
    source: SourceRequired,
    report: ReportRequired,
    why: WhyOption,
    category: Annotated[Category, typer.Option("--category", help="Who is counted.")],
    incident: Annotated[
        str | None,
        typer.Argument(metavar="INCIDENT", help="Code, a source's code, or a name; left out for a total of several."),
    ] = None,
    outcome: Annotated[Outcome, typer.Option("--outcome", help="What befell them.")] = Outcome.KILLED,
    words: Annotated[
        str | None,
        typer.Option("--words", metavar="TEXT", help='As the source has it: "at least 33", "up to 30", "denied".'),
    ] = None,
    bound: Annotated[Bound | None, typer.Option("--bound", help="Only where the words are not plain.")] = None,
    minimum: Annotated[
        int | None,
        typer.Option("--min", metavar="N", parser=whole("--min"), help="Least number, included; with --bound."),
    ] = None,
    maximum: Annotated[
        int | None,
        typer.Option("--max", metavar="N", parser=whole("--max"), help="Greatest number, included; with --bound."),
    ] = None,
    confirm_large: Annotated[
        bool, typer.Option("--confirm-large", help="A figure of 100,000 or more is meant.")
    ] = False,
    scope: Annotated[Scope, typer.Option("--scope", help="What the figure is a count of.")] = Scope.INCIDENT,
    incidents: Annotated[
        list[str] | None,
        typer.Option("--counts", metavar="INCIDENT", help="Of scope incident_set: one it counts; repeat."),
    ] = None,
    area: Annotated[str | None, typer.Option("--area", metavar="TEXT", help="Of a total: where.")] = None,
    period: Annotated[str | None, typer.Option("--period", metavar="DATES", help="Of a total: when, a/b.")] = None,
    perpetrator: Annotated[
        str | None, typer.Option("--perpetrator", metavar="ORGANISATION", help="The actor that the figure blames.")
    ] = None,
    side: Annotated[
        str | None, typer.Option("--side", metavar="ORGANISATION", help="The actor whose dead are counted.")
    ] = None,
    stated: StatedOption = None,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="The day the figure stood.")] = None,
    subset_of: Annotated[
        str | None, typer.Option("--subset-of", metavar="CLAIM", help="Code of the claim that this is a part of.")
    ] = None,
    supersedes: Annotated[
        str | None, typer.Option("--supersedes", metavar="CLAIM", help="Code of the claim that this replaces.")
    ] = None,
    locator: Annotated[
        str | None, typer.Option("--locator", metavar="TEXT", help="Page or paragraph in the report.")
    ] = None,
    note: NoteOption = None,
    by: ByOption = None,
) -> None:
    """Record what one source said. Rival figures stand side by side; none is overwritten.

    Example: incidents claim add raqqa-school --source SOHR --report sohr-2017-03-22 --category civilian
    --words 33 --stated 2017-03-22 --why "first count" --by "A. Recorder"
    """
    data = given(
        incident=incident,
        incidents=incidents,
        source=source,
        report=report,
        outcome=outcome,
        category=category,
        bound=bound,
        minimum=minimum,
        maximum=maximum,
        words=words,
        confirm_large=confirm_large,
        scope=scope,
        area=area,
        period=period,
        perpetrator=perpetrator,
        side=side,
        stated=stated,
        as_of=as_of,
        subset_of=subset_of,
        supersedes=supersedes,
        locator=locator,
        note=note,
    )
    with recording(by, why) as session:
        row = add_claim(session, validated(ClaimInput, data, where="claim"))
        line = (
            f"{row.code}: {row.outcome.value} {row.category.value} {number_text(row.bound, row.minimum, row.maximum)}"
        )
    typer.echo(line)


def claim_withdraw(
    code: Annotated[
        str, typer.Argument(metavar="CLAIM", help="The claim's code, as shown by: incidents show --explain.")
    ],
    date: Annotated[str, typer.Option("--date", metavar="DATE", help="The day the source took it back.")],
    why: WhyOption,
    version: VersionOption = None,
    by: ByOption = None,
) -> None:
    """Mark that a source took a figure back. The claim stays and is shown as withdrawn.

    Example: incidents claim withdraw raqqa-school-c1 --date 2018-06-28 --why "the source took it back"
    """
    with recording(by, why) as session:
        withdraw_claim(session, code, on=date, why=why, version=version)
    typer.echo(f"{code}: withdrawn on {date}")


def claim_totals(
    source: Annotated[
        str | None, typer.Option("--source", metavar="ORGANISATION", help="Only those of this source: code or name.")
    ] = None,
) -> None:
    """List the totals of a period, or of several incidents: figures that belong to no single incident.

    Example: incidents claim totals --source SNHR
    """
    with reading() as session:
        for row in list_totals(session, source=source):
            typer.echo(visible(_total_line(row)))


def _total_line(row: TotalClaim) -> str:
    claim = row.claim
    figure = number_text(claim.bound, claim.minimum, claim.maximum)
    words = f" “{claim.words}”" if claim.words and claim.words != figure else ""
    parts = [
        f"{claim.code}  {claim.outcome.value} {claim.category.value} {figure}{words}",
        claim.area, claim.period or claim.period_words, None if row.perpetrator is None else f"by {row.perpetrator}",
        f"– {row.source} [{row.report}]" + (" withdrawn" if claim.withdrawn else ""),
    ]  # fmt: skip
    return ", ".join(part for part in parts[:-1] if part) + f" {parts[-1]}"


def location_add(
    incident: IncidentArgument,
    source: SourceRequired,
    report: ReportRequired,
    precision: Annotated[PrecisionLevel, typer.Option("--precision", help="How fine the place is known.")],
    why: WhyOption,
    lon: Annotated[
        float | None,
        typer.Option("--lon", metavar="DEGREES", parser=decimal("--lon"), help="Longitude, degrees east."),
    ] = None,
    lat: Annotated[
        float | None,
        typer.Option("--lat", metavar="DEGREES", parser=decimal("--lat"), help="Latitude, degrees north."),
    ] = None,
    mgrs: Annotated[
        str | None, typer.Option("--mgrs", metavar="SQUARE", help="An MGRS square, e.g. 37SDV780636.")
    ] = None,
    place: Annotated[str | None, typer.Option("--place", metavar="PLACE", help="A place of the gazetteer.")] = None,
    area: Annotated[Path | None, typer.Option("--area", metavar="FILE", help="A GeoJSON geometry in a file.")] = None,
    radius_m: Annotated[
        float | None,
        typer.Option(
            "--radius-m",
            metavar="METRES",
            parser=decimal("--radius-m"),
            help="How far it may be off; default by the precision.",
        ),
    ] = None,
    method: Annotated[
        LocationMethod | None,
        typer.Option(
            "--method", help="Default: mgrs or gazetteer where --mgrs or --place is given, else source_coordinates."
        ),
    ] = None,
    is_primary: Annotated[
        bool, typer.Option("--primary", help="It stands for the incident on a map and in lists.")
    ] = False,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="Name of the place.")] = None,
    words: Annotated[
        str | None, typer.Option("--words", metavar="TEXT", help="The place as the source has it.")
    ] = None,
    geoprivacy: Annotated[Geoprivacy, typer.Option("--geoprivacy", help="What may be shown of it.")] = Geoprivacy.EXACT,
    decimals: Annotated[
        int | None, typer.Option("--decimals", metavar="N", help="Of geoprivacy reduced: a cell of 10^-N degrees.")
    ] = None,
    confirm_far: Annotated[bool, typer.Option("--confirm-far", help="The point is right, far as it is.")] = False,
    confirm_null_island: Annotated[bool, typer.Option("--confirm-null-island", help="0, 0 is meant.")] = False,
    confirm_large_area: Annotated[
        bool, typer.Option("--confirm-large-area", help="The area is right, larger than the country as it is.")
    ] = False,
    supersedes: Annotated[
        int | None, typer.Option("--supersedes", metavar="N", help="Number of the location that this replaces.")
    ] = None,
    note: NoteOption = None,
    by: ByOption = None,
) -> None:
    """Record where a source puts an incident. Rival places stand side by side.

    Example: incidents location add raqqa-school --source Airwars --report airwars-cs598 --precision exact
    --lon 38.75647 --lat 35.81629 --primary --why "geolocated by Airwars"
    """
    shape: Any = None if area is None else read_json(area)
    data = given(
        source=source,
        report=report,
        precision=precision,
        lon=lon,
        lat=lat,
        mgrs=mgrs,
        place=place,
        area=shape,
        radius_m=radius_m,
        method=method or _method(mgrs=mgrs, place=place),
        is_primary=is_primary,
        place_name=name,
        place_words=words,
        geoprivacy=geoprivacy,
        public_decimals=decimals,
        confirm_far=confirm_far,
        confirm_null_island=confirm_null_island,
        confirm_large_area=confirm_large_area,
        supersedes=supersedes,
        note=note,
    )
    with recording(by, why) as session:
        row = find_incident(session, incident)
        made = add_location(session, row, validated(LocationInput, data, where="location"))
        line = f"{row.code}: location #{made.key}, {made.precision.value}"
    typer.echo(line)


def _method(*, mgrs: str | None, place: str | None) -> LocationMethod:
    """How the point was found, as far as the options themselves say it."""
    if mgrs is not None:
        return LocationMethod.MGRS
    return LocationMethod.SOURCE_COORDINATES if place is None else LocationMethod.GAZETTEER


def location_withdraw(
    number: Annotated[int, typer.Argument(metavar="N", help="The location's number, as shown by: incidents show.")],
    why: WhyOption,
    version: VersionOption = None,
    by: ByOption = None,
) -> None:
    """Mark a location as taken back. It stays in the history.

    Example: incidents location withdraw 7 --why "the source corrected itself"
    """
    with recording(by, why) as session:
        withdraw_location(session, number, version=version)
    typer.echo(f"location #{number}: withdrawn")


def grading_add(
    incident: IncidentArgument,
    grading: Annotated[Grading, typer.Option("--grading", help="How well the reporting stands.")],
    graded_by: Annotated[str, typer.Option("--graded-by", metavar="ORGANISATION", help="Who grades: code or name.")],
    why: WhyOption,
    report: Annotated[
        str | None, typer.Option("--report", metavar="REPORT", help="Where: code or address of a recorded report.")
    ] = None,
    date: Annotated[str | None, typer.Option("--date", metavar="DATE", help="When it was graded.")] = None,
    by: ByOption = None,
) -> None:
    """Record one body's grading of the reporting. Earlier ones stay in the history.

    Example: incidents grading add al-jinah --grading fair --graded-by Airwars --report airwars-cs578
    --why "two sources"
    """
    data = given(grading=grading, by=graded_by, report=report, graded=date, why=why)
    with recording(by, why) as session:
        row = find_incident(session, incident)
        add_grading(session, row, validated(GradingInput, data, where="grading"))
        line = f"{row.code}: {grading.value}, by {graded_by}"
    typer.echo(line)


def attribution_add(
    incident: IncidentArgument,
    organisation: Annotated[
        str, typer.Option("--organisation", metavar="ORGANISATION", help="The actor: code or name.")
    ],
    strength: Annotated[AttributionStrength, typer.Option("--strength", help="How firmly.")],
    source: SourceRequired,
    report: ReportRequired,
    why: WhyOption,
    role: Annotated[
        AttributionRole, typer.Option("--role", help="What its part is said to be.")
    ] = AttributionRole.PERPETRATOR,
    stated: StatedOption = None,
    note: NoteOption = None,
    by: ByOption = None,
) -> None:
    """Record whom a source names, and how firmly.

    Example: incidents attribution add al-jinah --organisation "United States" --strength declared
    --source CENTCOM --report nyt-2017-03-21 --why "statement of CENTCOM"
    """
    data = given(
        organisation=organisation, role=role, strength=strength, by=source, report=report, stated=stated, note=note
    )
    with recording(by, why) as session:
        row = find_incident(session, incident)
        add_attribution(session, row, validated(AttributionInput, data, where="attribution"))
        line = f"{row.code}: {organisation}, {role.value}, {strength.value}, by {source}"
    typer.echo(line)
