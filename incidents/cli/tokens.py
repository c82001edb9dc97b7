"""``incidents token``: who may use a server."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from db.vocabulary import Role
from incidents.cli.app import console, given, reading, recording
from incidents.cli.groups import AtlasCommand, new_app
from incidents.cli.options import ByOption, WhyOption
from incidents.inputs import validated
from incidents.tiers import Tier
from incidents.tokens import TokenInput, create_token, list_tokens, revoke_token

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Who holds it; a change is recorded under it.")]


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    token = new_app("The tokens that a server accepts.")
    token.command("create", cls=AtlasCommand)(create_command)
    token.command("list", cls=AtlasCommand)(list_command)
    token.command("revoke", cls=AtlasCommand)(revoke_command)
    app.add_typer(token, name="token")


def create_command(
    name: NameArgument,
    why: WhyOption,
    role: Annotated[Role, typer.Option("--role", help="What the holder may do.")] = Role.VIEWER,
    tier: Annotated[
        Tier | None, typer.Option("--tier", help="What a viewer may see; default public. Editors see everything.")
    ] = None,
    days: Annotated[int | None, typer.Option("--days", metavar="N", help="It is refused after so many days.")] = None,
    by: ByOption = None,
) -> None:
    """Make a token and print it, once: only its SHA-256 is kept.

    Example: incidents token create "A. Recorder" --role editor --days 90 --why "works on the Raqqa records"
    """
    with recording(by, why) as session:
        text = create_token(
            session, validated(TokenInput, given(name=name, role=role, tier=tier, days=days), where="token")
        )
    typer.echo(text)


def list_command() -> None:
    """List the tokens: who, as what, until when. Their texts are not kept.

    Example: incidents token list
    """
    with reading() as session:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for title in ("Name", "Role", "Sees", "Expires", "State"):
            table.add_column(title)
        for row in list_tokens(session):
            expires = "never" if row.expires is None else f"{row.expires:%Y-%m-%d %H:%M} UTC"
            table.add_row(row.name, row.role.value, row.sees.value, expires, "revoked" if row.revoked else "accepted")
        console().print(table)


def revoke_command(name: NameArgument, why: WhyOption, by: ByOption = None) -> None:
    """Refuse a token from the next request on.

    Example: incidents token revoke "A. Recorder" --why "left the organisation"
    """
    with recording(by, why) as session:
        revoke_token(session, name)
    typer.echo(f"{name}: revoked")
