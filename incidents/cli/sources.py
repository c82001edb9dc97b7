"""``incidents report`` and ``incidents organisation``: what everything is cited from, and who says or does it."""

from __future__ import annotations

from typing import Annotated

import typer

from db.cells import visible
from db.vocabulary import OrganisationKind, Visibility
from incidents.cli.app import given, reading, recording
from incidents.cli.groups import AtlasCommand, new_app
from incidents.cli.options import ByOption, NoteOption, WhyOption
from incidents.inputs import validated
from incidents.organisations import OrganisationInput, add_organisation, list_organisations
from incidents.reports import ReportInput, add_report, list_reports


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    report = new_app("The pages that everything is cited from.")
    report.command("add", cls=AtlasCommand)(report_add)
    report.command("list", cls=AtlasCommand)(report_list)
    organisation = new_app("Sources, publishers, belligerents and authorities.")
    organisation.command("add", cls=AtlasCommand)(organisation_add)
    organisation.command("list", cls=AtlasCommand)(organisation_list)
    app.add_typer(report, name="report")
    app.add_typer(organisation, name="organisation")


def report_add(
    code: Annotated[str, typer.Argument(metavar="CODE", help="A short code to cite it by.")],
    publisher: Annotated[
        str, typer.Option("--publisher", metavar="ORGANISATION", help="Who published it: code or name.")
    ],
    title: Annotated[str, typer.Option("--title", metavar="TEXT", help="Its title, as published.")],
    why: WhyOption,
    url: Annotated[str | None, typer.Option("--url", metavar="URL", help="Its own address.")] = None,
    archive_url: Annotated[
        str | None, typer.Option("--archive-url", metavar="URL", help="Where a copy is archived.")
    ] = None,
    published: Annotated[
        str | None, typer.Option("--published", metavar="DATE", help="Day, month, year or a/b.")
    ] = None,
    language: Annotated[str | None, typer.Option("--language", metavar="TAG", help="BCP 47 tag: en, ar.")] = None,
    sha256: Annotated[str | None, typer.Option("--sha256", metavar="HEX", help="Of the captured bytes.")] = None,
    licence: Annotated[
        str | None, typer.Option("--licence", metavar="TEXT", help="The licence it may be used under.")
    ] = None,
    citation: Annotated[str | None, typer.Option("--citation", metavar="TEXT", help="How it asks to be cited.")] = None,
    visibility: Annotated[
        Visibility, typer.Option("--visibility", help="Who may see it, and what cites it.")
    ] = Visibility.PUBLIC,
    keep_in: Annotated[bool, typer.Option("--keep-in", help="It, and what cites it, may not be exported.")] = False,
    note: NoteOption = None,
    by: ByOption = None,
) -> None:
    """Record a report, so that claims, places and steps can cite it.

    Example: incidents report add centcom-2019-04-26 --publisher CENTCOM --title "Monthly civilian casualty report"
    --published 2019-04-26 --language en --why "it closes a case"
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


def report_list(
    words: Annotated[str | None, typer.Option("--text", metavar="TEXT", help="Part of the code or title.")] = None,
) -> None:
    """List the reports with their codes.

    Example: incidents report list --text school
    """
    with reading() as session:
        for row in list_reports(session, words):
            typer.echo(visible(f"{row.code}  {row.published or 'undated'}  {row.title}"))


def organisation_add(
    code: Annotated[str, typer.Argument(metavar="CODE", help="A short code.")],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="The name it is listed under.")],
    kind: Annotated[OrganisationKind, typer.Option("--kind", help="What it is.")],
    why: WhyOption,
    alias: Annotated[
        list[str] | None, typer.Option("--alias", metavar="NAME", help="Another name; may be repeated.")
    ] = None,
    member_of: Annotated[
        list[str] | None, typer.Option("--member-of", metavar="CODE", help="A group it belongs to.")
    ] = None,
    part_of: Annotated[
        list[str] | None, typer.Option("--part-of", metavar="CODE", help="An organisation it is part of.")
    ] = None,
    group: Annotated[
        str | None, typer.Option("--independence-group", metavar="CODE", help="Code of the body whose word it repeats.")
    ] = None,
    by: ByOption = None,
) -> None:
    """Record a source, publisher, belligerent or authority.

    Example: incidents organisation add amnesty --name "Amnesty International" --alias Amnesty
    --kind ngo_investigator --why "it visited the site"
    """
    belongs = [{"group": found} for found in member_of or []]
    belongs += [{"group": found, "kind": "part"} for found in part_of or []]
    data = given(code=code, name=name, kind=kind, aliases=alias, belongs_to=belongs, independence_group=group)
    with recording(by, why) as session:
        add_organisation(session, validated(OrganisationInput, data, where="organisation"))
    typer.echo(f"{code}: recorded")


def organisation_list(
    words: Annotated[str | None, typer.Option("--text", metavar="TEXT", help="Part of a name.")] = None,
) -> None:
    """List the organisations with their codes.

    Example: incidents organisation list --text coalition
    """
    with reading() as session:
        for row in list_organisations(session, words):
            typer.echo(visible(f"{row.code}  {row.name}  ({row.kind.value})"))
