"""``incidents add``, ``incidents edit`` and ``incidents statement``: incidents themselves."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from db.errors import InputError
from db.vocabulary import EventKind, PartOfDay, StrikeStatus, TimePrecision, Visibility, WindowKind, YesNoUnknown
from incidents.cli.app import given, recording
from incidents.cli.groups import AtlasCommand, new_app
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
from incidents.records import (
    IncidentEdit,
    IncidentInput,
    StatementInput,
    add_incident,
    add_statement,
    edit_incident,
    find_incident,
)

NameOption = Annotated[
    str | None, typer.Option("--name", metavar="NAME", help="The name it is listed under; the old one stays findable.")
]
KindOption = Annotated[EventKind | None, typer.Option("--kind", help="What kind of event; unknown if left out.")]
CountryOption = Annotated[str | None, typer.Option("--country", metavar="CODE", help="ISO 3166 code of two letters.")]
StartOption = Annotated[
    str | None, typer.Option("--start", metavar="TIME", help="Day, month, year, or a local time in --tz.")
]
EndOption = Annotated[str | None, typer.Option("--end", metavar="TIME", help="The last day or minute, included.")]
EdtfOption = Annotated[
    str | None, typer.Option("--edtf", metavar="EDTF", help="The window as EDTF, e.g. [2017-03-20..2017-03-21].")
]
TzOption = Annotated[
    str | None, typer.Option("--tz", metavar="ZONE", help="IANA zone, e.g. Asia/Damascus; default UTC.")
]
PrecisionOption = Annotated[
    TimePrecision | None, typer.Option("--time-precision", help="How fine the time is known; default as written.")
]
WindowOption = Annotated[
    WindowKind | None, typer.Option("--window-kind", help="One moment in it (the default), or as long as it.")
]
PartOption = Annotated[PartOfDay | None, typer.Option("--part-of-day", help="The part of the local day.")]
WordsOption = Annotated[str | None, typer.Option("--time-words", metavar="TEXT", help="The time as the source has it.")]
HarmOption = Annotated[
    YesNoUnknown | None,
    typer.Option("--civilian-harm-reported", help="Whether anybody reports harm to civilians."),
]
StrikeOption = Annotated[
    StrikeStatus | None, typer.Option("--strike-status", help="How sure it is that there was a strike.")
]
VisibilityOption = Annotated[Visibility | None, typer.Option("--visibility", help="Who may see the record.")]


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command("add", cls=AtlasCommand)(add_command)
    app.command("edit", cls=AtlasCommand)(edit_command)
    statement = new_app("What somebody said of an incident that is neither a figure nor a step.")
    statement.command("add", cls=AtlasCommand)(statement_command)
    app.add_typer(statement, name="statement")


def add_command(
    code: Annotated[str, typer.Argument(metavar="CODE", help="A short stable code, e.g. idlib-market.")],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="The name it is listed under.")],
    why: WhyOption,
    kind: KindOption = None,
    country: CountryOption = None,
    start: StartOption = None,
    end: EndOption = None,
    edtf: EdtfOption = None,
    tz: TzOption = None,
    time_precision: PrecisionOption = None,
    window_kind: WindowOption = None,
    part_of_day: PartOption = None,
    time_words: WordsOption = None,
    civilian_harm_reported: HarmOption = None,
    strike_status: StrikeOption = None,
    visibility: VisibilityOption = None,
    alias: Annotated[
        list[str] | None, typer.Option("--alias", metavar="NAME", help="Another name, in any script; may be repeated.")
    ] = None,
    source_code: Annotated[
        list[str] | None,
        typer.Option("--source-code", metavar="SCHEME:CODE", help="A source's own code; may be repeated."),
    ] = None,
    note: NoteOption = None,
    by: ByOption = None,
) -> None:
    """Record an incident: its name and when it was. Places and figures follow, each from a source.

    Example: incidents add idlib-market --name "Market in Idlib" --kind airstrike --country SY
    --start 2017-04-04T06:40 --tz Asia/Damascus --why "reported by three sources" --by "A. Recorder"
    """
    data = given(
        code=code,
        name=name,
        kind=kind,
        country=country,
        start=start,
        end=end,
        edtf=edtf,
        tz=tz,
        time_precision=time_precision,
        window_kind=window_kind,
        part_of_day=part_of_day,
        time_words=time_words,
        civilian_harm_reported=civilian_harm_reported,
        strike_status=strike_status,
        visibility=visibility,
        names=[{"name": found} for found in alias or []],
        codes=[_code(found) for found in source_code or []],
        note=note,
    )
    with recording(by, why) as session:
        add_incident(session, validated(IncidentInput, data, where="incident"))
    typer.echo(f"{code}: recorded")


def _code(given_text: str) -> dict[str, Any]:
    scheme, colon, code = given_text.partition(":")
    if colon == "":
        raise InputError(
            "bad_source_code",
            "A source's code is written SCHEME:CODE.",
            got=given_text,
            fix="For example: --source-code airwars:CS598",
        )
    return {"scheme": scheme, "code": code}


def edit_command(
    incident: IncidentArgument,
    why: WhyOption,
    name: NameOption = None,
    kind: KindOption = None,
    country: CountryOption = None,
    start: StartOption = None,
    end: EndOption = None,
    edtf: EdtfOption = None,
    tz: TzOption = None,
    time_precision: PrecisionOption = None,
    window_kind: WindowOption = None,
    part_of_day: PartOption = None,
    time_words: WordsOption = None,
    civilian_harm_reported: HarmOption = None,
    strike_status: StrikeOption = None,
    visibility: VisibilityOption = None,
    withdrawn: Annotated[
        bool | None, typer.Option("--withdraw/--restore", help="Take the record out of answers, or back in.")
    ] = None,
    note: NoteOption = None,
    version: VersionOption = None,
    by: ByOption = None,
) -> None:
    """Change an incident's own fields. The old values stay in the journal: incidents history CODE.

    Example: incidents edit raqqa-school --visibility restricted --why "asked for by the family's lawyer" --version 1
    """
    data = given(
        name=name,
        kind=kind,
        country=country,
        start=start,
        end=end,
        edtf=edtf,
        tz=tz,
        time_precision=time_precision,
        window_kind=window_kind,
        part_of_day=part_of_day,
        time_words=time_words,
        civilian_harm_reported=civilian_harm_reported,
        strike_status=strike_status,
        visibility=visibility,
        withdrawn=withdrawn,
        note=note,
    )
    with recording(by, why) as session:
        row = edit_incident(session, incident, validated(IncidentEdit, data, where="edit"), version=version)
        line = f"{row.code}: now at version {row.version}"
    typer.echo(line)


def statement_command(
    incident: IncidentArgument,
    source: SourceRequired,
    report: ReportRequired,
    words: Annotated[str, typer.Option("--words", metavar="TEXT", help="What was said, in short.")],
    why: WhyOption,
    stated: StatedOption = None,
    uncertain: Annotated[bool, typer.Option("--uncertain-target", help="It may be about another incident.")] = False,
    by: ByOption = None,
) -> None:
    """Record what somebody said of an incident that is neither a figure nor a step of an investigation.

    Example: incidents statement add mosul-2017-03-17 --source CJTF-OIR --report cjtf-oir-briefing-2017-03-28
    --words "at least a fair chance that the Coalition did it" --stated 2017-03-28 --why "first admission"
    """
    data = given(by=source, report=report, words=words, stated=stated, uncertain_target=uncertain)
    with recording(by, why) as session:
        row = find_incident(session, incident)
        add_statement(session, row, validated(StatementInput, data, where="statement"))
        line = f"{row.code}: statement by {source} recorded"
    typer.echo(line)
