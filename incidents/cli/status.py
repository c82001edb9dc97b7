"""``incidents status``: where investigations stand, and a new step of one."""

from __future__ import annotations

from typing import Annotated

import typer

from db.cells import visible
from db.vocabulary import InvestigationState, Process, StepKind, StepReason
from incidents.cli import text
from incidents.cli.app import given, instant, reading, recording
from incidents.cli.groups import AtlasCommand, new_app
from incidents.cli.options import AsOfOption, ByOption, IncidentArgument, NoteOption, WhyOption
from incidents.dossiers import dossier
from incidents.inputs import validated
from incidents.investigations import StepInput, add_step
from incidents.records import find_incident
from incidents.tiers import Tier


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    status = new_app("Where investigations stand: record a step, or print the history.")
    status.command("set", cls=AtlasCommand)(set_command)
    status.command("history", cls=AtlasCommand)(history_command)
    app.add_typer(status, name="status")


def set_command(
    incident: IncidentArgument,
    authority: Annotated[
        str, typer.Option("--authority", metavar="ORGANISATION", help="Who investigates: code or name.")
    ],
    state: Annotated[InvestigationState, typer.Option("--state", help="The state after this step.")],
    date: Annotated[str, typer.Option("--date", metavar="DATE", help="When: YYYY-MM-DD, or an interval a/b.")],
    why: WhyOption,
    process: Annotated[
        Process, typer.Option("--process", help="The kind of investigation.")
    ] = Process.CREDIBILITY_ASSESSMENT,
    kind: Annotated[StepKind | None, typer.Option("--kind", help="Worked out from the states if left out.")] = None,
    reason: Annotated[StepReason | None, typer.Option("--reason", help="The authority's own reason.")] = None,
    report: Annotated[
        str | None, typer.Option("--report", metavar="REPORT", help="Code or address of the report that says so.")
    ] = None,
    corrects: Annotated[
        int | None, typer.Option("--corrects", metavar="N", help="Number of the step that this one restates.")
    ] = None,
    duplicate_of: Annotated[
        str | None, typer.Option("--duplicate-of", metavar="INCIDENT", help="Of state duplicate: what it duplicates.")
    ] = None,
    note: NoteOption = None,
    by: ByOption = None,
) -> None:
    """Record a step of an investigation. Steps are only ever added; a mistake is corrected by a further step.

    Example: incidents status set raqqa-school --authority CJTF-OIR --state credible --date 2018-06-28
    --report cjtf-oir-2018-06-28 --why "monthly report of June 2018" --by "A. Recorder"
    """
    data = given(
        authority=authority,
        process=process,
        state=state,
        taken=date,
        kind=kind,
        reason=reason,
        report=report,
        corrects=corrects,
        duplicate_of=duplicate_of,
        note=note,
        why=why,
    )
    with recording(by, why) as session:
        row = find_incident(session, incident)
        step = add_step(session, row, validated(StepInput, data, where="step"))
        line = f"{row.code}: {step.kind.value} → {step.state.value} on {step.taken} (step #{step.key})"
    typer.echo(line)


def history_command(incident: IncidentArgument, as_of: AsOfOption = None) -> None:
    """Print every step of every investigation of an incident, with who recorded it.

    Example: incidents status history raqqa-school --as-of 2017-08-01
    """
    with reading() as session:
        row = find_incident(session, incident)
        found = dossier(session, row.key, tier=Tier.INTERNAL, as_of=instant(as_of))
        if found is None or len(found.threads) == 0:
            typer.echo(f"{row.code}: not assessed by anybody" + (f" by {as_of}" if as_of else ""))
            return
        for thread in found.threads:
            for line in text.thread_lines(thread):
                typer.echo(visible(line))
            recorders = dict.fromkeys(
                f"{step.recorded_by}, {step.recorded_at:%Y-%m-%d %H:%MZ}" for step in thread.steps
            )
            typer.echo(visible(f"      recorded by {'; '.join(recorders)}"))
