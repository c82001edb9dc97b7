"""Claims, locations, gradings, attributions, reports and organisations: adding, and taking back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from db.strictjson import read_json
from db.vocabulary import (
    AttributionRole,
    AttributionStrength,
    Bound,
    Category,
    Geoprivacy,
    Grading,
    LocationMethod,
    OrganisationKind,
    Outcome,
    PrecisionLevel,
    Scope,
    Visibility,
)
from incidents.attributions import AttributionInput, GradingInput, add_attribution, add_grading
from incidents.claims import ClaimInput, add_claim, withdraw_claim
from incidents.cli.app import ByOption, IncidentArgument, VersionOption, WhyOption, given, new_app, reading, recording
from incidents.inputs import validated
from incidents.locations import LocationInput, add_location, withdraw_location
from incidents.organisations import OrganisationInput, add_organisation, list_organisations
from incidents.ranges import number_text
from incidents.records import find_incident
from incidents.reports import ReportInput, add_report, list_reports

claim_app = new_app("What a source said about the dead, the injured, the missing.")
location_app = new_app("Where a source puts an incident.")
grading_app = new_app("How well the reporting stands, by whom.")
attribution_app = new_app("Who is said to have done it, by whom.")
report_app = new_app("The pages that everything is cited from.")
organisation_app = new_app("Sources, publishers, belligerents and authorities.")

SourceRequired = Annotated[str, typer.Option("--source", help="Who said it: code or name.")]
ReportRequired = Annotated[str, typer.Option("--report", help="Where: code or address of a recorded report.")]
StatedOption = Annotated[str | None, typer.Option("--stated", metavar="DATE", help="When it was said.")]
NoteOption = Annotated[str | None, typer.Option("--note")]


@claim_app.command("add")
def claim_add(
    source: SourceRequired,
    report: ReportRequired,
    why: WhyOption,
    category: Annotated[Category, typer.Option("--category", help="Who is counted.")],
    incident: Annotated[
        str | None, typer.Argument(metavar="[INCIDENT]", help="Left out for a total of a period.")
    ] = None,
    outcome: Annotated[Outcome, typer.Option("--outcome")] = Outcome.KILLED,
    words: Annotated[
        str | None, typer.Option("--words", help='As the source has it: "at least 33", "up to 30".')
    ] = None,
    bound: Annotated[Bound | None, typer.Option("--bound", help="Only where the words are not plain.")] = None,
    minimum: Annotated[int | None, typer.Option("--min")] = None,
    maximum: Annotated[int | None, typer.Option("--max")] = None,
    confirm_large: Annotated[
        bool, typer.Option("--confirm-large", help="A figure of 100,000 or more is meant.")
    ] = False,
    scope: Annotated[Scope, typer.Option("--scope")] = Scope.INCIDENT,
    incidents: Annotated[
        list[str] | None, typer.Option("--counts", help="For scope incident_set: an incident it counts.")
    ] = None,
    area: Annotated[str | None, typer.Option("--area", help="Of a total: where.")] = None,
    period: Annotated[str | None, typer.Option("--period", help="Of a total: when, a/b.")] = None,
    perpetrator: Annotated[str | None, typer.Option("--perpetrator", help="Of a total: by whom.")] = None,
    stated: StatedOption = None,
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="The day the figure stood.")] = None,
    subset_of: Annotated[
        str | None, typer.Option("--subset-of", help="Code of the claim that this is a part of.")
    ] = None,
    supersedes: Annotated[
        str | None, typer.Option("--supersedes", help="Code of the claim that this replaces.")
    ] = None,
    note: NoteOption = None,
    by: ByOption = None,
) -> None:
    """Record what one source said. Rival figures stand side by side; none is overwritten.

    Example: incidents claim add raqqa-school --source SOHR --report sohr-2017-03-22 --category civilian
    --words "at least 33" --stated 2017-03-22 --why "first count" --by "A. Recorder"
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
        stated=stated,
        as_of=as_of,
        subset_of=subset_of,
        supersedes=supersedes,
        note=note,
    )
    with recording(by, why) as session:
        row = add_claim(session, validated(ClaimInput, data, where="claim"))
        line = (
            f"{row.code}: {row.outcome.value} {row.category.value} {number_text(row.bound, row.minimum, row.maximum)}"
        )
    typer.echo(line)


