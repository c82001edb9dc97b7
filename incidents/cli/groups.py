"""Command groups with this product's manners: parts loaded when asked for, and errors as one clear paragraph."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

INTERRUPTED = 130
RESOURCE = 5
WIDTH = 76
EXAMPLE = "Example:"

PARTS = {
    "find": "find",
    "total": "totals",
    "reconcile": "reconcile",
    "contradictions": "contradictions",
    "ledger": "contradictions",
    "show": "show",
    "history": "show",
    "export": "export",
    "add": "recording",
    "edit": "recording",
    "statement": "recording",
    "status": "status",
    "claim": "ledger",
    "location": "ledger",
    "grading": "ledger",
    "attribution": "ledger",
    "same": "same",
    "report": "sources",
    "organisation": "sources",
    "import": "importing",
    "load": "importing",
    "gazetteer": "gazetteer",
    "place": "places",
    "serve": "serve",
    "token": "tokens",
    "db": "database",
}
"""The commands in the order of the help, and the module of ``incidents.cli`` that registers each."""


class AtlasCommand(TyperCommand):
    """A command whose help shows its example as it can be pasted, and its arguments without braces."""

    def __init__(self, name: str | None, **attributes: Any) -> None:
        super().__init__(name, **attributes)
        self.help = with_example(self.help or "")

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """The parts of the usage line: ``INCIDENT``, not ``{INCIDENT}``, which looks like something to type."""
        return [re.sub(r"^\{(.*)\}", r"\1", piece) for piece in super().collect_usage_pieces(ctx)]


class AtlasGroup(TyperGroup):
    """The root: loads a command's module when it is asked for, and ends every error without a traceback.

    The modules of all commands together take a second to import, most of it SQLAlchemy, NumPy and Shapely.
    """

    def list_commands(self, _ctx: Any) -> list[str]:
        """The names of the commands, in the order of the help."""
        return list(PARTS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command ``cmd_name``; an unknown one loads all of them, so that a like name can be suggested."""
        for part in [PARTS[cmd_name]] if cmd_name in PARTS else dict.fromkeys(PARTS.values()):
            if cmd_name not in self.commands:
                self.commands.update(_commands_of(part))
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; turn this product's errors into its exit codes."""
        # Not at the top: main() has to be able to say that another package named db hides this product's.
        from db.cells import visible
        from db.errors import AtlasError

        try:
            return super().invoke(ctx)
        except AtlasError as error:
            typer.echo(visible(str(error)), err=True)
            raise typer.Exit(error.exit_code) from error
        except KeyboardInterrupt as error:
            typer.echo("Interrupted; what was not finished was not kept.", err=True)
            raise typer.Exit(INTERRUPTED) from error
        except BrokenPipeError as error:
            # The reader (head, less) has seen enough.
            _drop_output()
            raise typer.Exit(0) from error
        except OSError as error:
            # A full disk behind standard output, mostly: files of our own have errors of their own.
            _drop_output()
            typer.echo(f"[system_error] The system reports: {error}.", err=True)
            raise typer.Exit(RESOURCE) from error


def _drop_output() -> None:
    """Send what is still buffered nowhere; Python would complain when it flushes at exit."""
    with suppress(OSError):  # nothing to redirect where standard output is no file (a test)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@cache
def _commands_of(part: str) -> dict[str, Any]:
    """The commands that a module of ``incidents.cli`` registers, by name.

    Kept: Typer reads the types and help texts of all of them anew each time, and tests run a thousand commands.
    """
    app = new_app("")
    import_module(f"incidents.cli.{part}").register(app)
    return dict(typer.main.get_group(app).commands)


def new_app(help_text: str, *, root: bool = False) -> typer.Typer:
    """A command group with this product's manners."""
    return typer.Typer(
        help=help_text,
        cls=AtlasGroup if root else TyperGroup,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=root,
    )


def with_example(text: str) -> str:
    r"""A help text whose example keeps its line breaks, as a shell reads them.

    >>> with_example("Do it.\n\nExample: incidents do --why\n\"a reason\"").splitlines()[-1]
    'Example: incidents do --why "a reason"'
    """
    before, found, example = text.partition(EXAMPLE)
    if found == "":
        return text
    # A line of \b tells Click to leave the paragraph as it is.
    return f"{before}\b\n{EXAMPLE} {_folded(' '.join(example.split()))}"


def _folded(command: str) -> str:
    """``command`` in lines of at most :data:`WIDTH`, broken before options, each but the last ending in a backslash."""
    lines = [""]
    for piece in re.split(r" (?=--?[a-z])", command):
        first = len(lines) == 1
        room = WIDTH - len(EXAMPLE) if first else WIDTH - 4
        if lines[-1] != "" and len(lines[-1]) + 1 + len(piece) > room:
            lines.append("")
        lines[-1] = f"{lines[-1]} {piece}".strip()
    return " \\\n    ".join(lines)
