"""``incidents same``: which records are one event."""

from __future__ import annotations

from typing import Annotated

import typer

from db.vocabulary import Verdict
from incidents.cli.app import given, recording
from incidents.cli.groups import AtlasCommand, new_app
from incidents.cli.options import ByOption
from incidents.inputs import validated
from incidents.same_event import JudgementInput, judge


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    same = new_app("Which records are one event, or part of another.")
    same.command("judge", cls=AtlasCommand)(judge_command)
    app.add_typer(same, name="same")


def judge_command(
    first: Annotated[str, typer.Argument(metavar="INCIDENT", help="Code, a source's code, or a name.")],
    second: Annotated[str, typer.Argument(metavar="INCIDENT", help="The other one.")],
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="The evidence, kept with the judgement.")],
    verdict: Annotated[
        Verdict,
        typer.Option(
            "--verdict",
            help="Whether they are one event, or the first is part of the second; undecided undoes what was judged.",
        ),
    ] = Verdict.SAME,
    report: Annotated[
        list[str] | None, typer.Option("--report", metavar="REPORT", help="A report that shows it; may be repeated.")
    ] = None,
    by: ByOption = None,
) -> None:
    """Judge whether two records are one event. Both keep all their rows; totals count the event once.

    Example: incidents same judge al-jinah aleppo-mosque --why "same strike, other name" --report bellingcat-2017-04
    """
    data = given(first=first, second=second, verdict=verdict, evidence=why, reports=report)
    with recording(by, why) as session:
        judge(session, validated(JudgementInput, data, where="judgement"))
    typer.echo(f"{first} and {second}: {verdict.value}")