@claim_app.command("withdraw")
def claim_withdraw(
    code: Annotated[str, typer.Argument(help="The claim's code.")],
    date: Annotated[str, typer.Option("--date", help="The day the source took it back.")],
    why: WhyOption,
    version: VersionOption = None,
    by: ByOption = None,
) -> None:
    """Mark that a source took a figure back. The claim stays and is shown as withdrawn.

    Example: incidents claim withdraw raqqa-school-c3 --date 2017-07-07 --why "retracted by the press office"
    """
    with recording(by, why) as session:
        withdraw_claim(session, code, on=date, why=why, version=version)
    typer.echo(f"{code}: withdrawn on {date}")


@location_app.command("add")
def location_add(
    incident: IncidentArgument,
    source: SourceRequired,
    report: ReportRequired,
    precision: Annotated[PrecisionLevel, typer.Option("--precision", help="How fine the place is known.")],
    why: WhyOption,
    lon: Annotated[float | None, typer.Option("--lon", help="Longitude, degrees east.")] = None,
    lat: Annotated[float | None, typer.Option("--lat", help="Latitude, degrees north.")] = None,
    mgrs: Annotated[str | None, typer.Option("--mgrs", help="An MGRS square, e.g. 37SDV780636.")] = None,
    place: Annotated[str | None, typer.Option("--place", help="A place of the gazetteer.")] = None,
    area: Annotated[Path | None, typer.Option("--area", help="A GeoJSON geometry in a file.")] = None,
    radius_m: Annotated[float | None, typer.Option("--radius-m", help="Metres; default by the precision.")] = None,
    method: Annotated[LocationMethod, typer.Option("--method")] = LocationMethod.SOURCE_COORDINATES,
    is_primary: Annotated[bool, typer.Option("--primary", help="It stands for the incident on a map.")] = False,
    name: Annotated[str | None, typer.Option("--name", help="Name of the place.")] = None,
    words: Annotated[str | None, typer.Option("--words", help="The place as the source has it.")] = None,
    geoprivacy: Annotated[Geoprivacy, typer.Option("--geoprivacy", help="What may be shown of it.")] = Geoprivacy.EXACT,
    decimals: Annotated[
        int | None, typer.Option("--decimals", help="Of geoprivacy reduced: cell of 10^-N degrees.")
    ] = None,
    confirm_far: Annotated[bool, typer.Option("--confirm-far", help="The point is right, far as it is.")] = False,
    confirm_null_island: Annotated[bool, typer.Option("--confirm-null-island", help="0, 0 is meant.")] = False,
    supersedes: Annotated[
        int | None, typer.Option("--supersedes", help="Number of the location that this replaces.")
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
        method=method,
        is_primary=is_primary,
        place_name=name,
        place_words=words,
        geoprivacy=geoprivacy,
        public_decimals=decimals,
        confirm_far=confirm_far,
        confirm_null_island=confirm_null_island,
        supersedes=supersedes,
        note=note,
    )
    with recording(by, why) as session:
        row = find_incident(session, incident)
        made = add_location(session, row, validated(LocationInput, data, where="location"))
        line = f"{row.code}: location #{made.key}, {made.precision.value}"
    typer.echo(line)


@location_app.command("withdraw")
def location_withdraw(
    number: Annotated[int, typer.Argument(help="The location's number, as shown by: incidents show.")],
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


@grading_app.command("add")
def grading_add(
    incident: IncidentArgument,
    grading: Annotated[Grading, typer.Option("--grading")],
    graded_by: Annotated[str, typer.Option("--graded-by", help="Who grades: code or name.")],
    why: WhyOption,
    report: Annotated[str | None, typer.Option("--report", help="Code or address of a recorded report.")] = None,
    date: Annotated[str | None, typer.Option("--date", help="When it was graded.")] = None,
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


@attribution_app.command("add")
def attribution_add(
    incident: IncidentArgument,
    organisation: Annotated[str, typer.Option("--organisation", help="The actor: code or name.")],
    strength: Annotated[AttributionStrength, typer.Option("--strength")],
    source: SourceRequired,
    report: ReportRequired,
    why: WhyOption,
    role: Annotated[AttributionRole, typer.Option("--role")] = AttributionRole.PERPETRATOR,
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


@report_app.command("add")
def report_add(
    code: Annotated[str, typer.Argument(help="A short code to cite it by.")],
    publisher: Annotated[str, typer.Option("--publisher", help="Code or name of an organisation.")],
    title: Annotated[str, typer.Option("--title")],
    why: WhyOption,
    url: Annotated[str | None, typer.Option("--url")] = None,
    archive_url: Annotated[str | None, typer.Option("--archive-url")] = None,
    published: Annotated[
        str | None, typer.Option("--published", metavar="DATE", help="Day, month, year or a/b.")
    ] = None,
    language: Annotated[str | None, typer.Option("--language", help="BCP 47 tag: en, ar.")] = None,
    sha256: Annotated[str | None, typer.Option("--sha256", help="Of the captured bytes.")] = None,
    licence: Annotated[str | None, typer.Option("--licence")] = None,
    citation: Annotated[str | None, typer.Option("--citation")] = None,
    visibility: Annotated[Visibility, typer.Option("--visibility")] = Visibility.PUBLIC,
    keep_in: Annotated[bool, typer.Option("--keep-in", help="It, and what cites it, may not be exported.")] = False,
    note: NoteOption = None,
    by: ByOption = None,
) -> None:
    """Record a report, so that claims, places and steps can cite it.

    Example: incidents report add sohr-2017-03-22 --publisher SOHR --title "33 killed at a school in Mansoura"
    --published 2017-03-22 --why "source of the first count"
    """
    data = given(
        code=code,
        publisher=publisher,
        title=title,
        url=url,
        archive_url=archive_url,
        published=published,
        language=language,
        sha256=sha256,
        licence=licence,
        citation=citation,
        visibility=visibility,
        may_export=not keep_in,
        note=note,
    )
    with recording(by, why) as session:
        add_report(session, validated(ReportInput, data, where="report"))
    typer.echo(f"{code}: recorded")


@report_app.command("list")
def report_list(words: Annotated[str | None, typer.Option("--text", help="Part of the code or title.")] = None) -> None:
    """List the reports with their codes.

    Example: incidents report list --text school
    """
    with reading() as session:
        for row in list_reports(session, words):
            typer.echo(f"{row.code}  {row.published or 'undated'}  {row.title}")


@organisation_app.command("add")
def organisation_add(
    code: Annotated[str, typer.Argument(help="A short code.")],
    name: Annotated[str, typer.Option("--name")],
    kind: Annotated[OrganisationKind, typer.Option("--kind")],
    why: WhyOption,
    alias: Annotated[list[str] | None, typer.Option("--alias", help="Another name; may be repeated.")] = None,
    member_of: Annotated[list[str] | None, typer.Option("--member-of", help="A group it belongs to.")] = None,
    part_of: Annotated[list[str] | None, typer.Option("--part-of", help="An organisation it is part of.")] = None,
    group: Annotated[
        str | None, typer.Option("--independence-group", help="Code of the body whose word it repeats.")
    ] = None,
    by: ByOption = None,
) -> None:
    """Record a source, publisher, belligerent or authority.

    Example: incidents organisation add rbss --name "Raqqa Is Being Slaughtered Silently" --kind local_media
    --why "source of 22 March"
    """
    belongs = [{"group": found} for found in member_of or []]
    belongs += [{"group": found, "kind": "part"} for found in part_of or []]
    data = given(code=code, name=name, kind=kind, aliases=alias, belongs_to=belongs, independence_group=group)
    with recording(by, why) as session:
        add_organisation(session, validated(OrganisationInput, data, where="organisation"))
    typer.echo(f"{code}: recorded")


@organisation_app.command("list")
def organisation_list(words: Annotated[str | None, typer.Option("--text", help="Part of a name.")] = None) -> None:
    """List the organisations with their codes.

    Example: incidents organisation list --text coalition
    """
    with reading() as session:
        for row in list_organisations(session, words):
            typer.echo(f"{row.code}  {row.name}  ({row.kind.value})")
