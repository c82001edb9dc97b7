"""``incidents show`` and ``incidents history``: one incident, whole."""

from __future__ import annotations

from typing import Annotated

import typer

from db.cells import visible
from db.errors import NotFoundError
from incidents.cli import text
from incidents.cli.app import instant, reading
from incidents.cli.groups import AtlasCommand
from incidents.cli.options import AsOfOption, IncidentArgument, RuleOption, TierOption
from incidents.dossiers import dossier
from incidents.history import history_of
from incidents.ranges import Rule
from incidents.records import find_incident
from incidents.tiers import Tier


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.command("show", cls=AtlasCommand)(show_command)
    app.command("history", cls=AtlasCommand)(history_command)


def show_command(
    incident: IncidentArgument,
    explain: Annotated[bool, typer.Option("--explain", help="List the claims used and left out, and why.")] = False,
    rule: RuleOption = Rule.ENVELOPE,
    as_of: AsOfOption = None,
    tier: TierOption = Tier.INTERNAL,
) -> None:
    """Show one incident: names, window, places, ranges, gradings, and where each investigation stands.

    Example: incidents show raqqa-school --explain --as-of 2017-08-01
    """
    with reading() as session:
        row = find_incident(session, incident)
        found = dossier(session, row.key, tier=tier, as_of=instant(as_of))
        if found is None:
            raise NotFoundError("unknown_incident", "No incident has this code or name.", got=incident)
        if as_of is not None:
            typer.echo(f"As of {as_of}: only what was certainly said by then.")
        for line in text.sheet(found, rule=rule, explain=explain):
            typer.echo(visible(line))


def history_command(incident: IncidentArgument) -> None:
    """Print who recorded or changed what of an incident, when and why.

    Example: incidents history raqqa-school
    """
    with reading() as session:
        for entry in history_of(session, find_incident(session, incident).key):
            typer.echo(visible(f"{entry.at:%Y-%m-%d %H:%M:%SZ}  {entry.who}: {entry.what}"))
            typer.echo(visible(f"    why: {entry.why}"))
            for change in entry.changes:
                typer.echo(visible(f"    {change}"))
